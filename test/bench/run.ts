// `npm run bench`: measures every figure of this folder's modules and prints a table, or JSON with --json.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Figure, isReached } from './figure.ts';

const OWN = new Set(['run.ts', 'figure.ts']);

const asJson = process.argv.includes('--json');
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const modules = fs
  .readdirSync(import.meta.dirname)
  .filter(
    (name) => name.endsWith('.ts') && !OWN.has(name) && (chosen.length === 0 || chosen.includes(name.slice(0, -3))),
  )
  .sort();

const figures: Figure[] = [];
for (const name of modules) {
  const module: { measure: () => Promise<Figure[]> } = await import(path.join(import.meta.dirname, name));
  figures.push(...(await module.measure()));
}

if (asJson) console.log(JSON.stringify(figures, null, 2));
else for (const figure of figures) console.log(row(figure));
process.exitCode = figures.length === 0 ? 2 : 0;

function row(figure: Figure): string {
  const { name, value, unit, target, atMost } = figure;
  const number = (n: number) => n.toLocaleString('en', { maximumFractionDigits: n < 100 ? 2 : 0 });
  const wanted = target === undefined ? '' : `${atMost ? 'at most' : 'at least'} ${number(target)}`;
  return `${isReached(figure) ? ' ' : '!'} ${name.padEnd(54)} ${number(value).padStart(14)} ${unit.padEnd(12)} ${wanted}`;
}
