// Parsing after an edit: the statements around it stay, and only what stands between them is read again.
import type { File, Parsed, Span, Stmt, SyntaxProblem } from './ast.ts';
import { MAX_PROBLEMS, MAX_TOKENS } from './limits.ts';
import { listed } from './listed.ts';

/** The lines between two offsets, read. */
export interface Part {
  readonly statements: readonly Stmt[];
  readonly problems: readonly SyntaxProblem[];
}

/**
 * The tree of `text`, made of the one that was there before an edit. `undefined` where that cannot be told apart: the head of
 * the file was edited, or something is left open that reaches further than its line.
 */
export function reparse(
  text: string,
  before: Parsed,
  readPart: (text: string, start: number, end: number) => Part | undefined,
): Parsed | undefined {
  // A text has no more tokens than characters.
  if (!before.separable || text.length > MAX_TOKENS) return undefined;
  const { file } = before;
  const edit = editBetween(before.text, text);
  const first = firstTouched(file.statements, text, edit.start);
  if (first === 0 || headEnd(file) > edit.start) return undefined;
  const last = firstBehind(file.statements, before.text, edit.end);
  const by = text.length - before.text.length;
  const start = file.statements[first]?.start ?? before.text.length;
  const oldEnd = file.statements[last]?.start ?? before.text.length;
  const part = readPart(text, start, oldEnd + by);
  if (part === undefined) return undefined;
  const problems = [
    ...before.problems.filter((problem) => problem.end <= start),
    ...part.problems,
    ...before.problems.filter((problem) => problem.start >= oldEnd).map((problem) => moved(problem, by)),
  ];
  if (before.problems.length >= MAX_PROBLEMS || problems.length >= MAX_PROBLEMS) return undefined;
  const behind = file.statements.slice(last);
  if (by !== 0) for (const statement of behind) move(statement, by);
  return {
    text,
    file: {
      ...file,
      end: text.length,
      statements: [...file.statements.slice(0, first), ...part.statements, ...behind],
    },
    problems: listed(text, problems),
    separable: true,
    kept: { before: first, after: behind.length },
  };
}

/** Characters that are compared at once where two texts are alike. */
const BLOCK = 4096;

/** Where two texts differ: the same up to `start`; from `end` in the old text on the same to the end. */
function editBetween(old: string, text: string): Span {
  const shorter = Math.min(old.length, text.length);
  let start = 0;
  while (start + BLOCK <= shorter && old.slice(start, start + BLOCK) === text.slice(start, start + BLOCK))
    start += BLOCK;
  while (start < shorter && old.charCodeAt(start) === text.charCodeAt(start)) start++;
  const by = text.length - old.length;
  const least = old.length - shorter + start;
  let end = old.length;
  while (end - BLOCK >= least && old.slice(end - BLOCK, end) === text.slice(end - BLOCK + by, end + by)) end -= BLOCK;
  while (end > least && old.charCodeAt(end - 1) === text.charCodeAt(end - 1 + by)) end--;
  return { start, end };
}

/**
 * The first statement that must be read again: the one that was touched, or the one before where that may have become a part
 * of it. 0 if there is none.
 */
function firstTouched(statements: readonly Stmt[], text: string, editStart: number): number {
  const reached = statements.findIndex(({ end }) => end >= editStart);
  const touched = statements[reached];
  if (touched && touched.start < editStart && isLetter(text.charCodeAt(touched.start))) return reached;
  return Math.max(0, (reached < 0 ? statements.length : reached) - 1);
}

/** The first statement on a line of its own behind the edit; one that could not begin anything else. */
function firstBehind(statements: readonly Stmt[], text: string, editEnd: number): number {
  const found = statements.findIndex(
    ({ start }) => start > editEnd && text.lastIndexOf('\n', start - 1) >= editEnd && isLetter(text.charCodeAt(start)),
  );
  return found < 0 ? statements.length : found;
}

const isLetter = (code: number) => (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;

/** Where the head of a file ends: its first statement, and a header that stands behind it by mistake. */
function headEnd({ headers, statements }: File): number {
  return Math.max(statements[0]?.end ?? Infinity, ...headers.map(({ end }) => end));
}

const moved = (problem: SyntaxProblem, by: number): SyntaxProblem => ({
  ...problem,
  start: problem.start + by,
  end: problem.end + by,
});

type Place = { -readonly [K in keyof Span]: Span[K] };

/** All that has a place in a statement. It is asked for again at each edit before it, so it is kept. */
const places = new WeakMap<Stmt, Place[]>();

function move(statement: Stmt, by: number): void {
  let all = places.get(statement);
  if (all === undefined) {
    all = [...placesIn(statement, new Set())];
    places.set(statement, all);
  }
  for (const place of all) {
    place.start += by;
    place.end += by;
  }
}

function placesIn(node: object, found: Set<Place>): Set<Place> {
  if ('start' in node) {
    const place = node as Place;
    if (found.has(place)) return found;
    found.add(place);
  }
  for (const child of Object.values(node)) if (typeof child === 'object' && child !== null) placesIn(child, found);
  return found;
}
