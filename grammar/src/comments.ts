// The description of a file: its first comment block, without the comment marks.

const SPDX = /^SPDX-License-Identifier:/;

/** The text of the comments that stand together at the head of a file; empty when there are none. */
export function descriptionOf(text: string): string {
  const lines = text.startsWith('\ufeff') ? firstBlock(text, 1) : firstBlock(text, 0);
  const said = lines.filter((line) => !SPDX.test(line));
  return said.join('\n').trim();
}

/** The lines of the first comment block: `//` lines without a blank line between them, or one comment in `/*`. */
function firstBlock(text: string, from: number): string[] {
  const lines: string[] = [];
  let at = from;
  for (;;) {
    const begin = skipBlank(text, at);
    // An SPDX line alone is not the description: what stands after a blank line may be.
    const onlySpdx = lines.every((line) => SPDX.test(line));
    if (!onlySpdx && begin.blankLines > 0) return lines;
    if (text.startsWith('//', begin.at)) {
      const end = lineEnd(text, begin.at);
      lines.push(text.slice(begin.at + 2, end).trim());
      at = end;
    } else if (onlySpdx && text.startsWith('/*', begin.at)) {
      const close = text.indexOf('*/', begin.at + 2);
      const end = close < 0 ? text.length : close;
      lines.push(...unmarked(text.slice(begin.at + 2, end)));
      if (lines.some((line) => line !== '' && !SPDX.test(line))) return lines;
      at = close < 0 ? end : end + 2;
    } else return lines;
  }
}

function unmarked(inner: string): string[] {
  return inner.split(/\r\n|\r|\n/).map((line) => line.replace(/^\s*\*?\s?/, '').trimEnd());
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

function skipBlank(text: string, from: number): { at: number; blankLines: number } {
  let at = from;
  let ends = 0;
  for (; at < text.length; at++) {
    const char = text[at];
    if (char === '\n' || (char === '\r' && text[at + 1] !== '\n')) ends++;
    else if (char !== ' ' && char !== '\t' && char !== '\r') break;
  }
  return { at, blankLines: Math.max(0, ends - 1) };
}
