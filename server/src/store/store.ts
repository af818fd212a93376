// All state of a run: numbered cells, a journal of their writes, and a hash of them all. Time is a position in the journal.
import { StateHash } from './hash.ts';
import { Journal, Moments } from './journal.ts';
import { Memory, PAGE } from './memory.ts';
import { Reads, type RecordedReads } from './reads.ts';
import { Table } from './table.ts';

/** Cell numbers are 32 bits. */
export const CELLS = 0x1_0000_0000;

/** Bytes that the journal takes for one entry (slot and change) and for one moment (its end). */
const ENTRY_BYTES = 12;
const MOMENT_BYTES = 4;

/** What some moments did: entries of the journal, how many of them each moment ends with, and the cells it looked at. */
export interface Recorded {
  readonly slots: Uint32Array;
  readonly changes: Float64Array;
  readonly ends: Uint32Array;
  readonly reads: RecordedReads;
}

/** One write of a moment. */
export interface Write {
  readonly cell: number;
  readonly before: number;
  readonly after: number;
}

const NO_WRITES: readonly Write[] = [];

/**
 * A store of whole numbers, addressed by cell. A cell that was never written holds 0. Magnitudes stay at or below 2^52, so
 * that the difference between any two values is exact.
 *
 * A moment is a state between two steps: moment 0 is the beginning, `commit` ends the next one. `seek` goes to any recorded
 * moment; a write at an earlier moment drops the moments after it.
 */
export class Store {
  private readonly memory = new Memory();
  private readonly journal = new Journal();
  private readonly moments = new Moments();
  private readonly tables: Table[] = [];
  private nextBase = 0;
  /** The hash of the state when this many entries of the journal were done: it follows when somebody asks for it. */
  private readonly state = new StateHash();
  private hashed = 0;
  private done = 0;
  private current = 0;
  private readonly keepsHistory: boolean;
  private readonly reads = new Reads();
  /** Of the moment that is being made, if it is known what it reads. */
  private reading: Reads | undefined;
  /** A mark a slot, all 0 but while slots are gathered. */
  private seen: Uint8Array = new Uint8Array();
  /** Room for slots and their values, used again: the largest step decides how much. */
  private gathered: Uint32Array = new Uint32Array();
  private values: Float64Array = new Float64Array();

  /** Without `history` nothing is recorded: the state goes forward only, and `now` stays 0. */
  constructor({ history = true }: { readonly history?: boolean } = {}) {
    this.keepsHistory = history;
  }

  /** Sets aside `rows` rows of numbered cells. Rows that are never written take no memory. */
  table<const C extends string>(name: string, columns: readonly C[], rows: number): Table<C> {
    const base = this.nextBase;
    const size = Math.ceil((rows * columns.length) / PAGE) * PAGE;
    if (base + size > CELLS) throw new RangeError(`table ${name}: ${rows} rows do not fit the cell space`);
    this.nextBase = base + size;
    const table = new Table(this, name, columns, rows, base);
    this.tables.push(table);
    return table;
  }

  /** The cell behind the last table. */
  get end(): number {
    return this.nextBase;
  }

