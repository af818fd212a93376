// A problem as text, the same on the command line, in the editor and in the debugger.
import type { Problem } from '../scenario/index.ts';

/** The lines below the message: expected, actual, because. */
export function details({ expected, actual, because }: Pick<Problem, 'expected' | 'actual' | 'because'>): string[] {
  const lines = [
    ['expected', expected],
    ['actual', actual],
    ['because', because],
  ] as const;
  return lines.flatMap(([label, text]) => (text ? [`  ${`${label}:`.padEnd(9)} ${text}`] : []));
}

/** How a piece of text is to stand out; the command line makes colours of it. */
export type Style = 'bold' | 'dim' | 'good' | 'bad' | 'warning';
export type Paint = (style: Style, text: string) => string;

/** No colours. */
export const PLAIN: Paint = (_style, text) => text;

/** `file:line:col: error CCS301: …`, then the details. `folder` is put before the path: `samples/`. */
export function problemText(problem: Problem, folder = ''): string {
  const { line, column } = problem.file.lines.at(problem.span.start);
  const head = `${folder}${problem.file.path}:${line}:${column}: ${problem.severity} ${problem.code}: ${problem.message}`;
  return [head, ...details(problem)].join('\n');
}
