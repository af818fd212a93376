// The journal: which cell's slot was written and by how much it changed, entry by entry, with a mark where a moment ends.
import { grown } from './grown.ts';

const FIRST_CAPACITY = 256;

/** Entries that stand together: what was written once is not copied when more comes. */
const CHUNK_SHIFT = 18;
const CHUNK = 2 ** CHUNK_SHIFT;
const WITHIN = CHUNK - 1;

/**
 * Entry `i` holds the slot of a cell and its new value minus the old one. Adding redoes it and subtracting undoes it, so
 * that 12 bytes serve both directions and the journal itself is never rewritten.
 */
export class Journal {
  private readonly slotChunks: Uint32Array[] = [new Uint32Array(FIRST_CAPACITY)];
  private readonly changeChunks: Float64Array[] = [new Float64Array(FIRST_CAPACITY)];
  /** The chunk that the next entry goes to. */
  private slots: Uint32Array = this.slotChunks[0] as Uint32Array;
  private changes: Float64Array = this.changeChunks[0] as Float64Array;
  private entries = 0;

  /** Entries recorded, done and undone. */
  get length(): number {
    return this.entries;
  }

  append(slot: number, change: number): void {
    const at = this.entries & WITHIN;
    if (at === this.slots.length || at === 0) this.select(this.entries);
    this.slots[at] = slot;
    this.changes[at] = change;
    this.entries++;
  }

  /** The slot of the cell that an entry wrote. */
  slot(index: number): number {
    return (this.slotChunks[index >>> CHUNK_SHIFT] as Uint32Array)[index & WITHIN] as number;
  }

  /** How much the entry changed it by. */
  change(index: number): number {
    return (this.changeChunks[index >>> CHUNK_SHIFT] as Float64Array)[index & WITHIN] as number;
  }

  /** Does the entries [from, to) again on the words of cells. */
  redo(words: Float64Array, from: number, to: number): void {
    for (let i = from; i < to; ) {
      const slots = this.slotChunks[i >>> CHUNK_SHIFT] as Uint32Array;
      const changes = this.changeChunks[i >>> CHUNK_SHIFT] as Float64Array;
      const end = Math.min(CHUNK, (i & WITHIN) + to - i);
      for (let at = i & WITHIN; at < end; at++) {
        const slot = slots[at] as number;
        words[slot] = (words[slot] as number) + (changes[at] as number);
      }
      i += end - (i & WITHIN);
    }
  }

  /** Undoes the entries [from, to), the last one first. */
  undo(words: Float64Array, from: number, to: number): void {
    for (let i = to; i > from; ) {
      const slots = this.slotChunks[(i - 1) >>> CHUNK_SHIFT] as Uint32Array;
      const changes = this.changeChunks[(i - 1) >>> CHUNK_SHIFT] as Float64Array;
      const last = (i - 1) & WITHIN;
      const first = Math.max(0, last + 1 - (i - from));
      for (let at = last; at >= first; at--) {
        const slot = slots[at] as number;
        words[slot] = (words[slot] as number) - (changes[at] as number);
      }
      i -= last + 1 - first;
    }
  }

  /** Copies of the entries [from, to). */
  slice(from: number, to: number): { readonly slots: Uint32Array; readonly changes: Float64Array } {
    const slots = new Uint32Array(to - from);
    const changes = new Float64Array(to - from);
    for (let i = from; i < to; ) {
      const at = i & WITHIN;
      const end = Math.min(CHUNK, at + to - i);
      slots.set((this.slotChunks[i >>> CHUNK_SHIFT] as Uint32Array).subarray(at, end), i - from);
      changes.set((this.changeChunks[i >>> CHUNK_SHIFT] as Float64Array).subarray(at, end), i - from);
      i += end - at;
    }
    return { slots, changes };
  }

  /** Forgets the entries from `length` on. */
  truncate(length: number): void {
    this.entries = length;
    this.select(length);
  }

  /** Sees to it that entry `index`, at most one behind the last, has room in the chunk that is written to. */
  private select(index: number): void {
    const chunk = index >>> CHUNK_SHIFT;
    let slots = this.slotChunks[chunk] ?? new Uint32Array(CHUNK);
    let changes = this.changeChunks[chunk] ?? new Float64Array(CHUNK);
    if ((index & WITHIN) === slots.length) {
      slots = grown(slots, (n) => new Uint32Array(n));
      changes = grown(changes, (n) => new Float64Array(n));
    }
    this.slotChunks.length = chunk;
    this.changeChunks.length = chunk;
    this.slotChunks.push(slots);
    this.changeChunks.push(changes);
    this.slots = slots;
    this.changes = changes;
  }
}

/** Where each moment ends in the journal. Moment 0 is the state before any write. */
export class Moments {
  private ends: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  /** The last moment that was recorded. */
  last = 0;

  /** Entries of the journal that are done at `moment`. */
  end(moment: number): number {
    return this.ends[moment] ?? 0;
  }

  /** The ends of the moments from `first` to `last`. */
  slice(first: number, last: number): Uint32Array {
    return this.ends.slice(first, last + 1);
  }

  append(end: number): void {
    if (++this.last === this.ends.length) this.ends = grown(this.ends, (n) => new Uint32Array(n));
    this.ends[this.last] = end;
  }

  /** The moment in which entry `index` of the journal was written. */
  of(index: number): number {
    let low = 1;
    let high = this.last + 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.end(middle) > index) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
