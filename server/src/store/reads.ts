// Which cells each moment looked at: what has not changed of them cannot make the moment another one.
import { grown } from './grown.ts';

const FIRST_CAPACITY = 1024;
/** Cells that are kept; what later moments read is not known. */
const MOST = 4 * 1024 * 1024;

/** What some moments read, one after the other; `ends` are places in `cells`. Moments behind them are not known. */
export interface RecordedReads {
  readonly cells: Uint32Array;
  readonly ends: Uint32Array;
}

export class Reads {
  private cells = new Uint32Array(FIRST_CAPACITY);
  private count = 0;
  /** For each moment where its cells end; moment 0 has none. */
  private ends = new Uint32Array(FIRST_CAPACITY);
  /** The last moment that is known. */
  private last = 0;
  /** Cells that are not noted. */
  private firstOut = 0;
  private endOut = 0;

  /** From now on the cells [first, end) are not noted. */
  leaveOut(first: number, end: number): void {
    this.firstOut = first;
    this.endOut = end;
  }

  /** The moment after `last` begins; that of another number is not known. */
  begin(last: number): boolean {
    if (last < this.last) this.truncate(last);
    this.count = this.ends[this.last] as number;
    return last === this.last && this.count < MOST;
  }

  /** A cell, each time that it is read or written. */
  add(cell: number): void {
    if (cell >= this.firstOut && cell < this.endOut) return;
    if (this.count === this.cells.length) this.cells = grown(this.cells, (n) => new Uint32Array(n));
    this.cells[this.count++] = cell;
  }

  /** The moment ends. */
  end(): void {
    if (++this.last === this.ends.length) this.ends = grown(this.ends, (n) => new Uint32Array(n));
    this.ends[this.last] = this.count;
  }

  /** Forgets the moments after this one. */
  truncate(last: number): void {
    this.last = Math.min(this.last, last);
  }

  /** Copies of what the moments from `first` to `last` read, as far as it is known. */
  slice(first: number, last: number): RecordedReads {
    const known = Math.min(last, this.last);
    if (known < first) return { cells: new Uint32Array(), ends: new Uint32Array() };
    const begin = this.ends[first - 1] as number;
    return {
      cells: this.cells.slice(begin, this.ends[known]),
      ends: this.ends.slice(first, known + 1).map((end) => end - begin),
    };
  }

  /** Adds moments that read what the moments [from, to) of others did, as far as it is known. */
  append({ cells, ends }: RecordedReads, from: number, to: number): void {
    for (
      let moment = from, at = from === 0 ? 0 : (ends[from - 1] as number);
      moment < to && moment < ends.length;
      moment++
    ) {
      for (; at < (ends[moment] as number); at++) this.add(cells[at] as number);
      this.end();
    }
  }
}
