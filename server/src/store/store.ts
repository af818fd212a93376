// All state of a run: numbered cells, a journal of their writes, and a running hash. Time is a position in the journal.
import { contribution, HIGH, hashText, LOW } from './hash.ts';
import { Journal, Moments } from './journal.ts';
import { Table } from './table.ts';

/** Cells a page of the cell space holds. All pages are this empty one until they are first written. */
const PAGE = 4096;
const EMPTY: Float64Array = new Float64Array(PAGE);

/** Cell numbers are 32 bits. */
export const CELLS = 0x1_0000_0000;

/** Bytes that the journal takes for one entry (cell and value) and for one moment (end and hash). */
const ENTRY_BYTES = 12;
const MOMENT_BYTES = 12;

/** One write of a moment. */
export interface Write {
  readonly cell: number;
  readonly before: number;
  readonly after: number;
}

/**
 * A store of numbers below 2^53, addressed by cell. A cell that was never written holds 0.
 *
 * A moment is a state between two steps: moment 0 is the beginning, `commit` ends the next one. `seek` goes to any recorded
 * moment; a write at an earlier moment drops the moments after it.
 */
export class Store {
  private readonly pages: Float64Array[] = [];
  private readonly journal = new Journal();
  private readonly moments = new Moments();
  private readonly tables: Table[] = [];
  private nextBase = 0;
  private low = 0;
  private high = 0;
  private done = 0;
  private current = 0;

  /** Sets aside `rows` rows of numbered cells. Rows that are never written take no memory. */
  table<const C extends string>(name: string, columns: readonly C[], rows: number): Table<C> {
    const base = this.nextBase;
    const size = Math.ceil((rows * columns.length) / PAGE) * PAGE;
    if (base + size > CELLS) throw new RangeError(`table ${name}: ${rows} rows do not fit the cell space`);
    this.nextBase = base + size;
    const table = new Table(this, name, columns, rows, base);
    this.tables.push(table);
    while (this.pages.length < this.nextBase / PAGE) this.pages.push(EMPTY);
    return table;
  }

  /** The table that a cell belongs to. */
  tableOf(cell: number): Table {
    const table = this.tables.findLast((candidate) => candidate.base <= cell);
    if (!table) throw new RangeError(`cell ${cell} belongs to no table`);
    return table;
  }

  read(cell: number): number {
    return (this.pages[cell >>> 12] as Float64Array)[cell & (PAGE - 1)] as number;
  }

  /** Writes a cell; a value that it holds already leaves no trace. */
  write(cell: number, value: number): void {
    let page = this.pages[cell >>> 12] as Float64Array;
    const offset = cell & (PAGE - 1);
    const old = page[offset] as number;
    if (old === value) return;
    if (page === EMPTY) {
      page = new Float64Array(PAGE);
      this.pages[cell >>> 12] = page;
    }
    if (this.done !== this.journal.length) this.dropFuture();
    page[offset] = value;
    this.journal.append(cell, old);
    this.done++;
    this.low ^= contribution(cell, old, LOW) ^ contribution(cell, value, LOW);
    this.high ^= contribution(cell, old, HIGH) ^ contribution(cell, value, HIGH);
  }

  /** Ends the current moment, even an empty one, and begins the next. Returns its number. */
  commit(): number {
    if (this.current !== this.moments.last) this.dropFuture();
    this.moments.append(this.done, this.low, this.high);
    return ++this.current;
  }

  /** The moment that the state is at. Between two moments (after writes not yet committed) it is the earlier one. */
  get now(): number {
    return this.current;
  }

  /** The last recorded moment. */
  get reached(): number {
    return this.moments.last;
  }

  /** Bytes that the recorded history takes. */
  get journalBytes(): number {
    return this.journal.length * ENTRY_BYTES + this.moments.last * MOMENT_BYTES;
  }

  /** The hash of the state at the current moment, 16 hexadecimal digits. */
  get hash(): string {
    return hashText(this.high, this.low);
  }

