// From text to syntax tree: cuts the text into tokens, lays them out in lines and reads the lines.

import type { Parsed, SyntaxProblem } from './ast.ts';
import { ScenarioParser } from './blocks.ts';
import { descriptionOf } from './comments.ts';
import { layOut } from './layout.ts';
import { lex } from './lexer.ts';
import { MAX_FILE_LENGTH, MAX_PROBLEMS, MAX_TOKENS } from './limits.ts';
import { lineAround } from './line-table.ts';

/** Made at the first call: a process that parses nothing does not wait for it. */
let parser: ScenarioParser | undefined;

/**
 * Parses a scenario. Never throws and always returns a tree: a damaged line costs one problem, and what it still says is
 * kept. Where something could not be read, a name with empty text stands in the tree.
 */
export function parse(text: string): Parsed {
  if (text.length > MAX_FILE_LENGTH) return refused(text);
  parser ??= new ScenarioParser({ skipValidations: true });
  const { tokens, readTo } = lex(text);
  const { file, problems } = parser.read(text, layOut(tokens, readTo));
  if (readTo < text.length) problems.push({ code: 'CCS130', message: TOO_MANY, start: readTo, end: readTo });
  return { file: { ...file, description: descriptionOf(text) }, problems: listed(text, problems) };
}

const TOO_MANY = `A scenario has no more than ${MAX_TOKENS} names, numbers and signs; the rest of this file was not read.`;

function refused(text: string): Parsed {
  const megabytes = MAX_FILE_LENGTH / 1024 / 1024;
  return {
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

/** In the order of the text, one a line, and a last one where there were too many. */
function listed(text: string, found: readonly SyntaxProblem[]): SyntaxProblem[] {
  const sorted = found.toSorted((a, b) => a.start - b.start);
  const problems: SyntaxProblem[] = [];
  let lineEnd = -1;
  for (const problem of sorted) {
    if (problem.start <= lineEnd) continue;
    problems.push(problem);
    lineEnd = lineAround(text, problem.start).end;
  }
  const last = problems[MAX_PROBLEMS - 1];
  if (last === undefined) return problems;
  const rest = {
    code: 'CCS131',
    message: `More than ${MAX_PROBLEMS} lines have problems; the rest of the file was not read.`,
    start: last.end,
    end: last.end,
  };
  return [...problems.slice(0, MAX_PROBLEMS), rest];
}
