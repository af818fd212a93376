// Problems as comment lines below the places that they are about: `//   ^^^ CCS203 message`.
import type { Problem } from '../server/src/scenario/index.ts';

/** The text of `path` with a marker under each of its problems, in the order of the lines. One in the first two columns is marked in the third. */
export function withMarkers(path: string, text: string, problems: readonly Problem[]): string {
  const lines = text.split('\n');
  const own = problems.filter(({ file }) => file.path === path);
  const places = own.map((problem) => ({ problem, ...problem.file.lines.at(problem.span.start) }));
  // From the last to the first, so that the lines before keep their numbers; those of one line stay in their order.
  for (const { problem, line, column } of places.toSorted((a, b) => a.line - b.line).toReversed()) {
    const { code, severity, span, file, message } = problem;
    const end = Math.min(span.end, file.lines.offset({ line, column: Number.POSITIVE_INFINITY }));
    const carets = '^'.repeat(Math.max(1, end - span.start - Math.max(0, 3 - column)));
    const kind = severity === 'error' ? '' : `${severity}: `;
    lines.splice(line, 0, `//${' '.repeat(Math.max(column - 3, 0))}${carets} ${code} ${kind}${message}`);
  }
  return lines.join('\n');
}
