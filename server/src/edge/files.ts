// Scenarios and what they include, read from the file system: bounded, and never outside the scenario's folder.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { MAX_FILE_LENGTH } from '../../../grammar/src/index.ts';
import type { Resolver } from '../scenario/index.ts';

/** A scenario as the user named it: `folder` + `name` is the path, as it is printed before a line number. */
export interface ScenarioFile {
  readonly name: string;
  /** The folder as written, with a slash at the end; empty for the current one. */
  readonly folder: string;
  readonly text: string;
  readonly resolver: Resolver;
}

/** Why a file cannot be read, as the end of the sentence `PATH …`: `is a folder, not a file`. */
export interface Unreadable {
  readonly problem: string;
}

/** The name that a scenario from standard input has in messages. */
export const STDIN_NAME = '<stdin>';

/** Longest file that is read, in bytes. */
export const MAX_FILE_BYTES: number = MAX_FILE_LENGTH;

/** Reads a scenario by its path. Never throws. */
export function readScenario(file: string): ScenarioFile | Unreadable {
  const read = readText(() => fs.openSync(file, 'r'));
  if ('problem' in read) return read;
  const name = path.basename(file);
  const folder = file.slice(0, file.length - name.length).replaceAll('\\', '/');
  return { name, folder, text: read.text, resolver: fileResolver(path.dirname(file)) };
}

/** Reads a scenario from standard input; it includes from the current folder. */
export function readStandardInput(): ScenarioFile | Unreadable {
  const read = readText(() => 0);
  return 'problem' in read ? read : { name: STDIN_NAME, folder: '', text: read.text, resolver: fileResolver('.') };
}

/**
 * Reads included files from below `folder`, symbolic links followed first. `opened` gives the text of a file that an
 * editor holds, by its real path, before the disk is asked.
 */
export function fileResolver(folder: string, opened: (file: string) => string | undefined = () => undefined): Resolver {
  return (include) => {
    try {
      const root = fs.realpathSync(folder);
      const file = fs.realpathSync(path.join(root, include));
      if (!isBelow(root, file)) return { problem: 'it lies outside the folder of the scenario' };
      const text = opened(file);
      if (text !== undefined) return { text };
      // A pipe or a device would keep its reader waiting; the include of a stranger's file must not.
      const stat = fs.statSync(file);
      if (!stat.isFile() && !stat.isDirectory()) return { problem: 'it is not a regular file' };
      const read = readText(() => fs.openSync(file, 'r'));
      return 'problem' in read ? { problem: `it ${read.problem}` } : read;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return { problem: code === 'ENOENT' ? 'there is no such file' : `it ${reasonOf(error)}` };
    }
  };
}

/** Whether a real path lies below a real folder. */
export function isBelow(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** The text of an opened file, or the reason why it has none. */
function readText(open: () => number): { readonly text: string } | Unreadable {
  let descriptor: number | undefined;
  try {
    descriptor = open();
    const stat = fs.fstatSync(descriptor);
    if (stat.isDirectory()) return { problem: 'is a folder, not a file' };
    if (stat.size > MAX_FILE_BYTES) return { problem: `${TOO_LONG} (it has ${megabytes(stat.size)})` };
    return decode(readBytes(descriptor));
  } catch (error) {
    return { problem: reasonOf(error) };
  } finally {
    if (descriptor !== undefined && descriptor !== 0) fs.closeSync(descriptor);
  }
}

/** All bytes up to one above the limit: enough to see that there are too many, however long a pipe goes on. */
function readBytes(descriptor: number): Buffer {
  const chunks: Buffer[] = [];
  for (let length = 0; length <= MAX_FILE_BYTES; ) {
    const chunk = Buffer.allocUnsafe(64 * 1024);
    const count = fs.readSync(descriptor, chunk);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer): { readonly text: string } | Unreadable {
  if (bytes.length > MAX_FILE_BYTES) return { problem: TOO_LONG };
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { problem: `is a binary file, not a scenario: byte ${nul} is zero` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'is not text in UTF-8' };
  }
}

const megabytes = (bytes: number) => `${Math.floor(bytes / 1024 / 1024)} MB`;
const TOO_LONG = `is longer than ${megabytes(MAX_FILE_BYTES)}, the most that a scenario may have`;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read: permission denied',
  EPERM: 'may not be read: operation not permitted',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'has a file where a folder should be in its path',
  ELOOP: 'is a symbolic link that leads back to itself',
  ENAMETOOLONG: 'has a name longer than the system allows',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? `cannot be read: ${message}`;
}
