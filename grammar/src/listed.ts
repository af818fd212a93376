// The problems of a text as they are told: in its order, one a line, and not without end.
import type { SyntaxProblem } from './ast.ts';
import { MAX_PROBLEMS } from './limits.ts';
import { lineAround } from './line-table.ts';

/** In the order of the text, one a line, and a last one where there were too many. */
export function listed(text: string, found: readonly SyntaxProblem[]): SyntaxProblem[] {
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
