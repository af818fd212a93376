// From text to syntax tree: cuts the text into tokens, lays them out in lines and reads the lines.

import type { IToken } from 'chevrotain';
import type { Parsed } from './ast.ts';
import { ScenarioParser } from './blocks.ts';
import { descriptionOf } from './comments.ts';
import { layOut } from './layout.ts';
import { lex } from './lexer.ts';
import { MAX_FILE_LENGTH, MAX_TOKENS } from './limits.ts';
import { listed } from './listed.ts';
import { type Part, reparse } from './reparse.ts';
import { idOf, LineTooLong, UnclosedComment } from './tokens.ts';

/** Made at the first call: a process that parses nothing does not wait for it. */
let parser: ScenarioParser | undefined;

/**
 * Parses a scenario. Never throws and always returns a tree: a damaged line costs one problem, and what it still says is
 * kept. Where something could not be read, a name with empty text stands in the tree.
 *
 * `before` is the tree of the text before an edit. It is used up: statements that the edit did not touch go over into the
 * new tree, which is otherwise the same as without it.
 */
export function parse(text: string, before?: Parsed): Parsed {
  if (text.length > MAX_FILE_LENGTH) return refused(text);
  return (before && reparse(text, before, readPart)) ?? parseWhole(text);
}

const NOTHING_KEPT = { before: 0, after: 0 };

function parseWhole(text: string): Parsed {
  const { tokens, readTo } = lex(text);
  const { file, problems, independent, closed } = read(text, tokens, readTo);
  if (readTo < text.length) problems.push({ code: 'CCS130', message: TOO_MANY, start: readTo, end: readTo });
  return {
    text,
    file: { ...file, description: descriptionOf(text) },
    problems: listed(text, problems),
    separable: independent && closed && readTo === text.length,
    kept: NOTHING_KEPT,
  };
}

/** Reads the lines of a text between two offsets, all behind the first statement. `undefined` if they do not stand alone. */
function readPart(text: string, start: number, end: number): Part | undefined {
  const { tokens, readTo } = lex(text.slice(start, end));
  if (readTo < end - start) return undefined;
  for (const token of tokens) token.startOffset += start;
  const { file, problems, independent, closed } = read(text, tokens, end, true);
  const alone = independent && closed && file.headers.length === 0 && file.scenario === undefined;
  return alone ? { statements: file.statements, problems } : undefined;
}

function read(text: string, tokens: IToken[], end: number, statementSeen = false) {
  parser ??= new ScenarioParser({ skipValidations: true });
  const laidOut = layOut(tokens, end);
  const closed = laidOut.closed && tokens.every(({ tokenTypeIdx }) => !SWALLOWING.has(tokenTypeIdx));
  return { ...parser.read(text, laidOut.tokens, statementSeen), closed };
}

/** What has no end of its own: the rest of the text, or of a line, stands in it. */
const SWALLOWING: ReadonlySet<number> = new Set([UnclosedComment, LineTooLong].map(idOf));

const TOO_MANY = `A scenario has no more than ${MAX_TOKENS} names, numbers and signs; the rest of this file was not read.`;

function refused(text: string): Parsed {
  const megabytes = MAX_FILE_LENGTH / 1024 / 1024;
  return {
    text,
    separable: false,
    kept: NOTHING_KEPT,
    file: {
      kind: 'file',
      start: 0,
      end: text.length,
      description: '',
      scenario: undefined,
      headers: [],
      statements: [],
    },
    problems: [
      {
        code: 'CCS130',
        message: `A scenario is not longer than ${megabytes} MB; this file was not read.`,
        start: 0,
        end: Math.min(1, text.length),
      },
    ],
  };
}
