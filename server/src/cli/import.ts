// `cocoscn import`: recordings of what an RMM was asked and answered, as scenarios on standard output or in files.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ImportError, isLog, scenarioOf, scenarioOfLog, sequenceNamed, sequencesOf } from '../import/index.ts';
import { EXIT, type Exit, guarded } from './input.ts';
import { print } from './output.ts';

export interface ImportOptions {
  readonly sequence?: string;
  readonly all?: true;
  /** A file, or with `all` a folder. */
  readonly output?: string;
}

/** Longest recording, in bytes, unpacked. */
const MOST_BYTES = 512 * 1024 * 1024;
const STDIN = 0;
const GZIP_MAGIC = 0x1f8b;

const tell = (message: string) => console.error(`cocoscn: ${message}`);

export function importRecording(file: string, options: ImportOptions): Exit {
  return guarded(file, () => attempt(file, options));
}

function attempt(file: string, options: ImportOptions): Exit {
  try {
    const text = readRecording(file);
    if (/^\s*\{/.test(text)) importTrace(file, text, options);
    else importLog(file, text, options);
    return EXIT.good;
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    tell(`${file} ${error.message}`);
    return EXIT.unusable;
  }
}

function importTrace(file: string, text: string, { sequence, all, output }: ImportOptions): void {
  const origin = nameOf(file);
  if (!all) return deliver(scenarioOf(sequenceNamed(text, sequence), origin), output);
  if (output === undefined) throw new ImportError('has many sequences: --all needs a folder for them, named with -o');
  let count = 0;
  make(output, () => fs.mkdirSync(output, { recursive: true }));
  for (const one of sequencesOf(text)) {
    deliver(scenarioOf(one, origin), path.join(output, `${one.id.replace(/[^\w.-]/g, '_')}.cocoscn`));
    count++;
  }
  tell(`${count} scenarios written to ${output}`);
}

function importLog(file: string, text: string, { sequence, all, output }: ImportOptions): void {
  if (!isLog(text)) {
    throw new ImportError(
      'is no recording that is known: neither an RMM log (SMC_RMI_DATA_CREATE … > RMI_SUCCESS) nor a trace (JSON lines)',
    );
  }
  if (sequence !== undefined || all) throw new ImportError('is an RMM log, which has no sequences');
  const { text: scenario, calls, others, unusable, agreeing } = scenarioOfLog(text, nameOf(file));
  deliver(scenario, output);
  for (const why of unusable) tell(`${file}: left out ${why}`);
  tell(
    `${file}: ${counted(calls, 'call')}, of which the model answers ${agreeing} as the log does; ${counted(others, 'other line')} skipped`,
  );
}

const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

const nameOf = (file: string) => (file === '-' ? 'standard input' : path.basename(file));

function deliver(scenario: string, output: string | undefined): void {
  if (output === undefined) print(scenario);
  else make(output, () => fs.writeFileSync(output, scenario));
}

function make(output: string, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    throw new ImportError(`cannot be imported: ${output} cannot be written: ${reasonOf(error)}`);
  }
}

function readRecording(file: string): string {
  try {
    const bytes = fs.readFileSync(file === '-' ? STDIN : file);
    const packed = bytes.length > 1 && bytes.readUInt16BE(0) === GZIP_MAGIC;
    const plain = packed ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes;
    if (plain.length > MOST_BYTES) throw new ImportError(`is longer than ${MOST_BYTES / 1024 / 1024} MB`);
    return plain.toString('utf8');
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(`cannot be read: ${reasonOf(error)}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a file stands where a folder should be in its path',
  ERR_BUFFER_TOO_LARGE: `unpacked it is longer than ${MOST_BYTES / 1024 / 1024} MB`,
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
