// What the parser says: for every rule one sentence in the words of the person who wrote the line.

import type { IToken } from 'chevrotain';
import type { SyntaxCodeName } from './codes.ts';
import { MAX_BRACKETS, MAX_LINE_LENGTH } from './limits.ts';
import * as t from './tokens.ts';
import { wordOf } from './words.ts';

export interface Message {
  readonly code: SyntaxCodeName;
  readonly message: string;
}

const NEWLINE = t.idOf(t.Newline);
const EQUALS = t.idOf(t.Equals);
const TALK_DOWN = t.idOf(t.TalkDown);
const TALK_UP = t.idOf(t.TalkUp);
export const CLOSERS: ReadonlySet<string> = new Set([t.RParen.name, t.RBracket.name, t.RBrace.name]);

const COMPARED = 'Values are compared with `==`, not with `=`.';
const OWN_LINES = 'The line ends with `{`: the statements of a block stand on lines of their own.';

/** Where a rule met something that it cannot read. */
export interface Mismatch {
  /** The rule's name in the grammar. */
  readonly rule: string;
  /** The name of the token that was wanted; empty for one of several. */
  readonly expected: string;
  readonly actual: IToken;
  /** The token before. */
  readonly before: IToken;
  /** The word that begins the line; undefined for a name. */
  readonly word: string | undefined;
}

/** Says in one sentence why the token cannot stand there. */
export function explain(mismatch: Mismatch): Message {
  return unreadable(mismatch.actual) ?? misplaced(mismatch);
}

/** A token that is wrong wherever it stands. */
export function unreadable(actual: IToken): Message | undefined {
  switch (actual.tokenTypeIdx) {
    case t.idOf(t.UnclosedString):
      return { code: 'CCS109', message: 'This string has no closing `"` on its line.' };
    case t.idOf(t.UnclosedComment):
      return { code: 'CCS110', message: 'This comment is never closed with `*/`.' };
    case t.idOf(t.TooDeep):
      return { code: 'CCS128', message: `More than ${MAX_BRACKETS} brackets are open at once here.` };
    case t.idOf(t.LineTooLong):
      return {
        code: 'CCS130',
        message: `No line is longer than ${MAX_LINE_LENGTH} characters; the rest of this one was not read.`,
      };
    case t.idOf(t.Unknown):
      return { code: 'CCS113', message: unknownCharacter(actual.image) };
    default:
      return undefined;
  }
}

