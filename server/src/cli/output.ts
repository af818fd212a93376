// Standard output of the command line: written at once, in order, and without complaint when its reader has gone.
import * as fs from 'node:fs';
import * as tty from 'node:tty';
import { styleText } from 'node:util';
import { type Paint, PLAIN, type Style } from '../report/text.ts';

const STDOUT = 1;
const BUFFER = 64 * 1024;

let pending = '';

/** Adds text to standard output; `flush` writes what is left at the end. */
export function print(text: string): void {
  pending += text;
  if (pending.length >= BUFFER) flush();
}

export function flush(): void {
  const bytes = Buffer.from(pending);
  pending = '';
  for (let at = 0; at < bytes.length; ) at += writeSome(bytes, at);
}

/** Bytes written. A pipe whose reader has gone, as in `| head`, ends the program quietly. */
function writeSome(bytes: Buffer, at: number): number {
  try {
    return fs.writeSync(STDOUT, bytes, at);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') process.exit(0);
    if (code !== 'EAGAIN') throw error;
    // The reader of a non-blocking pipe is slower than we are.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}

const COLOURS: Readonly<Record<Style, Parameters<typeof styleText>[0]>> = {
  bold: 'bold',
  dim: 'dim',
  good: 'green',
  bad: 'red',
  warning: 'yellow',
};

/** Colours on a terminal, unless NO_COLOR is set to anything; see https://no-color.org. */
export function paintFor(environment: NodeJS.ProcessEnv): Paint {
  if (environment.NO_COLOR || !tty.isatty(STDOUT)) return PLAIN;
  return (style, text) => styleText(COLOURS[style], text, { validateStream: false });
}
