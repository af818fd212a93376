// What a damaged line still says: the names it binds, so that later lines find them, and the bracket it leaves open.

import type { IToken } from 'chevrotain';
import type { Block, Expr, Name, OpStmt, Span, Stmt, Talk } from './ast.ts';
import { endOf, nameOf } from './expressions.ts';
import { atLineEnd } from './messages.ts';
import * as t from './tokens.ts';

const { idOf } = t;
const CLOSERS: ReadonlyMap<number, number> = new Map([
  [idOf(t.LParen), idOf(t.RParen)],
  [idOf(t.LBracket), idOf(t.RBracket)],
  [idOf(t.LBrace), idOf(t.RBrace)],
]);

/** The tokens of the line that begins with `first`, its end left out. `tokens` are in the order of the text. */
export function lineOf(tokens: readonly IToken[], first: IToken): IToken[] {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    // Behind the last one the parser keeps tokens for the end of the file, which stand nowhere.
    const start = tokens[middle]?.startOffset ?? -1;
    if (start >= 0 && start < first.startOffset) low = middle + 1;
    else high = middle;
  }
  const line: IToken[] = [];
  for (let i = low; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined || (i > low && atLineEnd(token))) break;
    line.push(token);
  }
  return line;
}

/** The bracket that the line opens and never closes; undefined when all are closed. */
export function openBracket(line: readonly IToken[]): IToken | undefined {
  const open: IToken[] = [];
  for (const token of line) {
    if (CLOSERS.has(token.tokenTypeIdx)) open.push(token);
    const match = open.findLastIndex((bracket) => CLOSERS.get(bracket.tokenTypeIdx) === token.tokenTypeIdx);
    if (match < 0) continue;
    // A closing bracket that passes over others leaves those open for good.
    if (match < open.length - 1) return open.at(-1);
    open.pop();
  }
  return open.at(-1);
}

/** A name without text: what stands there could not be read, and the problem is reported already. */
export function missing(at: number): Name {
  return { kind: 'name', start: at, end: at, text: '' };
}

/** The statement that a damaged line was meant to be, as far as it can be told; `block` and `talk` are what followed it. */
export function salvage(line: readonly IToken[], block: Block | undefined, talk: readonly Talk[]): Stmt | undefined {
  const [first, second] = line;
  const last = line.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const lineEnd = endOf(last);
  const span = { start: first.startOffset, end: block?.end ?? talk.at(-1)?.end ?? lineEnd };
  const body = block ?? { start: lineEnd, end: lineEnd, body: [] };
  const hole: Expr = missing(lineEnd);
  const name = second?.tokenTypeIdx === idOf(t.Name) ? nameOf(second) : undefined;
  switch (first.tokenTypeIdx) {
    case idOf(t.Let):
      return name && { kind: 'let', ...span, name, value: hole };
    case idOf(t.Def):
      return name && { kind: 'def', ...span, name, params: line.slice(2).filter(isName).map(nameOf), block: body };
    case idOf(t.Actor):
      return name && { kind: 'actor', ...span, name, block: body };
    case idOf(t.For):
      return (
        name && {
          kind: 'for',
          ...span,
          head: { start: span.start, end: body.start },
          name,
          range: hole,
          step: undefined,
          block: body,
        }
      );
    case idOf(t.Name):
    case idOf(t.Label):
    case idOf(t.Binder):
      return block === undefined ? damagedOp(line, span, talk) : { kind: 'when', ...span, condition: hole, block };
    default:
      return block && { kind: 'when', ...span, condition: hole, block };
  }
}

function isName(token: IToken): boolean {
  return token.tokenTypeIdx === idOf(t.Name);
}

function damagedOp(line: readonly IToken[], span: Span, talk: readonly Talk[]): OpStmt {
  const label = line.find((token) => token.tokenTypeIdx === idOf(t.Label));
  const binder = line.find((token) => token.tokenTypeIdx === idOf(t.Binder));
  const before = binder ?? label;
  const callee = missing(before === undefined ? span.start : endOf(before));
  return {
    kind: 'op',
    ...span,
    head: { start: span.start, end: callee.end },
    label: label && nameOf(label),
    binds: binder && nameOf(binder),
    call: { kind: 'call', start: callee.start, end: callee.end, callee, args: [] },
    results: undefined,
    talk,
  };
}
