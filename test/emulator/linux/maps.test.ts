// The maps of the kernel against plain ones: interned range maps, and sparse arrays in cells.
import { expect, test } from 'vitest';
import { EMPTY_MAP, RangeMaps } from '../../../server/src/emulator/linux/range-map.ts';
import { Xarrays } from '../../../server/src/emulator/linux/xarray.ts';
import { Store } from '../../../server/src/store/index.ts';

/** The same numbers in every run. */
function* numbers(seed: number): Generator<number> {
  for (let x = seed; ; ) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0;
    yield x >>> 8;
  }
}

test('range maps hold what plain arrays hold, and equal maps are one', () => {
  const maps = new RangeMaps();
  const plain = new Array<number>(64).fill(0);
  const random = numbers(7);
  const next = (below: number) => Number(random.next().value) % below;
  let map = EMPTY_MAP;
  for (let round = 0; round < 500; round++) {
    const from = next(64);
    const to = from + next(65 - from);
    const value = next(3);
    const before = plain.slice();
    const changed: number[] = [];
    const then = map;
    map = maps.with(map, from, to, value);
    plain.fill(value, from, to);
    maps.eachChange(then, map, (begin, end, old, now) => {
      for (let i = begin; i < end; i++) changed.push(i, old, now);
    });
    expect(changed).toEqual(plain.flatMap((now, i) => (now === before[i] ? [] : [i, before[i], now])));
    const ranges: [number, number, number][] = [];
    maps.each(map, 0, 64, (begin, end, found) => ranges.push([begin, end, found]));
    expect(ranges.flatMap(([begin, end, found]) => new Array<number>(end - begin).fill(found))).toEqual(plain);
    expect(ranges.every((range, i) => i === 0 || range[2] !== ranges[i - 1]?.[2])).toBe(true);
    expect(plain.map((_, i) => maps.get(map, i))).toEqual(plain);
    expect(maps.isFilled(map, from, to, value)).toBe(true);
    expect(plain.reduce((rebuilt, v, i) => maps.with(rebuilt, i, i + 1, v), EMPTY_MAP)).toBe(map);
  }
});

test('a range map reaches to the end of the address space', () => {
  const maps = new RangeMaps();
  const map = maps.with(EMPTY_MAP, 2 ** 39, 2 ** 40, 1);
  expect([maps.get(map, 2 ** 39 - 1), maps.get(map, 2 ** 40 - 1)]).toEqual([0, 1]);
  expect(maps.find(map, 0, 2 ** 40, (value) => value === 1)).toEqual({ from: 2 ** 39, to: 2 ** 40 });
});

test('sparse arrays hold what plain maps hold, and go back with the store', () => {
  const store = new Store();
  const root = store.table('root', ['root'], 1).cell(0, 0);
  const arrays = new Xarrays(store);
  const plain = new Map<number, number>();
  const random = numbers(3);
  const next = (below: number) => Number(random.next().value) % below;
  const indexes = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? next(2000) : next(2 ** 24) * 2 ** 11));
  for (let round = 0; round < 300; round++) {
    const index = indexes[next(40)] ?? 0;
    const value = next(3) * 2 ** 40;
    arrays.set(root, index, value);
    store.commit();
    if (value === 0) plain.delete(index);
    else plain.set(index, value);
  }
  const found: [number, number][] = [];
  arrays.each(root, 0, 2 ** 36, (index, value) => found.push([index, value]));
  expect(found).toEqual([...plain].sort(([a], [b]) => a - b));
  expect(arrays.next(root, (found[0]?.[0] ?? 0) + 1, 2 ** 36)).toBe(found[1]?.[0]);
  store.seek(0);
  expect(arrays.next(root, 0, 2 ** 36)).toBe(-1);
});
