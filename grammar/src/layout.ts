// Lays the lexer's tokens out in lines: which newlines end a statement, and which role a word or sign has where it stands.
//
// After it every statement is one run of tokens up to a Newline, and the first token of a run says what it is, so the
// parser decides everything on the next token and finds the next statement again by looking for a Newline.

import { createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import { MAX_BRACKETS, MAX_PROBLEMS } from './limits.ts';
import * as t from './tokens.ts';

const { idOf } = t;
const NAME = idOf(t.Name);
const NEWLINE = idOf(t.Newline);
const COLON = idOf(t.Colon);
const COLON_EQUALS = idOf(t.ColonEquals);
const EQUALS = idOf(t.Equals);
const COMMA = idOf(t.Comma);
const LPAREN = idOf(t.LParen);
const RPAREN = idOf(t.RParen);
const LBRACKET = idOf(t.LBracket);
const RBRACKET = idOf(t.RBracket);
const LBRACE = idOf(t.LBrace);
const RBRACE = idOf(t.RBrace);
const NUMBER = idOf(t.NumberToken);
const STRING = idOf(t.StringToken);
const STAR = idOf(t.Star);
const MINUS = idOf(t.Minus);
const LESS = idOf(t.Less);
const GREATER = idOf(t.Greater);

/** Words at a line's start after which a bracket may stand, or is often written by mistake; others are calls then. */
const BEFORE_BRACKET: ReadonlySet<TokenType> = new Set([t.When, t.Expect, t.Verdict, t.Memory, t.For]);
const BEFORE_BLOCK: ReadonlySet<TokenType> = new Set([t.Def, t.Actor, t.For, t.When]);

const LINE_WORDS: ReadonlyMap<string, TokenType> = new Map([...t.headerWords, ...t.statementWords]);

export interface LaidOut {
  readonly tokens: IToken[];
  /** Every statement closed its brackets: none of them looked for what stands behind it. */
  readonly closed: boolean;
}

/** Gives every token its role and drops the newlines that end nothing. The tokens are changed in place. */
export function layOut(tokens: readonly IToken[], textLength: number): LaidOut {
  const layout = new Layout(tokens, textLength);
  return { tokens: layout.run(), closed: layout.closed };
}

function setRole(token: IToken, type: TokenType): void {
  token.tokenTypeIdx = idOf(type);
}

class Layout {
  private readonly tokens: readonly IToken[];
  private readonly end: IToken;
  private readonly out: IToken[] = [];
  /** Closing brackets that the line still waits for, innermost last. */
  private readonly open: number[] = [];
  private tooDeep = false;
  private at = 0;
  /** An operand stands just before: what follows joins it to another or ends it. */
  private afterOperand = false;
  /** `=` or `is` stood outside of brackets: a `{` begins a record. */
  private recordMayFollow = false;
  /** The `{` of the last record ended its line: its `}` may stand alone on one. */
  private recordEndedLine = false;
  private word: TokenType | undefined;
  /** The line before can carry `>` and `<` lines below it. */
  private talkMayFollow = false;
  private rewinds = 0;
  closed = true;

  constructor(tokens: readonly IToken[], textLength: number) {
    this.tokens = tokens;
    this.end = createTokenInstance(t.Newline, '', textLength, textLength, NaN, NaN, NaN, NaN);
  }

  run(): IToken[] {
    while (this.at < this.tokens.length) {
      if (this.typeAt(this.at) === NEWLINE) this.at++;
      else this.line();
    }
    return this.out;
  }

  private typeAt(index: number): number {
    return this.tokens[index]?.tokenTypeIdx ?? NEWLINE;
  }

  private line(): void {
    this.beginLine();
    const first = this.at;
    const firstRole = this.typeAt(first);
    const outFirst = this.out.length;
    const join = this.fill(this.tokens.length);
    if (this.open.length > 0 || this.tooDeep) this.closed = false;
    if ((this.open.length > 0 || this.tooDeep) && join >= 0 && this.rewinds < MAX_PROBLEMS) {
      // The call is never closed: it ends on its own line, and the lines it ran over are statements again.
      this.rewinds++;
      this.out.length = outFirst;
      for (let i = first; i < this.at; i++) resetRole(this.tokens[i]);
      const firstToken = this.tokens[first];
      if (firstToken !== undefined) firstToken.tokenTypeIdx = firstRole;
      this.at = first;
      this.fill(join);
    }
    this.out.push(this.tokens[this.at] ?? this.end);
    this.at++;
  }

  /**
   * Moves one statement's tokens to `out`; no newline from `stop` on is passed over.
   * Returns the first that was passed over although a statement seems to begin after it, or -1.
   */
  private fill(stop: number): number {
    const { tokens, out } = this;
    let join = -1;
    this.open.length = 0;
    this.tooDeep = false;
    this.afterOperand = false;
    this.recordMayFollow = false;
    for (; this.at < tokens.length; this.at++) {
      const token = tokens[this.at];
      if (token === undefined) break;
      if (token.tokenTypeIdx === NEWLINE) {
        if (this.open.length === 0 || this.at >= stop || !this.continues()) break;
        if (join < 0 && this.statementBegins(this.at + 1)) join = this.at;
        continue;
      }
      out.push(token);
      this.place(token);
      if (this.open.length > MAX_BRACKETS) {
        setRole(token, t.TooDeep);
        this.tooDeep = true;
        this.open.length = 0;
        while (this.at + 1 < tokens.length && this.typeAt(this.at + 1) !== NEWLINE) this.at++;
      }
    }
    return join;
  }

  /** Inside brackets: the newline stands after `,` or an opening bracket, or before the bracket that closes. */
  private continues(): boolean {
    const before = this.typeAt(this.at - 1);
    if (before === COMMA || before === LPAREN || before === LBRACKET || before === LBRACE) return true;
    const after = this.typeAt(this.at + 1);
    if (after !== this.open.at(-1)) return false;
    // A `}` alone on its line more likely closes the block around an unclosed call, unless `{` ended a line too.
    return after !== RBRACE || this.recordEndedLine || this.typeAt(this.at + 2) !== NEWLINE;
  }

  /** Inside brackets: whether the line at `index` reads as a statement of its own and not as one more argument. */
  private statementBegins(index: number): boolean {
    const first = this.typeAt(index);
    const next = this.typeAt(index + 1);
    if (first === GREATER || first === LESS) return true;
    if (first === RBRACE) return this.open.at(-1) !== RBRACE;
    if (first !== NAME) return false;
    if (next === COLON_EQUALS) return true;
    if (next === COLON) return this.open.at(-1) !== RBRACE;
    if (next !== LPAREN) return next !== COMMA && LINE_WORDS.has(this.tokens[index]?.image ?? '');
    let depth = 0;
    let at = index;
    for (; this.typeAt(at) !== NEWLINE; at++) {
      const type = this.typeAt(at);
      if (type === LPAREN || type === LBRACKET || type === LBRACE) depth++;
      else if (type === RPAREN || type === RBRACKET || type === RBRACE) depth--;
    }
    // `g(2),` is an argument, `g(2)))` ends the call around it; `g(2,` may be one more call that is left open.
    return depth > 0 || (depth === 0 && this.typeAt(at - 1) !== COMMA);
  }

  private beginLine(): void {
    const first = this.tokens[this.at];
    if (first === undefined) return;
    const wordBefore = this.word;
    const talkMayFollow = this.talkMayFollow;
    this.word = undefined;
    this.talkMayFollow = true;
    switch (first.tokenTypeIdx) {
      case NAME:
        this.beginWithName(first);
        break;
      case GREATER:
      case LESS:
        setRole(first, first.tokenTypeIdx === GREATER ? t.TalkDown : t.TalkUp);
        if (talkMayFollow) this.out.pop();
        else this.talkMayFollow = false;
        break;
      case RBRACE:
        setRole(first, t.BlockClose);
        this.talkMayFollow = false;
        break;
      case LBRACE:
        // The brace of a block on a line of its own belongs to the line before.
        if (wordBefore !== undefined && BEFORE_BLOCK.has(wordBefore) && this.typeAt(this.at + 1) === NEWLINE) {
          this.out.pop();
          this.talkMayFollow = false;
        }
        break;
    }
  }

  private beginWithName(first: IToken): void {
    const next = this.typeAt(this.at + 1);
    if (next === COLON) {
      setRole(first, t.Label);
      return;
    }
    const word = LINE_WORDS.get(first.image);
    if (word === undefined || next === COLON_EQUALS || (next === LPAREN && !BEFORE_BRACKET.has(word))) return;
    setRole(first, word);
    this.word = word;
    this.talkMayFollow = false;
  }

  /** Gives one token its role from what stands before and after it in its line. */
  private place(token: IToken): void {
    switch (token.tokenTypeIdx) {
      case NAME:
        this.placeName(token);
        return;
      case NUMBER:
      case STRING:
        this.afterOperand = true;
        return;
      case LPAREN:
        this.openBracket(RPAREN);
        return;
      case LBRACKET:
        this.openBracket(RBRACKET);
        return;
      case LBRACE:
        this.placeBrace(token);
        return;
      case RPAREN:
      case RBRACKET:
      case RBRACE:
        if (this.open.at(-1) === token.tokenTypeIdx) this.open.pop();
        this.afterOperand = true;
        return;
      case STAR:
      case MINUS:
      case LESS:
      case GREATER:
        if (this.afterOperand) setRole(token, t.Infix);
        this.afterOperand = !this.afterOperand && token.tokenTypeIdx === STAR;
        return;
      case EQUALS:
        if (this.open.length === 0) this.recordMayFollow = true;
        this.afterOperand = false;
        return;
      default:
        this.afterOperand = false;
    }
  }

  private placeName(token: IToken): void {
    const next = this.typeAt(this.at + 1);
    if (next === COLON_EQUALS) setRole(token, t.Binder);
    else if (next === COLON) setRole(token, t.FieldName);
    else if (next === EQUALS && this.open.at(-1) === RPAREN) setRole(token, t.ArgName);
    else if (this.afterOperand && token.image.length <= 4) {
      const inner = t.innerWords.get(token.image);
      if (inner !== undefined) {
        setRole(token, inner);
        if (this.open.length === 0) this.recordMayFollow ||= inner === t.Is;
        this.afterOperand = false;
        return;
      }
    }
    this.afterOperand = true;
  }

  private placeBrace(token: IToken): void {
    const endsLine = this.typeAt(this.at + 1) === NEWLINE;
    const blockWord = this.word !== undefined && BEFORE_BLOCK.has(this.word);
    // The brace at the end of a block's first line opens the block even where a bracket before it is not closed.
    if (endsLine && (blockWord || (this.open.length === 0 && !this.recordMayFollow))) {
      this.open.length = 0;
      setRole(token, t.BlockOpen);
      this.talkMayFollow = false;
      this.afterOperand = false;
    } else {
      this.recordEndedLine = endsLine;
      this.openBracket(RBRACE);
    }
  }

  private openBracket(closing: number): void {
    this.open.push(closing);
    this.afterOperand = false;
  }
}

function resetRole(token: IToken | undefined): void {
  if (token !== undefined) token.tokenTypeIdx = idOf(token.tokenType);
}
