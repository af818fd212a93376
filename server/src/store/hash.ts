// The hash of a state: each cell that is not zero contributes a 64-bit word, and the words are combined by exclusive or.

const LOW = 0x27d4eb2f;
const HIGH = 0x165667b1;

/** The hash of a state, in two halves. A cell that holds 0 contributes nothing: it is as if nobody had ever written it. */
export class StateHash {
  private low = 0;
  private high = 0;

  /** A cell that held `old` holds `value` now; the order of the two does not matter. */
  exchange(cell: number, old: number, value: number): void {
    const atLow = place(cell, LOW);
    const atHigh = place(cell, HIGH);
    if (old !== 0) this.toggle(atLow, atHigh, old | 0, (old / 0x1_0000_0000) | 0);
    if (value !== 0) this.toggle(atLow, atHigh, value | 0, (value / 0x1_0000_0000) | 0);
  }

  /** Adds or takes away what a cell contributes that holds a value, given in two words. */
  private toggle(atLow: number, atHigh: number, word: number, upper: number): void {
    this.low ^= mix(atLow, word, upper);
    this.high ^= mix(atHigh, word, upper);
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    const digits = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
    return digits(this.high) + digits(this.low);
  }
}

function place(cell: number, seed: number): number {
  const h = Math.imul(cell ^ seed, 0x9e3779b1);
  return h ^ (h >>> 15);
}

function mix(at: number, word: number, upper: number): number {
  let h = Math.imul(at ^ word, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 13) ^ upper, 0xc2b2ae3d);
  return h ^ (h >>> 16);
}
