// The project's own source files, and what each one imports.
import * as fs from 'node:fs';
import * as path from 'node:path';

export const ROOT: string = path.join(import.meta.dirname, '../..');
const FOLDERS = ['grammar', 'server', 'client', 'scripts', 'test'];

/** Paths below the root, with `/`, of every source file. */
export function sourceFiles(extensions: RegExp = /\.(ts|tsx)$/): string[] {
  return FOLDERS.flatMap((folder) =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')))
      .filter((name) => extensions.test(name)),
  ).sort();
}

export const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');

export interface Import {
  readonly file: string;
  readonly line: number;
  /** A path below the root, or the name of a package: `node:fs`, `@vscode/test-electron`. */
  readonly target: string;
  readonly isType: boolean;
}

const IMPORT =
  /^(?:import|export)\b(?<what>[^'";]*?)\bfrom\s*'(?<from>[^']+)'|^import\s*'(?<bare>[^']+)'|\bimport\(\s*'(?<lazy>[^']+)'/gm;

export function importsOf(file: string): Import[] {
  const text = read(file);
  return [...text.matchAll(IMPORT)].map((match) => {
    const { what = '', from, bare, lazy } = match.groups ?? {};
    const written = from ?? bare ?? lazy ?? '';
    const target = written.startsWith('.') ? path.posix.join(path.posix.dirname(file), written) : written;
    const line = text.slice(0, match.index).split('\n').length;
    return { file, line, target, isType: /^\s*type\b/.test(what) };
  });
}
