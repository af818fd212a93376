// Where the lines of a text begin: from offsets to lines and columns and back.

/** A place as people count it: line and column from 1. Columns are UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A place as the Language Server Protocol counts it: line and character from 0. */
export interface ZeroBased {
  readonly line: number;
  readonly character: number;
}

const LF = 10;
const CR = 13;

/** The line starts of one text. Lines end with `\n`, `\r\n` or `\r`, as in the Language Server Protocol. */
export class LineTable {
  private readonly starts: number[];
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    this.starts = [0];
    for (let at = nextLine(text, 0); at >= 0; at = nextLine(text, at)) this.starts.push(at);
  }

  /** How many lines the text has; the text after the last line end is one, even when it is empty. */
  get lineCount(): number {
    return this.starts.length;
  }

  /** Line and column, both from 1. Offsets outside of the text are taken to its ends. */
  at(offset: number): Place {
    const { line, character } = this.toZeroBased(offset);
    return { line: line + 1, column: character + 1 };
  }

  /** The offset of a line and column, both from 1; a column past the line's end is taken to the end. */
  offset({ line, column }: Place): number {
    return this.fromZeroBased({ line: line - 1, character: column - 1 });
  }

  toZeroBased(offset: number): ZeroBased {
    const within = Math.min(Math.max(offset, 0), this.text.length);
    const line = this.lineIndex(within);
    return { line, character: within - (this.starts[line] ?? 0) };
  }

  fromZeroBased({ line, character }: ZeroBased): number {
    if (line < 0) return 0;
    if (line >= this.starts.length) return this.text.length;
    const start = this.starts[line] ?? 0;
    return Math.min(start + Math.max(character, 0), this.lineEnd(line));
  }

  /** The text of a line, counted from 1, without its line end; empty for a line that is not there. */
  lineText(line: number): string {
    const start = this.starts[line - 1];
    return start === undefined ? '' : this.text.slice(start, this.lineEnd(line - 1));
  }

  /** Where a line ends, before its line end; `line` counts from 0. */
  private lineEnd(line: number): number {
    let end = this.starts[line + 1] ?? this.text.length;
    if (line + 1 >= this.starts.length) return end;
    if (this.text.charCodeAt(end - 1) === LF) end--;
    if (this.text.charCodeAt(end - 1) === CR && end > (this.starts[line] ?? 0)) end--;
    return end;
  }

  /** The last line that begins at or before `offset`, from 0. */
  private lineIndex(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Where the line after the one at `from` begins, -1 when it is the last. */
function nextLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === LF) return at + 1;
    if (code === CR) return text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
  }
  return -1;
}

/** Where the line around `offset` begins and ends, its line end left out. */
export function lineAround(text: string, offset: number): { start: number; end: number } {
  let start = offset;
  while (start > 0 && !isLineEnd(text.charCodeAt(start - 1))) start--;
  let end = offset;
  while (end < text.length && !isLineEnd(text.charCodeAt(end))) end++;
  return { start, end };
}

function isLineEnd(code: number): boolean {
  return code === LF || code === CR;
}
