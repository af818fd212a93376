// What the parser says: for every rule one sentence in the words of the person who wrote the line.

import type { IToken } from 'chevrotain';
import type { SyntaxCodeName } from './codes.ts';
import { MAX_BRACKETS } from './limits.ts';
import * as t from './tokens.ts';

export interface Message {
  readonly code: SyntaxCodeName;
  readonly message: string;
}

const CLOSERS: ReadonlySet<string> = new Set([t.RParen.name, t.RBracket.name, t.RBrace.name]);

/** How each header and statement is written, by the word that begins it. */
const SHAPES: Readonly<Record<string, readonly [SyntaxCodeName, string]>> = {
  scenario: ['CCS114', 'scenario "what the file shows"'],
  model: ['CCS114', 'model "linux/6.18", "rmm/1.0"'],
  link: ['CCS114', 'link "https://…"'],
  xfail: ['CCS114', 'xfail "why it fails"'],
  platform: ['CCS114', 'platform cca, snp'],
  needs: ['CCS114', 'needs NAME, NAME'],
  page: ['CCS114', 'page 4K'],
  granule: ['CCS114', 'granule 4K'],
  memory: ['CCS114', 'memory 0x8000_0000 +: 4G'],
  allow: ['CCS114', 'allow leak 1'],
  matrix: ['CCS114', 'matrix page = 4K, 64K'],
  let: ['CCS116', 'let NAME = VALUE'],
  def: ['CCS117', 'def NAME(PARAMETER, …) {'],
  actor: ['CCS118', 'actor NAME {'],
  for: ['CCS119', 'for NAME in RANGE step SIZE {'],
  include: ['CCS120', 'include "PATH"'],
  inject: ['CCS121', 'inject OPERATION nth NUMBER = RESULT'],
  schedule: ['CCS122', 'schedule ACTOR.LABEL, ACTOR.LABEL'],
};

/** How the line that begins with `word` is written; empty for a word that begins none. */
export function wordShape(word: string): string {
  return SHAPES[word]?.[1] ?? '';
}

/** Why `actual` cannot stand where `rule` wanted the token named `expected` (empty: one of several). */
export function explain(rule: string, expected: string, actual: IToken, word: string | undefined): Message {
  return unreadable(actual) ?? misplaced(rule, expected, actual, word);
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
    case t.idOf(t.Unknown):
      return { code: 'CCS113', message: unknownCharacter(actual.image) };
    default:
      return undefined;
  }
}

function unknownCharacter(image: string): string {
  if (image.startsWith(';')) return 'A statement ends with its line; take the `;` out.';
  if (image.startsWith('#')) return '`#` has no meaning here; a comment begins with `//`.';
  if (image.startsWith("'")) return 'A string stands in double quotes: `"…"`.';
  return `${quoted(image)} has no meaning outside of strings and comments.`;
}

function misplaced(rule: string, expected: string, actual: IToken, word: string | undefined): Message {
  const found = describe(actual);
  switch (rule) {
    case 'operand':
    case 'primary':
      if (CLOSERS.has(expected)) return { code: 'CCS106', message: `The bracket must be closed before ${found}.` };
      return {
        code: 'CCS103',
        message: atLineEnd(actual)
          ? 'A value is missing at the end of the line.'
          : `A value must stand here, not ${found}.`,
      };
    case 'args':
      return expected === 'RParen'
        ? { code: 'CCS106', message: `After an argument \`,\` or \`)\` must follow, not ${found}.` }
        : {
            code: 'CCS105',
            message: `The arguments of a call stand in brackets, NAME(…); ${found} does not fit there.`,
          };
    case 'result':
    case 'results':
    case 'negative':
      return {
        code: 'CCS107',
        message: `A result such as 0, -EAGAIN, RMI_SUCCESS or * must stand here, not ${found}.`,
      };
    case 'statement':
      if (actual.tokenTypeIdx === t.idOf(t.TalkDown) || actual.tokenTypeIdx === t.idOf(t.TalkUp)) {
        return {
          code: 'CCS108',
          message: `A line that begins with \`${actual.image}\` stands below the call that it belongs to.`,
        };
      }
      return { code: 'CCS101', message: `A statement cannot begin with ${found}.` };
    case 'talkBody':
      return {
        code: 'CCS108',
        message: `After \`>\` or \`<\` a call must follow, or \`...\` after \`>\`, not ${found}.`,
      };
    case 'record':
      return {
        code: 'CCS124',
        message: `A record is written {NAME: VALUE, NAME: VALUE}; ${found} does not fit there.`,
      };
    case 'states':
    case 'state':
      return { code: 'CCS123', message: `After \`is\` the name of a state must stand, not ${found}.` };
    case 'block':
      return { code: 'CCS125', message: `The line must end with \`{\`; ${found} stands there.` };
    case 'op':
    case 'call':
      return { code: 'CCS105', message: `A call NAME(…) must stand here, not ${found}.` };
    default:
      return incomplete(actual, found, word);
  }
}

function incomplete(actual: IToken, found: string, word: string | undefined): Message {
  const shape = word === undefined ? undefined : SHAPES[word];
  if (shape === undefined) return { code: 'CCS101', message: `A statement cannot begin with ${found}.` };
  const [code, example] = shape;
  return {
    code,
    message: `\`${word}\` is written \`${example}\`; ${atLineEnd(actual) ? 'the line ends too early' : `${found} does not fit there`}.`,
  };
}

/** What stands after a complete statement. */
export function leftOver(actual: IToken, word: string | undefined): Message {
  const wrong = unreadable(actual);
  if (wrong !== undefined) return wrong;
  const found = describe(actual);
  if (word === 'expect' && actual.tokenTypeIdx === t.idOf(t.Equals)) {
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

export function atLineEnd(token: IToken): boolean {
  return (
    token.tokenTypeIdx === t.idOf(t.Newline) ||
    token.tokenTypeIdx === t.idOf(t.TalkDown) ||
    token.tokenTypeIdx === t.idOf(t.TalkUp) ||
    token.image === ''
  );
}

function describe(token: IToken): string {
  return atLineEnd(token) ? 'the end of the line' : quoted(token.image);
}

function quoted(image: string): string {
  return `\`${shorten(image)}\``;
}

/** At most 40 characters, control characters shown as U+…. */
function shorten(image: string): string {
  const cut = image.length > 40 ? `${image.slice(0, 39)}…` : image;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not reach a terminal
  return cut.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (c) => `U+${c.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`,
  );
}
