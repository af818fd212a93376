// The coverage table says what is true: every row of the seed list is in it once, and what it names is there.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { coverage, numbersOf, ROOT, scenarios } from './page.ts';

const { rows, out } = coverage();

/** The last row of each group of the seed list. */
const LAST = ['000.51', '001.38', '002.27', '003.29', '004.29'];

test('every row is in the table or named as left out, once', () => {
  const all = LAST.flatMap((last) => numbersOf(`${last.slice(0, 4)}01 to ${last}`));
  expect(all).toHaveLength(174);
  expect([...rows.map(({ number }) => number), ...numbersOf(out)].sort()).toEqual(all);
});

test('rows stand in order, and each asks something and is shown or open', () => {
  const numbers = rows.map(({ number }) => number);
  expect(numbers).toEqual(numbers.toSorted());
  expect(rows.filter(({ asks, proofs, open }) => asks === '' || (proofs.length === 0 && !open))).toEqual([]);
});

const proofs = new Map(
  rows.flatMap((row) => row.proofs.map((one) => [`${one.file} ${one.title ?? ''}`, one] as const)),
);

test.each([...proofs])('%s', (_, { file, title }) => {
  const found = path.join(ROOT, file);
  expect(fs.statSync(found, { throwIfNoEntry: false })?.isFile(), `there is no ${file}`).toBe(true);
  if (title === undefined) expect(file).toMatch(/^samples\/\d\d-[a-z0-9-]+\.cocoscn$/);
  else expect(fs.readFileSync(found, 'utf8').includes(title), `${file} has no "${title}"`).toBe(true);
});

test('every scenario for the table is named in it', () => {
  const named = [...proofs.values()].filter(({ title }) => title !== undefined && scenarios.has(title));
  expect(named.map(({ title }) => title).sort()).toEqual([...scenarios.keys()].sort());
});
