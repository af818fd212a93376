// Texts whose problems are marked in them: under the place a line `// ^^^ CCS101 message`.

import { LineTable, parse } from '../../grammar/src/index.ts';

const MARKER = /^\/\/ *\^+ CCS\d+ /;

/** The text without its markers. */
export function unmarked(text: string): string {
  return text
    .split('\n')
    .filter((line) => !MARKER.test(line))
    .join('\n');
}

/** The text with a marker under every problem. A problem in the first two columns is marked in the third. */
export function marked(text: string): string {
  const table = new LineTable(text);
  const lines = text.split('\n');
  // From the last to the first, so that the lines before keep their numbers.
  for (const { start, end, code, message } of parse(text).problems.toReversed()) {
    const { line, column } = table.at(start);
    const carets = '^'.repeat(Math.max(1, Math.min(end, table.offset({ line, column: Infinity })) - start));
    lines.splice(line, 0, `//${' '.repeat(Math.max(column - 3, 0))}${carets} ${code} ${message}`);
  }
  return lines.join('\n');
}

/** Cuts a text of several cases, each headed by a line `=== what it is about`. */
export function cases(text: string): [string, string][] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1)];
    });
}
