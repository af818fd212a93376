// The trace of a run as lines of text, as `cocoscn run` prints it.
import type { Program, Site } from '../scenario/index.ts';
import { type Paint, PLAIN } from './text.ts';
import { changeText, type TraceEntry } from './trace.ts';

/** The title, and below it the file and the models and platforms that it is run with. */
export function headerText(program: Program, folder = '', paint: Paint = PLAIN): string {
  const { title, main, models, platforms } = program;
  const platform = platforms.length > 0 ? `, platform ${platforms.join(', ')}` : '';
  const line = `${folder}${main.path}, model ${models.join(', ')}${platform}`;
  return `${paint('bold', title)}\n${paint('dim', line)}\n`;
}

/** Width of the columns before the text: the step and the line. */
const STEP_WIDTH = 4;
const LINE_WIDTH = 5;
const DETAIL = ' '.repeat(STEP_WIDTH + LINE_WIDTH + 4);

/** One statement: its line, then indented what it changed, why it failed, and what is wrong with it. */
export function entryText(entry: TraceEntry, program: Program, paint: Paint = PLAIN): string {
  const { step, site, text, changes, because, ended, problems } = entry;
  const number = String(step ?? '').padStart(STEP_WIDTH);
  const line = String(site.file.line(site.span.start)).padStart(LINE_WIDTH);
  const indent = '  '.repeat(depth(site));
  const details = [
    ...changes.map(changeText),
    ...(because === undefined ? [] : [paint('dim', `because ${because}`)]),
    ...(ended === undefined ? [] : [`then ${ended}`]),
    ...problems.map(({ code, severity, message }) =>
      paint(severity === 'error' ? 'bad' : 'warning', `${severity} ${code}: ${message}`),
    ),
  ];
  const head = `${number}${paint('dim', line)}  ${indent}${text}${resultText(entry, paint)}${placeText(site, program)}`;
  return [head, ...details.map((detail) => `${DETAIL}${indent}${detail}`)].map((row) => `${row}\n`).join('');
}

function resultText({ result, outputs, because }: TraceEntry, paint: Paint): string {
  if (result === undefined) return '';
  const fields = outputs.map(({ name, text }) => `${name}: ${text}`).join(', ');
  return ` = ${paint(because === undefined ? 'good' : 'warning', result)}${fields && ` {${fields}}`}`;
}

/** How many sequences a statement stands in. */
function depth(site: Site): number {
  let count = 0;
  for (let { caller } = site; caller; caller = caller.site.caller) count++;
  return count;
}

/** The file of a statement that was included: its line is a line of that file. */
const placeText = ({ file }: Site, { main }: Program) => (file === main ? '' : `    // ${file.path}`);

export const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

/** The last line: `12 steps, all expectations hold`. */
export function summaryText(steps: number, errors: number, warnings: number, paint: Paint = PLAIN): string {
  const more = warnings > 0 ? `, ${paint('warning', count(warnings, 'warning'))}` : '';
  const verdict = errors > 0 ? paint('bad', count(errors, 'problem')) : paint('good', 'all expectations hold');
  return `${count(steps, 'step')}, ${verdict}${more}`;
}