  /** Goes to a recorded moment; what was written since the last commit is undone first and lost. */
  seek(moment: number): void {
    if (!(moment >= 0 && moment <= this.moments.last)) throw new RangeError(`moment ${moment} is not recorded`);
    if (this.journal.length > this.moments.end(this.moments.last)) this.abandon();
    this.moveTo(this.moments.end(moment));
    this.current = moment;
    this.low = this.moments.low(moment);
    this.high = this.moments.high(moment);
  }

  /**
   * Shows the state inside a moment: `writes` of the writes that lead from `now` to the next moment are done. Nothing may be
   * written there; `seek` leads out.
   */
  peekInside(writes: number): void {
    const begin = this.moments.end(this.current);
    this.moveTo(Math.min(begin + writes, this.moments.end(Math.min(this.current + 1, this.moments.last))));
  }

  /** The writes that lead to `moment` from the one before, in order. */
  writesOf(moment: number): Write[] {
    return this.changesBetween(this.moments.end(moment - 1), this.moments.end(moment));
  }

  /** What was written since the last commit. */
  get pendingWrites(): Write[] {
    return this.changesBetween(this.moments.end(this.current), this.done);
  }

  /** The cells that differ between two moments, each once, with both values; ordered by first write. */
  diff(from: number, to: number): Write[] {
    const back = this.current;
    const [first, last] = from < to ? [from, to] : [to, from];
    const touched = new Set<number>();
    for (let i = this.moments.end(first); i < this.moments.end(last); i++) touched.add(this.journal.cells[i] as number);
    const cells = [...touched];
    this.seek(from);
    const before = cells.map((cell) => this.read(cell));
    this.seek(to);
    const changes = cells.map((cell, i) => ({ cell, before: before[i] as number, after: this.read(cell) }));
    this.seek(back);
    return changes.filter((change) => change.before !== change.after);
  }

  /** The moments that wrote a cell, in order, up to and including `until`. */
  history(cell: number, until: number = this.moments.last): number[] {
    const found: number[] = [];
    const { cells } = this.journal;
    for (let i = 0, end = this.moments.end(until); i < end; i++) {
      if (cells[i] !== cell) continue;
      const moment = this.moments.of(i);
      if (moment !== found.at(-1)) found.push(moment);
    }
    return found;
  }

  /** The last moment up to `until` that wrote the cell, 0 if none did. */
  lastWrite(cell: number, until: number = this.current): number {
    const { cells } = this.journal;
    for (let i = this.moments.end(until) - 1; i >= 0; i--) if (cells[i] === cell) return this.moments.of(i);
    return 0;
  }

  private changesBetween(begin: number, end: number): Write[] {
    const back = this.done;
    const writes: Write[] = [];
    this.moveTo(begin);
    for (let i = begin; i < end; i++) {
      const cell = this.journal.cells[i] as number;
      const before = this.read(cell);
      this.moveTo(i + 1);
      writes.push({ cell, before, after: this.read(cell) });
    }
    this.moveTo(back);
    return writes;
  }

  /** Undoes or redoes entries until `target` of them are done: an exchange of cell and journal either way. */
  private moveTo(target: number): void {
    const { cells, values } = this.journal;
    const pages = this.pages;
    for (let i = this.done; i < target; i++) {
      const cell = cells[i] as number;
      const page = pages[cell >>> 12] as Float64Array;
      const other = values[i] as number;
      values[i] = page[cell & (PAGE - 1)] as number;
      page[cell & (PAGE - 1)] = other;
    }
    for (let i = this.done - 1; i >= target; i--) {
      const cell = cells[i] as number;
      const page = pages[cell >>> 12] as Float64Array;
      const other = values[i] as number;
      values[i] = page[cell & (PAGE - 1)] as number;
      page[cell & (PAGE - 1)] = other;
    }
    this.done = target;
  }

  /** Takes back what was written since the last commit. */
  private abandon(): void {
    const end = this.moments.end(this.current);
    this.moveTo(end);
    this.journal.length = Math.max(end, this.moments.end(this.moments.last));
  }

  /** A write or a commit in the past makes a new future: the recorded one is dropped. */
  private dropFuture(): void {
    this.journal.length = this.done;
    this.moments.last = this.current;
  }
}
