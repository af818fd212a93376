// Maps from page indexes to small numbers, constant over long ranges, each map stored once and referred to by one number.

/** Indexes are below 2^40: pages of a 52-bit address space. */
const BITS = 40;
export const INDEXES: number = 2 ** BITS;

/** Map 0 is 0 everywhere. */
export const EMPTY_MAP = 0;

/** Keys of inner nodes pack two map numbers; a third of a gigabyte of nodes is far beyond any scenario. */
const PAIR = 2 ** 26;

/** Lookups that are remembered, by map. */
const MEMOS = 64;

interface Memo {
  map: number;
  from: number;
  to: number;
  value: number;
}

/**
 * Maps as decision trees over the bits of the index, every subtree stored once: equal maps have equal numbers, and changing
 * a range makes a few dozen nodes. An even number is a leaf (twice its value), an odd one a node. Grows only.
 */
export class RangeMaps {
  private readonly lefts: number[] = [];
  private readonly rights: number[] = [];
  private readonly numbers = new Map<number, number>();
  /** Where lookups ended lately; maps never change, so neither does what was found. */
  private readonly memos: readonly Memo[] = Array.from({ length: MEMOS }, () => ({
    map: -1,
    from: 0,
    to: 0,
    value: 0,
  }));

  /** The map that is `value` everywhere. */
  filled(value: number): number {
    return value * 2;
  }

  get(map: number, index: number): number {
    const memo = this.memos[map % MEMOS] as Memo;
    if (memo.map === map && index >= memo.from && index < memo.to) return memo.value;
    let size = INDEXES;
    let base = 0;
    let at = map;
    while (at % 2 === 1) {
      size /= 2;
      const right = index >= base + size;
      if (right) base += size;
      at = (right ? this.rights : this.lefts)[(at - 1) / 2] as number;
    }
    memo.map = map;
    memo.from = base;
    memo.to = base + size;
    memo.value = at / 2;
    return memo.value;
  }

  /** The map with `value` from `from` to `to` (excluded). */
  with(map: number, from: number, to: number, value: number): number {
    return from < to ? this.changed(map, 0, INDEXES, from, to, value * 2) : map;
  }

  /** Visits the maximal ranges of equal values within [from, to), in order. */
  each(map: number, from: number, to: number, visit: (from: number, to: number, value: number) => void): void {
    let start = from;
    let current = -1;
    this.walk(map, 0, INDEXES, from, to, (begin, leaf) => {
      if (leaf === current) return;
      if (begin > start) visit(start, begin, current / 2);
      start = Math.max(begin, from);
      current = leaf;
    });
    if (to > from && current >= 0) visit(start, to, current / 2);
  }

  /** Whether the map has this value everywhere in [from, to). */
  isFilled(map: number, from: number, to: number, value: number): boolean {
    return this.find(map, from, to, (found) => found !== value) === undefined;
  }

  /** The first range in [from, to) whose value is one that is looked for. */
  find(
    map: number,
    from: number,
    to: number,
    wanted: (value: number) => boolean,
  ): { from: number; to: number } | undefined {
    let found: { from: number; to: number } | undefined;
    this.each(map, from, to, (begin, end, value) => {
      if (found === undefined && wanted(value)) found = { from: begin, to: end };
    });
    return found;
  }

  /** Visits the ranges where two maps differ, in order. What they share, being one tree, is not looked at. */
  eachChange(
    before: number,
    after: number,
    visit: (from: number, to: number, then: number, now: number) => void,
  ): void {
    this.compare(before, after, 0, INDEXES, visit);
  }

  private compare(
    before: number,
    after: number,
    base: number,
    size: number,
    visit: (from: number, to: number, then: number, now: number) => void,
  ): void {
    if (before === after) return;
    if (before % 2 === 0 && after % 2 === 0) return visit(base, base + size, before / 2, after / 2);
    const half = size / 2;
    this.compare(this.left(before), this.left(after), base, half, visit);
    this.compare(this.right(before), this.right(after), base + half, half, visit);
  }

  /** The halves of a map; both are the map itself where it is a leaf. */
  private left(map: number): number {
    return map % 2 === 0 ? map : (this.lefts[(map - 1) / 2] as number);
  }

  private right(map: number): number {
    return map % 2 === 0 ? map : (this.rights[(map - 1) / 2] as number);
  }

  private walk(
    map: number,
    base: number,
    size: number,
    from: number,
    to: number,
    visit: (begin: number, leaf: number) => void,
  ): void {
    if (base >= to || base + size <= from) return;
    if (map % 2 === 0) {
      visit(base, map);
      return;
    }
    const half = size / 2;
    this.walk(this.left(map), base, half, from, to, visit);
    this.walk(this.right(map), base + half, half, from, to, visit);
  }

  private changed(map: number, base: number, size: number, from: number, to: number, leaf: number): number {
    if (map === leaf || base >= to || base + size <= from) return map;
    if (from <= base && base + size <= to) return leaf;
    const half = size / 2;
    return this.pair(
      this.changed(this.left(map), base, half, from, to, leaf),
      this.changed(this.right(map), base + half, half, from, to, leaf),
    );
  }

  private pair(left: number, right: number): number {
    if (left === right && left % 2 === 0) return left;
    const key = left * PAIR + right;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.lefts.length * 2 + 1;
    if (number >= PAIR) throw new RangeError('too many range maps');
    this.lefts.push(left);
    this.rights.push(right);
    this.numbers.set(key, number);
    return number;
  }
}
