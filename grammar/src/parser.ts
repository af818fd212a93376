// From text to syntax tree: cuts the text into tokens, lays them out in lines and reads the lines.

import { Lexer } from 'chevrotain';
import type { Parsed, SyntaxProblem } from './ast.ts';
import { ScenarioParser } from './blocks.ts';
import { descriptionOf } from './comments.ts';
import { layOut } from './layout.ts';
import { MAX_FILE_LENGTH, MAX_PROBLEMS } from './limits.ts';
import { onOneLine } from './line-table.ts';
import { lexedTokens } from './tokens.ts';

interface Machinery {
  readonly lexer: Lexer;
  readonly parser: ScenarioParser;
}

let machinery: Machinery | undefined;

/** Made at the first call: a process that parses nothing does not wait for it. */
function machines(): Machinery {
  machinery ??= {
    lexer: new Lexer([...lexedTokens], {
      positionTracking: 'onlyOffset',
      ensureOptimizations: true,
      skipValidations: true,
    }),
    parser: new ScenarioParser({ skipValidations: true }),
  };
  return machinery;
}

/**
 * Parses a scenario. Never throws and always returns a tree: a damaged line costs one problem, and what it still says is
 * kept. Where something could not be read, a name with empty text stands in the tree.
 */
export function parse(text: string): Parsed {
  if (text.length > MAX_FILE_LENGTH) return refused(text);
  const { lexer, parser } = machines();
  parser.begin(text, layOut(lexer.tokenize(text).tokens, text.length));
  const file = parser.file();
  const problems = listed(text, parser.found());
  parser.begin('', []);
  return { file: { ...file, description: descriptionOf(text) }, problems };
}

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
  for (const problem of sorted) {
    const last = problems.at(-1);
    if (last === undefined || !onOneLine(text, last.start, problem.start)) problems.push(problem);
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
