// Collects the licences of the packages that ended up in the bundles, as those licences ask.

import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Writes one text with the licence of every package that `inputs` names.
 * @param inputs paths relative to `root`, as esbuild's metafile lists them
 */
export function writeNotices(root: string, inputs: readonly string[], outfile: string): void {
  const packages = [...new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined))].sort();
  const parts = packages.map((folder) => {
    const { name, version, license } = manifestOf(path.join(root, folder));
    return `${name} ${version} (${license})\n\n${licenceText(path.join(root, folder)).trim()}\n`;
  });
  fs.mkdirSync(path.dirname(outfile), { recursive: true });
  fs.writeFileSync(outfile, parts.join(`\n${'-'.repeat(80)}\n\n`));
}

function packageFolder(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

function manifestOf(folder: string): { name: string; version: string; license: string } {
  const manifest: unknown = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const text = (key: string): string => {
    const value = typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, key) : undefined;
    if (typeof value !== 'string') throw new Error(`${folder}/package.json has no ${key}`);
    return value;
  };
  return { name: text('name'), version: text('version'), license: text('license') };
}

function licenceText(folder: string): string {
  const file = fs.readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file === undefined
    ? '(the package carries no licence text)'
    : fs.readFileSync(path.join(folder, file), 'utf8');
}
