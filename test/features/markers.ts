// Scenarios with marks in them: `$0` where the cursor stands, `// ^^^ CCS301 words` below the place of a diagnostic.
import { type Analysis, analyse, finish } from '../../server/src/features/analysis.ts';
import { type Diagnostic, diagnosticsOf } from '../../server/src/features/diagnostics.ts';
import { ownSubject, type Subject } from '../../server/src/features/subject.ts';
import { details } from '../../server/src/report/text.ts';
import type { Resolver } from '../../server/src/scenario/index.ts';

export interface AtCursor {
  readonly text: string;
  readonly offset: number;
}

/** Takes the `$0` out of a text. */
export function atCursor(marked: string): AtCursor {
  const offset = marked.indexOf('$0');
  if (offset < 0) throw new Error('no $0 in the text');
  return { text: marked.slice(0, offset) + marked.slice(offset + 2), offset };
}

/** Included files by their paths; others are not there. */
export const filesOf =
  (files: Readonly<Record<string, string>>): Resolver =>
  (path) => {
    const text = files[path];
    return text === undefined ? { problem: 'there is no such file' } : { text };
  };

/** A scenario, compiled and run to its end. */
export function checked(text: string, files: Readonly<Record<string, string>> = {}): Analysis {
  const analysis = analyse('a.cocoscn', text, filesOf(files));
  finish(analysis);
  return analysis;
}

/** The scenario around `$0`, run to its end, and the cursor's place. */
export function subjectAt(
  marked: string,
  files: Readonly<Record<string, string>> = {},
): { subject: Subject } & AtCursor {
  const { text, offset } = atCursor(marked);
  return { subject: ownSubject(checked(text, files)), text, offset };
}

/** Everything that an editor shows for a diagnostic. */
export const messageOf = (diagnostic: Diagnostic): string => [diagnostic.message, ...details(diagnostic)].join('\n');

/** `// ^^^ CODE words`: the carets stand under the place; `//- CODE words` stands for one in the first columns. */
const MARK = /^(\s*\/\/\s*)(\^+|-)\s*(CCS\d+)\s*(.*)$/;

interface Mark {
  /** Line and columns as in `5:22-33`, or `5:` for a place in the first columns. */
  readonly place: string;
  readonly code: string;
  readonly words: string;
}

function marksIn(text: string): Mark[] {
  let line = 0;
  return text.split('\n').flatMap((content, i) => {
    const found = MARK.exec(content);
    if (!found) {
      line = i + 1;
      return [];
    }
    const [, before = '', carets = '', code = '', words = ''] = found;
    const place = carets === '-' ? `${line}:` : `${line}:${before.length + 1}-${before.length + 1 + carets.length}`;
    return [{ place, code, words }];
  });
}

/**
 * The diagnostics of a marked scenario and the marks in it, both as lines `5:22-33 CCS301 words`, to be compared. A message
 * that contains the words of its mark is written as these words.
 */
export function compared(
  text: string,
  files: Readonly<Record<string, string>> = {},
): { found: string[]; marked: string[] } {
  const marks = marksIn(text);
  const analysis = checked(text, files);
  const list = diagnosticsOf(analysis, false).get(analysis.program.main) ?? [];
  const open = [...marks];
  const found = list.map((diagnostic) => {
    const message = messageOf(diagnostic);
    const places = placesOf(diagnostic);
    const mark = open.find(
      ({ place, code, words }) => places.includes(place) && code === diagnostic.code && message.includes(words),
    );
    if (!mark) return `${places[0]} ${diagnostic.code} ${message}`;
    open.splice(open.indexOf(mark), 1);
    return `${mark.place} ${mark.code} ${mark.words}`;
  });
  return { found: found.sort(), marked: marks.map(({ place, code, words }) => `${place} ${code} ${words}`).sort() };
}

function placesOf({ file, span }: Diagnostic): string[] {
  const { line, column } = file.lines.at(span.start);
  const onLine = Math.min(span.end - span.start, file.lines.lineText(line).length - column + 1);
  const carets = `${line}:${column}-${column + onLine}`;
  return column <= 3 ? [carets, `${line}:`] : [carets];
}
