// The journal: which cell's slot was written and by how much it changed, entry by entry, with a mark where a moment ends.

const FIRST_CAPACITY = 256;

function grown<T extends Uint32Array | Int32Array | Float64Array>(array: T, make: (length: number) => T): T {
  const larger = make(Math.max(FIRST_CAPACITY, array.length * 2));
  larger.set(array);
  return larger;
}

/**
 * Entry `i` holds the slot of a cell and its new value minus the old one. Adding redoes it and subtracting undoes it, so
 * that 12 bytes serve both directions and the journal itself is never rewritten.
 */
export class Journal {
  slots: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  changes: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** Entries recorded, done and undone. */
  length = 0;

  append(slot: number, change: number): void {
    if (this.length === this.slots.length) {
      this.slots = grown(this.slots, (n) => new Uint32Array(n));
      this.changes = grown(this.changes, (n) => new Float64Array(n));
    }
    this.slots[this.length] = slot;
    this.changes[this.length++] = change;
  }
}

/** Where each moment ends in the journal, and the hash of the state there. Moment 0 is the state before any write. */
export class Moments {
  private ends: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  private lows: Int32Array = new Int32Array(FIRST_CAPACITY);
  private highs: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** The last moment that was recorded. */
  last = 0;

  /** Entries of the journal that are done at `moment`. */
  end(moment: number): number {
    return this.ends[moment] ?? 0;
  }

  low(moment: number): number {
    return this.lows[moment] ?? 0;
  }

  high(moment: number): number {
    return this.highs[moment] ?? 0;
  }

  append(end: number, low: number, high: number): void {
    if (++this.last === this.ends.length) {
      this.ends = grown(this.ends, (n) => new Uint32Array(n));
      this.lows = grown(this.lows, (n) => new Int32Array(n));
      this.highs = grown(this.highs, (n) => new Int32Array(n));
    }
    this.ends[this.last] = end;
    this.lows[this.last] = low;
    this.highs[this.last] = high;
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