  /** The table that a cell belongs to. */
  tableOf(cell: number): Table {
    const { tables } = this;
    // Tables stand in the order of their cells.
    let low = 0;
    let high = tables.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((tables[middle] as Table).base <= cell) low = middle + 1;
      else high = middle;
    }
    const table = tables[low - 1];
    if (!table) throw new RangeError(`cell ${cell} belongs to no table`);
    return table;
  }

  read(cell: number): number {
    this.reading?.add(cell);
    return this.memory.read(cell);
  }

  /** Never notes who reads a table. */
  neverNote({ base, rows, width }: Table<string>): void {
    this.reads.leaveOut(base, base + rows * width);
  }

  /** Notes which cells are read and written from now on up to the next commit. */
  noteReads(): void {
    if (this.reads.begin(this.current)) this.reading = this.reads;
  }

  /** Writes a cell; a value that it holds already leaves no trace. */
  write(cell: number, value: number): void {
    const { memory } = this;
    let slot = memory.find(cell);
    const old = memory.words[slot] as number;
    this.reading?.add(cell);
    if (old === value) return;
    if (this.current !== this.moments.last) this.dropFuture();
    if (slot < PAGE) slot = memory.slot(cell);
    memory.words[slot] = value;
    if (this.keepsHistory) {
      this.journal.append(slot, value - old);
      this.done++;
    } else this.state.exchange(cell, old, value);
  }

  /** Ends the current moment, even an empty one, and begins the next. Returns its number. */
  commit(): number {
    if (!this.keepsHistory) return 0;
    if (this.current !== this.moments.last) this.dropFuture();
    this.moments.append(this.done);
    this.reading?.end();
    this.reading = undefined;
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

  /** The hash of the state as it is, 16 hexadecimal digits. It takes as long as there are writes since it was asked for last. */
  get hash(): string {
    this.updateHash();
    return this.state.text;
  }

  /** Goes over the writes between the state that was hashed and this one, and back. */
  private updateHash(): void {
    const { hashed, done, journal, state } = this;
    const { words } = this.memory;
    const isBehind = hashed < done;
    for (let n = Math.abs(done - hashed), i = isBehind ? done - 1 : done; n > 0; n--, i += isBehind ? -1 : 1) {
      const slot = journal.slot(i);
      const here = words[slot] as number;
      const there = isBehind ? here - journal.change(i) : here + journal.change(i);
      state.exchange(this.memory.cellAt(slot), here, there);
      words[slot] = there;
    }
    if (isBehind) journal.redo(words, hashed, done);
    else journal.undo(words, done, hashed);
    this.hashed = done;
  }

  /** Goes to a recorded moment; what was written since the last commit is undone first and lost. */
  seek(moment: number): void {
    if (!(moment >= 0 && moment <= this.moments.last)) throw new RangeError(`moment ${moment} is not recorded`);
    if (this.journal.length > this.moments.end(this.moments.last)) this.abandon();
    this.moveTo(this.moments.end(moment));
    this.current = moment;
  }

  /**
   * Shows the state inside a moment: `writes` of the writes that lead from `now` to the next moment are done. Nothing may be
   * written there; `seek` leads out.
   */
  peekInside(writes: number): void {
    const begin = this.moments.end(this.current);
    this.moveTo(Math.min(begin + writes, this.moments.end(Math.min(this.current + 1, this.moments.last))));
  }

  /** What the moments from `first` to `last` did, to be done again where they would do the same. */
  recorded(first: number, last: number): Recorded {
    const begin = this.moments.end(first - 1);
    const end = this.moments.end(last);
    return {
      ...this.journal.slice(begin, end),
      ends: this.moments.slice(first, last).map((end) => end - begin),
      reads: this.reads.slice(first, last),
    };
  }

  /** Does again what the moments [from, to) of those that were recorded did: each cell changes by as much as it did. */
  replay({ slots, changes, ends, reads }: Recorded, from: number, to: number): void {
    if (this.current !== this.moments.last) this.dropFuture();
    const begin = from === 0 ? 0 : (ends[from - 1] as number);
    const end = ends[to - 1] as number;
    const { done } = this;
    for (let i = begin; i < end; i++) this.journal.append(slots[i] as number, changes[i] as number);
    this.moveTo(done + end - begin);
    if (this.reads.begin(this.current)) this.reads.append(reads, from, to);
    for (let moment = from; moment < to; moment++) this.moments.append(done + (ends[moment] as number) - begin);
    this.current = this.moments.last;
  }

  /** Visits the writes of one of the moments that were recorded. */
  eachRecorded(
    { slots, changes, ends }: Recorded,
    moment: number,
    visit: (cell: number, change: number) => void,
  ): void {
    for (let i = moment === 0 ? 0 : (ends[moment - 1] as number); i < (ends[moment] as number); i++) {
      visit(this.memory.cellAt(slots[i] as number), changes[i] as number);
    }
  }

  /** The writes that lead to `moment` from the one before, in order. */
  writesOf(moment: number): Write[] {
    return this.changesBetween(this.moments.end(moment - 1), this.moments.end(moment));
  }

  /** Entries of the journal that are done: the exact place in time, inside a moment too. */
  get position(): number {
    return this.done;
  }

  /** Visits the cell of every write between two positions, in order, each as often as it was written. */
  eachWritten(from: number, to: number, visit: (cell: number) => void): void {
    for (let i = from; i < to; i++) visit(this.memory.cellAt(this.journal.slot(i)));
  }

  /** What was written since the last commit. */
  get pendingWrites(): Write[] {
    return this.changesBetween(this.moments.end(this.current), this.done);
  }

  /** What was written since the last commit to the cells [first, end); most steps write to few tables. */
  pendingWritesIn(first: number, end: number): readonly Write[] {
    for (let i = this.moments.end(this.current); i < this.done; i++) {
      const cell = this.memory.cellAt(this.journal.slot(i));
      if (cell >= first && cell < end)
        return this.changesBetween(this.moments.end(this.current), this.done, first, end);
    }
    return NO_WRITES;
  }

  /** The cells that differ between two moments, each once, with both values; ordered by first write. */
  diff(from: number, to: number): Write[] {
    const changes: Write[] = [];
    this.eachDifference(from, to, (cell, before, after) => changes.push({ cell, before, after }));
    return changes;
  }

  /** Visits them, with the state as it is now; one step may have written a million. */
  eachDifference(from: number, to: number, visit: (cell: number, before: number, after: number) => void): void {
    const back = this.done;
    const slots = this.slotsBetween(this.moments.end(Math.min(from, to)), this.moments.end(Math.max(from, to)));
    if (this.values.length < slots.length) this.values = new Float64Array(slots.length);
    const before = this.valuesAt(from, slots, this.values);
    const isHere = this.moments.end(to) === back;
    const after = isHere ? undefined : this.valuesAt(to, slots, new Float64Array(slots.length));
    this.moveTo(back);
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      const old = before[i] as number;
      const value = (after ? after[i] : this.memory.words[slot]) as number;
      if (old !== value) visit(this.memory.cellAt(slot), old, value);
    }
  }

  private valuesAt(moment: number, slots: Uint32Array, values: Float64Array): Float64Array {
    this.moveTo(this.moments.end(moment));
    const { words } = this.memory;
    for (let i = 0; i < slots.length; i++) values[i] = words[slots[i] as number] as number;
    return values;
  }

  /** The slots of the entries [begin, end) of the journal, each once. */
  private slotsBetween(begin: number, end: number): Uint32Array {
    const { journal } = this;
    if (this.gathered.length < end - begin) this.gathered = new Uint32Array(end - begin);
    const found = this.gathered;
    if (this.seen.length < this.memory.words.length) this.seen = new Uint8Array(this.memory.words.length);
    const { seen } = this;
    let count = 0;
    for (let i = begin; i < end; i++) {
      const slot = journal.slot(i);
      if (seen[slot] === 1) continue;
      seen[slot] = 1;
      found[count++] = slot;
    }
    for (let i = 0; i < count; i++) seen[found[i] as number] = 0;
    return found.subarray(0, count);
  }

  /** The moments that wrote a cell, in order, up to and including `until`. */
  history(cell: number, until: number = this.moments.last): number[] {
    const found: number[] = [];
    const { journal } = this;
    const slot = this.memory.find(cell);
    if (slot < PAGE) return found;
    for (let i = 0, end = this.moments.end(until); i < end; i++) {
      if (journal.slot(i) !== slot) continue;
      const moment = this.moments.of(i);
      if (moment !== found.at(-1)) found.push(moment);
    }
    return found;
  }

  /** The moments after another one that wrote any of some cells, in order; the first `most` of them. */
  momentsOf(cells: readonly number[], after = 0, most = Number.POSITIVE_INFINITY): number[] {
    const { journal, memory } = this;
    if (this.seen.length < memory.words.length) this.seen = new Uint8Array(memory.words.length);
    const { seen } = this;
    const slots = cells.map((cell) => memory.find(cell)).filter((slot) => slot >= PAGE);
    for (const slot of slots) seen[slot] = 1;
    const found: number[] = [];
    const end = this.moments.end(this.moments.last);
    for (let i = this.moments.end(after); i < end && found.length < most; i++) {
      if (seen[journal.slot(i)] === 0) continue;
      const moment = this.moments.of(i);
      if (moment !== found.at(-1)) found.push(moment);
    }
    for (const slot of slots) seen[slot] = 0;
    return found;
  }

  /** The last moment up to `until` that wrote the cell, 0 if none did. */
  lastWrite(cell: number, until: number = this.current): number {
    const { journal } = this;
    const slot = this.memory.find(cell);
    if (slot < PAGE) return 0;
    for (let i = this.moments.end(until) - 1; i >= 0; i--) if (journal.slot(i) === slot) return this.moments.of(i);
    return 0;
  }

  private changesBetween(begin: number, end: number, firstCell = 0, endCell = CELLS): Write[] {
    const back = this.done;
    const { journal } = this;
    const { words } = this.memory;
    const writes: Write[] = [];
    this.moveTo(begin);
    for (let i = begin; i < end; i++) {
      const slot = journal.slot(i);
      const before = words[slot] as number;
      const after = before + journal.change(i);
      words[slot] = after;
      const cell = this.memory.cellAt(slot);
      if (cell >= firstCell && cell < endCell) writes.push({ cell, before, after });
    }
    this.done = end;
    this.moveTo(back);
    return writes;
  }

  /** Undoes or redoes entries until `target` of them are done. */
  private moveTo(target: number): void {
    const { words } = this.memory;
    if (target > this.done) this.journal.redo(words, this.done, target);
    else this.journal.undo(words, target, this.done);
    this.done = target;
  }

  /** Takes back what was written since the last commit. */
  private abandon(): void {
    const end = this.moments.end(this.current);
    this.moveTo(end);
    if (this.hashed > end) this.updateHash();
    this.journal.truncate(Math.max(end, this.moments.end(this.moments.last)));
  }

  /** Forgets the moments after this one, as a write or a commit in the past does: they make a new future. */
  dropFuture(): void {
    if (this.hashed > this.done) this.updateHash();
    this.journal.truncate(this.done);
    this.moments.last = this.current;
    this.reads.truncate(this.current);
  }
}
