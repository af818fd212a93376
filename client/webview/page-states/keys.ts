// The keys of the Page states panel: what Up, Down, Home and End move over, and all of them in words.
import { type Keys, pageKeys, stepKeys } from '../common/key-help.tsx';
import { type KeyOptions, moveAmongItems, moveIntoRows } from '../common/keys.ts';
import type { Controller } from './controller.ts';

export const COMMON_KEYS: readonly Keys[] = [
  [['←', '→'], 'step'],
  [['↑', '↓'], 'page'],
  [['[', ']'], 'change of page'],
  [['Enter'], 'statement'],
  [['/'], 'filter'],
  [['?'], 'all keys'],
];

export const ALL_KEYS: readonly Keys[] = [
  ...stepKeys,
  [['↑', '↓', 'Home', 'End'], 'previous, next, first, last page, row or total'],
  [['[', ']'], 'previous, next step that touches the selected page'],
  [['Enter'], 'show the statement, the focus stays here'],
  [['Ctrl Enter'], 'go to the statement'],
  [['/'], 'filter the runs'],
  [['Esc'], 'clear the filter; then leave to the editor'],
  [['n', 'N'], 'next, previous step that failed'],
  [['h'], 'history of the selected page'],
  ...pageKeys,
  [['Tab'], 'next part: position, changes, totals, memory, places, filter, runs'],
  [['?'], 'these keys'],
];

export function keysOf(panel: Controller): KeyOptions {
  return {
    regions: ['strips', 'step', 'changes', 'totals', 'places', 'filter', 'runs'],
    move: (key, region) => {
      if (region === 'runs') return moveIntoRows(key, 'runs');
      const within = ['changes', 'totals'].includes(region) ? region : 'strips';
      return moveAmongItems(key, within) || moveIntoRows(key, 'runs');
    },
    clear: () => {
      const { words, family } = panel.state;
      if (words !== '' || family) panel.filterBy({ words: '', family: undefined });
      return words !== '' || family !== undefined;
    },
    busy: () => panel.state.help,
  };
}
