// Finding and reading the files of recorded traces. Whatever cannot be used is an InputError with a sentence.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The input, not the implementation, is at fault. */
export class InputError extends Error {}

const ENDINGS = ['.jsonl', '.jsonl.gz', '.json'];

/** The files that the arguments name: a file as it is, a folder by all files of a known ending below it, in name order. */
export function tracesIn(argument: string): string[] {
  const found = stat(argument);
  if (found.isFile()) return [argument];
  const names = fs.readdirSync(argument, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => ENDINGS.some((ending) => name.endsWith(ending))).sort();
  if (files.length === 0) throw new InputError(`${argument}: no ${ENDINGS.join(', ')} file in this folder`);
  return files.map((name) => path.join(argument, name));
}

function stat(argument: string): fs.Stats {
  try {
    return fs.statSync(argument);
  } catch (error) {
    throw new InputError(`${argument}: ${(error as Error).message}`);
  }
}

const GZIP_MAGIC = 0x1f8b;

/** The text of a file, unpacked if it is gzipped, whatever it is called. */
export function readText(file: string): string {
  try {
    const bytes = fs.readFileSync(file);
    const packed = bytes.length > 1 && bytes.readUInt16BE(0) === GZIP_MAGIC;
    return (packed ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message}`);
  }
}
