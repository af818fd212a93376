// What can be folded: blocks, conversations below a call, records and calls over several lines, runs of comment lines.
import type { File, Span } from '../../../grammar/src/index.ts';
import { statementsOf } from './syntax-path.ts';

export interface Fold extends Span {
  readonly kind: 'region' | 'comment';
}

/** Ranges that may stand on one line; the edge drops those. */
export function folds(file: File, text: string): Fold[] {
  const found: Fold[] = [];
  for (const statement of statementsOf(file.statements)) {
    const { start, end } = statement;
    const last = statement.kind === 'op' ? Math.max(end, statement.talk.at(-1)?.end ?? 0) : end;
    if (text.slice(start, last).includes('\n')) found.push({ start, end: last, kind: 'region' });
  }
  return [...found, ...comments(text)].sort((a, b) => a.start - b.start);
}

/** Several lines that begin with a comment, or a block comment. */
const COMMENTS = /^[ \t]*\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)+|\/\*[\s\S]*?\*\//gm;

function comments(text: string): Fold[] {
  return [...text.matchAll(COMMENTS)]
    .filter(([match]) => match.includes('\n'))
    .map(({ 0: match, index }) => ({ start: index, end: index + match.length, kind: 'comment' }));
}
