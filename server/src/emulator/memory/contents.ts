// What a page contains, stored once and referred to by number: equal contents have equal numbers.

/** A page of zeros; also what a page contains that nobody wrote. */
export const ZERO = 0;

const PAGE_BYTES = 4096;
const WORD_BYTES = 8;

/** Bytes of memory for a page's contents, and for each word in which it differs. */
const PAGE_COST = 400;
const WORD_COST = 120;

/** One byte all over, and 64-bit little-endian words where the page differs from that. Offsets are multiples of 8 bytes. */
interface Contents {
  readonly fill: number;
  readonly words: ReadonlyMap<number, bigint>;
}

const wordOf = (fill: number) => BigInt(fill) * 0x0101_0101_0101_0101n;

/** Grows only; nothing in it depends on the moment. */
export class ContentsTable {
  private readonly all: Contents[] = [];
  private readonly numbers = new Map<string, number>();
  /** Bytes that the table takes, roughly. */
  size = 0;

  constructor() {
    this.number({ fill: 0, words: new Map() });
  }

  /** A page full of one byte. */
  filled(byte: number): number {
    return this.number({ fill: byte, words: new Map() });
  }

  /** The contents after writing `size` bytes (1, 2, 4 or 8) of `value` at `offset`; the bytes lie within one word. */
  written(contents: number, offset: number, size: number, value: bigint): number {
    const { words } = this.get(contents);
    const at = offset - (offset % WORD_BYTES);
    const shift = BigInt(8 * (offset - at));
    const mask = ((1n << BigInt(8 * size)) - 1n) << shift;
    const word = (this.value(contents, at, WORD_BYTES) & ~mask) | ((value << shift) & mask);
    return this.withWords(contents, new Map(words).set(at, word));
  }

  /** The contents after zeroing `size` bytes from `from` on (multiples of 8) and then writing whole words at their offsets. */
  rewritten(contents: number, from: number, size: number, words: Iterable<readonly [number, bigint]>): number {
    const { fill, words: old } = this.get(contents);
    const next = new Map<number, bigint>();
    for (const [at, word] of old) if (at < from || at >= from + size) next.set(at, word);
    if (fill !== 0) for (let at = from; at < from + size; at += WORD_BYTES) next.set(at, 0n);
    for (const [at, word] of words) next.set(at, word);
    return this.withWords(contents, next);
  }

  private withWords(contents: number, words: Map<number, bigint>): number {
    const { fill } = this.get(contents);
    const plain = wordOf(fill);
    for (const [at, word] of words) if (word === plain) words.delete(at);
    return this.number({ fill, words });
  }

  /** Reads `size` bytes (1, 2, 4 or 8) at `offset`, little-endian; they lie within one word. */
  value(contents: number, offset: number, size: number): bigint {
    const { fill, words } = this.get(contents);
    const at = offset - (offset % WORD_BYTES);
    const word = words.get(at) ?? wordOf(fill);
    return (word >> BigInt(8 * (offset - at))) & ((1n << BigInt(8 * size)) - 1n);
  }

  /** All 4096 bytes. */
  bytes(contents: number): Uint8Array {
    const { fill, words } = this.get(contents);
    const bytes = new Uint8Array(PAGE_BYTES).fill(fill);
    const view = new DataView(bytes.buffer);
    for (const [offset, word] of words) view.setBigUint64(offset, word, true);
    return bytes;
  }

  /** In a few words: `zero`, `0x5a all over`, `0x14000000 at 0, 3 more words`. */
  text(contents: number): string {
    const { fill, words } = this.get(contents);
    const base = fill === 0 ? 'zero' : `0x${fill.toString(16)} all over`;
    const first = [...words].sort(([a], [b]) => a - b)[0];
    if (!first) return base;
    const more = words.size > 1 ? `, ${words.size - 1} more` : '';
    return `0x${first[1].toString(16)} at ${first[0]}${more}`;
  }

  private get(contents: number): Contents {
    const found = this.all[contents];
    if (!found) throw new RangeError(`no contents ${contents}`);
    return found;
  }

  private number(contents: Contents): number {
    const key = keyOf(contents);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.all.push(contents);
    this.size += PAGE_COST + contents.words.size * WORD_COST;
    this.numbers.set(key, this.all.length - 1);
    return this.all.length - 1;
  }
}

/** The same text for equal contents, whatever order the words were written in. */
function keyOf({ fill, words }: Contents): string {
  let last = -1;
  let key = `${fill}`;
  for (const [at, word] of words) {
    if (at < last)
      return `${fill}${[...words]
        .sort(([a], [b]) => a - b)
        .map(([where, what]) => `;${where},${what}`)
        .join('')}`;
    last = at;
    key += `;${at},${word}`;
  }
  return key;
}
