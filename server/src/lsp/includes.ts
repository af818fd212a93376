// Files that a scenario includes: from open documents first, then from the disk, never from outside the scenario's folder.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MAX_FILE_LENGTH } from '../../../grammar/src/index.ts';
import type { Resolver } from '../scenario/index.ts';

/** The path of a document on a disk, `undefined` for one that has none. */
export function diskPath(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}

/** Clients write the same address in several ways (`%3A`, upper case); documents are compared by this. */
export const keyOf = (uri: string): string => diskPath(uri) ?? uri;

/** The path by which a scenario names itself in messages. */
export const baseName = (uri: string): string => path.posix.basename(diskPath(uri) ?? uri) || uri;

/** The address of a file that the scenario at `uri` includes; `relative` is a path below the scenario's folder. */
export function includedUri(uri: string, relative: string): string {
  const file = diskPath(uri);
  if (file !== undefined) return pathToFileURL(path.join(path.dirname(file), relative)).href;
  return uri.slice(0, uri.lastIndexOf('/') + 1) + relative.split('/').map(encodeURIComponent).join('/');
}

/** Reads what the scenario at `uri` includes. `openText` answers for open documents, `asked` hears of every file. */
export function includesOf(
  uri: string,
  openText: (key: string) => string | undefined,
  asked: (key: string) => void,
): Resolver {
  return (relative) => {
    const key = keyOf(includedUri(uri, relative));
    asked(key);
    const text = openText(key);
    if (text !== undefined) return { text };
    const file = diskPath(uri);
    if (file === undefined)
      return { problem: 'this scenario is not a file on a disk, and no open document has that name' };
    return readBelow(path.dirname(file), relative);
  };
}

/** Reads a file if it is one, lies below `folder` even where links lead elsewhere, and is not too long. */
export function readBelow(folder: string, relative: string): ReturnType<Resolver> {
  try {
    const real = fs.realpathSync(path.join(folder, relative));
    if (!real.startsWith(withSeparator(fs.realpathSync(folder)))) {
      return { problem: 'it is a link to a file outside the folder of the scenario' };
    }
    const { size, ...stat } = statOf(real);
    if (!stat.isFile) return { problem: 'it is not a file' };
    if (size > MAX_FILE_LENGTH) return { problem: `it is longer than ${MAX_FILE_LENGTH / 1024 / 1024} MB` };
    return { text: fs.readFileSync(real, 'utf8') };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

const withSeparator = (folder: string) => (folder.endsWith(path.sep) ? folder : folder + path.sep);

function statOf(file: string): { isFile: boolean; size: number } {
  const stat = fs.statSync(file);
  return { isFile: stat.isFile(), size: stat.size };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its links go in circles',
  EISDIR: 'it is a folder',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
