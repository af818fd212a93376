// Cuts a text into tokens, a piece at a time so that no text, however long or broken, costs more memory than its budget.

import { createTokenInstance, type IToken, Lexer } from 'chevrotain';
import { MAX_LINE_LENGTH, MAX_TOKENS } from './limits.ts';
import { idOf, LineTooLong, lexedTokens, UnclosedComment } from './tokens.ts';

/** Length of a piece in UTF-16 code units; a piece goes on to the end of its last line. */
const PIECE = 1024 * 1024;
const UNCLOSED_COMMENT = idOf(UnclosedComment);

let lexer: Lexer | undefined;

export interface Lexed {
  readonly tokens: IToken[];
  /** How much of the text was read; less than its length when there are more than MAX_TOKENS tokens. */
  readonly readTo: number;
}

/** The tokens of a text, comments and blanks left out. Every character is in a token or in what is left out. */
export function lex(text: string): Lexed {
  lexer ??= new Lexer([...lexedTokens], {
    positionTracking: 'onlyOffset',
    ensureOptimizations: true,
    skipValidations: true,
  });
  if (text.length <= MAX_LINE_LENGTH) return { tokens: lexer.tokenize(text).tokens, readTo: text.length };
  const tokens: IToken[] = [];
  let at = 0;
  while (at < text.length && tokens.length < MAX_TOKENS) at = addPiece(lexer, text, at, tokens);
  return { tokens, readTo: at };
}

/** Adds the tokens of the piece that begins at `from`; returns where the next one begins. */
function addPiece(lexer: Lexer, text: string, from: number, into: IToken[]): number {
  const lineEnd = lineEndAfter(text, Math.min(from + PIECE, text.length));
  const end = Math.min(lineEnd, from + PIECE + MAX_LINE_LENGTH);
  const { tokens } = lexer.tokenize(text.slice(from, end));
  for (const token of tokens) {
    token.startOffset += from;
    into.push(token);
  }
  const last = tokens.at(-1);
  if (last?.tokenTypeIdx === UNCLOSED_COMMENT) {
    const close = text.indexOf('*/', last.startOffset + 2);
    if (close < 0) return text.length;
    into.pop();
    return close + 2;
  }
  if (end < lineEnd)
    into.push(createTokenInstance(LineTooLong, text.slice(end, end + 1), end, end, NaN, NaN, NaN, NaN));
  return lineEnd;
}

function lineEndAfter(text: string, from: number): number {
  const found = /[\r\n]/g;
  found.lastIndex = from;
  return found.exec(text)?.index ?? text.length;
}
