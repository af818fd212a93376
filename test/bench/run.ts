// `npm run bench`: measures every figure of this folder's modules and prints a table, or JSON with --json.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Figure, isReached } from './figure.ts';

const OWN = new Set(['run.ts', 'figure.ts']);
/** In the environment of the process that measures one module: its file. */
const ONE = 'COCOSCN_BENCH_MODULE';

const asJson = process.argv.includes('--json');
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const modules = fs
  .readdirSync(import.meta.dirname)
  .filter(
    (name) => name.endsWith('.ts') && !OWN.has(name) && (chosen.length === 0 || chosen.includes(name.slice(0, -3))),
  )
  .sort();

const figures: Figure[] = [];
if (process.env[ONE] !== undefined) {
  const module: { measure: () => Promise<Figure[]> } = await import(path.join(import.meta.dirname, process.env[ONE]));
  figures.push(...(await module.measure()));
} else {
  // Each in a process of its own: what one left behind, in memory and in compiled code, is no part of another's figure.
  for (const name of modules) {
    const { stdout, status } = spawnSync(process.execPath, [import.meta.filename, '--json'], {
      env: { ...process.env, [ONE]: name },
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    });
    if (status !== 0) process.exit(status ?? 1);
    const found: Figure[] = JSON.parse(stdout);
    if (!asJson) for (const figure of found) console.log(row(figure));
    figures.push(...found);
  }
}

if (asJson) console.log(JSON.stringify(figures, null, 2));
process.exitCode = figures.length === 0 ? 2 : 0;

function row(figure: Figure): string {
  const { name, value, unit, target, atMost } = figure;
  const number = (n: number) => n.toLocaleString('en', { maximumFractionDigits: n < 100 ? 2 : 0 });
  const wanted = target === undefined ? '' : `${atMost ? 'at most' : 'at least'} ${number(target)}`;
  return `${isReached(figure) ? ' ' : '!'} ${name.padEnd(54)} ${number(value).padStart(14)} ${unit.padEnd(12)} ${wanted}`;
}