function unknownCharacter(image: string): string {
  if (image.startsWith(';')) return 'A statement ends with its line; take the `;` out.';
  if (image.startsWith('#')) return '`#` has no meaning here; a comment begins with `//`.';
  if (/^['\u2018-\u201f]/.test(image)) return 'A string stands in double quotes: `"…"`.';
  return `${quoted(image)} has no meaning outside of strings and comments.`;
}

function misplaced(mismatch: Mismatch): Message {
  const { rule, expected, actual } = mismatch;
  const found = describe(actual);
  switch (rule) {
    case 'operand':
    case 'primary':
      if (CLOSERS.has(expected) && actual.tokenTypeIdx === EQUALS) return { code: 'CCS106', message: COMPARED };
      if (CLOSERS.has(expected)) return { code: 'CCS106', message: `The bracket must be closed before ${found}.` };
      if (atLineEnd(actual)) return { code: 'CCS103', message: 'A value is missing at the end of the line.' };
      return { code: 'CCS103', message: `A value must stand here, not ${found}.` };
    case 'args':
      if (expected === t.LParen.name) return withoutArguments(mismatch);
      return { code: 'CCS106', message: `After an argument \`,\` or \`)\` must follow, not ${found}.` };
    case 'result':
    case 'results':
    case 'negative':
      return {
        code: 'CCS107',
        message: `A result such as 0, -EAGAIN, RMI_SUCCESS or * must stand here, not ${found}.`,
      };
    case 'statement':
      if (!isTalk(actual)) return { code: 'CCS101', message: `A statement cannot begin with ${found}.` };
      return {
        code: 'CCS108',
        message: `A line that begins with \`${actual.image}\` belongs below a call; none stands above this one.`,
      };
    case 'talkBody':
      return {
        code: 'CCS108',
        message: `After \`>\` a call or \`...\` must follow, after \`<\` a call, not ${found}.`,
      };
    case 'record':
      return {
        code: 'CCS124',
        message: `A record is written {NAME: VALUE, NAME: VALUE}; ${found} does not fit there.`,
      };
    case 'states':
      return { code: 'CCS123', message: `After \`is\` the name of a state must stand, not ${found}.` };
    case 'block':
      if (actual.tokenTypeIdx === EQUALS) return { code: 'CCS125', message: COMPARED };
      if (actual.tokenTypeIdx === t.idOf(t.LBrace)) return { code: 'CCS125', message: OWN_LINES };
      return {
        code: 'CCS125',
        message: `The line must end with \`{\`${atLineEnd(actual) ? '' : `; ${found} does not fit there`}.`,
      };
    case 'op':
    case 'call':
      return { code: 'CCS105', message: `A call NAME(…) must stand here, not ${found}.` };
    default:
      return incomplete(mismatch);
  }
}

/** A name begins the line and no bracket follows. */
function withoutArguments({ actual, before }: Mismatch): Message {
  const name = shorten(before.image);
  if (actual.tokenTypeIdx === EQUALS) {
    return {
      code: 'CCS105',
      message: `A value is named with \`let ${name} = …\`, the result of a call with \`${name} := …\`.`,
    };
  }
  return {
    code: 'CCS105',
    message: `\`${name}\` begins no statement but a call, and then its arguments stand in brackets: \`${name}(…)\`.`,
  };
}

function incomplete({ actual, word }: Mismatch): Message {
  const found = describe(actual);
  const known = word === undefined ? undefined : wordOf(word);
  if (known === undefined) return { code: 'CCS101', message: `A statement cannot begin with ${found}.` };
  const wrong = atLineEnd(actual) ? 'the line ends too early' : `${found} does not fit there`;
  return { code: known.code, message: `\`${word}\` is written \`${known.shape}\`; ${wrong}.` };
}

/** What stands after a complete statement. */
export function leftOver(actual: IToken, word: string | undefined): Message {
  const wrong = unreadable(actual);
  if (wrong !== undefined) return wrong;
  const found = describe(actual);
  if (word === undefined && /^E[A-Z0-9]+$/.test(actual.image)) {
    return { code: 'CCS104', message: `An errno stands after \`-\`: \`-${actual.image}\`, or \`-1 ${actual.image}\`.` };
  }
  if (word === undefined && actual.image === '==') {
    return { code: 'CCS104', message: 'The expected result of a call stands after `=`, not after `==`.' };
  }
  if (word === 'expect' && actual.tokenTypeIdx === EQUALS) {
    return { code: 'CCS104', message: 'An expectation compares with `==` or `is`, not with `=`.' };
  }
  if (
    actual.tokenTypeIdx === t.idOf(t.RParen) ||
    actual.tokenTypeIdx === t.idOf(t.RBracket) ||
    actual.tokenTypeIdx === t.idOf(t.RBrace)
  ) {
    return { code: 'CCS104', message: `No bracket is open that ${found} closes.` };
  }
  return { code: 'CCS104', message: `The statement is complete before ${found}; write one statement on a line.` };
}

export function neverClosed(bracket: IToken): Message {
  return { code: 'CCS102', message: `This \`${bracket.image}\` is never closed.` };
}

export function numberProblem(problem: 'malformed' | 'too-big', image: string): Message {
  if (problem === 'too-big') return { code: 'CCS112', message: `${shorten(image)} does not fit 64 bits.` };
  return {
    code: 'CCS111',
    message: `${quoted(image)} is not a number: write decimal or 0x digits, then K, M, G or T if wanted.`,
  };
}

export function isTalk({ tokenTypeIdx }: IToken): boolean {
  return tokenTypeIdx === TALK_DOWN || tokenTypeIdx === TALK_UP;
}

/** The line, or the part of it that a rule may read, ends with this token; so does the file. */
export function atLineEnd(token: IToken): boolean {
  return token.tokenTypeIdx === NEWLINE || isTalk(token) || token.image === '';
}

function describe(token: IToken): string {
  return atLineEnd(token) ? 'the end of the line' : quoted(token.image);
}

function quoted(image: string): string {
  return `\`${shorten(image)}\``;
}

/** At most 40 characters, and none that moves a terminal's cursor: control characters are shown as U+…. */
function shorten(image: string): string {
  const cut = image.length > 40 ? `${image.slice(0, 39)}…` : image;
  return cut.replace(
    /\p{Cc}|\p{Cf}/gu,
    (c) => `U+${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0').toUpperCase()}`,
  );
}
