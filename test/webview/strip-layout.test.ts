// How strips fold and where their names stand, as text: a letter a cell, its count when it stands for several.
import { expect, test } from 'vitest';
import { groupName, groups, layOut, nameSpots } from '../../client/webview/page-states/strip-layout.ts';
import type { Strip } from '../../server/src/features/panel-model.ts';
import { frame, refused } from './fixtures.ts';

function drawn(strips: readonly Strip[], at?: number): string {
  return layOut(strips, at === undefined ? [] : [frame(at)])
    .map(({ form, cells, left }) => {
      const texts = cells.map(
        ({ state, count, mark, selected }) =>
          `${mark ? '!' : ''}${selected ? '*' : ''}${state.text.charAt(0)}${count > 1 ? count : ''}`,
      );
      return `${form}: ${texts.join(' ')}${left > 0 ? ` +${left}` : ''}`;
    })
    .join('\n');
}

test('small strips show every page, large ones their runs, and no fold hides the selected page', () => {
  expect(drawn(refused.strips, 0x8820_2000)).toBe(
    ['small: R', 'small: R R R R', 'cells: D D D D !D D D U U U U U U U U U', 'folded: U2 *U U1021 D U511'].join('\n'),
  );
});

test('strips with more cells than fit keep the touched and the selected ones', () => {
  const cells = Array.from({ length: 300 }, (_, index) => ({
    at: index * 4096,
    state: { text: index % 2 === 0 ? 'UNDELEGATED' : 'DELEGATED' },
    count: 1,
    ...(index === 250 ? { mark: 'changed' as const } : {}),
  }));
  const [only] = layOut([{ object: 'granules', title: 'POOL', unit: 4096, cells, more: 12 }], [frame(299 * 4096)]);
  expect(only?.cells.length).toBe(96);
  expect(only?.cells.filter(({ mark, selected }) => mark ?? selected).map(({ name }) => name)).toEqual([
    '0xf_a000',
    '0x12_b000',
  ]);
  expect(only?.left).toBe(12 + 300 - 96);
});

test('a name stands below its cells where it fits, else lower, and inside the strip', () => {
  const [strip] = layOut(refused.strips.slice(2), []);
  const row = groups(strip?.cells ?? []);
  const wide = nameSpots(row, 16, 6).map(({ line, from, to }) => `${line} ${from}..${to}`);
  const narrow = nameSpots(row, 16, 3.3).map(({ line, from, to }) => `${line} ${from}..${to}`);
  expect(row.map(groupName)).toEqual(['DATA ×4', 'DELEGATED ×3', 'UNDELEGATED ×9']);
  expect(wide).toEqual(['0 0..4', '0 4..7', '0 7..16']);
  expect(narrow).toEqual(['0 0..4', '1 4..8', '0 7..16']);
});
