// What messages do to the panel's state: which page is selected, and which answers are dropped.
import { expect, test } from 'vitest';
import { nothingYet, type PanelState, rowAt, told } from '../../client/webview/page-states/state.ts';
import type { PanelMessage } from '../../server/src/features/panel-model.ts';
import { changed, frame, huge, placesOf, refused, runsOf } from './fixtures.ts';

function after(state: PanelState, ...messages: readonly PanelMessage[]): PanelState {
  return messages.reduce(told, state);
}

const dst = 0x8810_0000;
const moment = (of: typeof refused): PanelMessage => ({ type: 'moment', moment: of });

test('the step’s page is selected until the reader chooses one, which stays until another session', () => {
  const elsewhere = { ...changed, focus: frame(dst) };
  const first = after(nothingYet, moment(refused));
  expect(first.selected).toEqual(frame(dst + 0x4000));
  expect(after(first, moment(elsewhere)).selected).toEqual(frame(dst));
  const chosen = { ...first, selected: frame(dst + 0x5000), chosen: true };
  expect(after(chosen, moment(elsewhere)).selected).toEqual(frame(dst + 0x5000));
  expect(after(chosen, moment({ ...elsewhere, session: 'second' })).selected).toEqual(frame(dst));
  const restored = { ...nothingYet, session: 'gone', selected: frame(1), chosen: true };
  expect(after(restored, moment(elsewhere)).selected).toEqual(frame(dst));
});

test('a page chosen in another panel is selected here too, until that panel gives the choice back', () => {
  const first = after(nothingYet, moment(refused));
  const chosen = after(first, { type: 'selected', page: frame(dst) });
  expect([chosen.selected, chosen.chosen]).toEqual([frame(dst), true]);
  expect(after(chosen, moment(changed)).selected).toEqual(frame(dst));
  expect(after(chosen, { type: 'selected' }).selected).toEqual(frame(dst + 0x4000));
});

test('answers for another revision or another page change nothing', () => {
  const now = after(nothingYet, moment(refused));
  const late: readonly PanelMessage[] = [
    { type: 'runs', runs: runsOf(changed, 0, 200, '') },
    { type: 'places', places: placesOf(changed, frame(dst + 0x4000)) },
    { type: 'places', places: placesOf(refused, frame(dst)) },
    { type: 'touches', revision: changed.revision, page: frame(dst + 0x4000), steps: [1] },
    { type: 'touches', revision: refused.revision, page: frame(dst), steps: [1] },
  ];
  expect(after(now, ...late)).toBe(now);
});

test('rows of this stop join, and replace those of the stop before', () => {
  const rows = (from: number, filter = ''): PanelMessage => ({ type: 'runs', runs: runsOf(huge, from, 200, filter) });
  const both = after(nothingYet, moment(huge), rows(0), rows(400));
  expect([0, 399, 400, 599, 600].map((index) => both.runs && rowAt(both.runs, index)?.text)).toEqual([
    'POOL + 0K',
    undefined,
    'POOL + 1600K',
    'POOL + 2396K',
    undefined,
  ]);
  const filtered = after({ ...both, family: 'transition' }, rows(0, 'transition'));
  expect([filtered.runs?.total, filtered.runs?.chunks.size]).toEqual([5000, 1]);
});
