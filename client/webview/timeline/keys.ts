// The keys of the Timeline panel: what Up, Down, Home and End move over, zooming, and all of them in words.
import { type Keys, pageKeys, stepKeys } from '../common/key-help.tsx';
import { type KeyOptions, moveAmongItems, moveIntoRows } from '../common/keys.ts';
import type { Controller } from './controller.ts';

export const COMMON_KEYS: readonly Keys[] = [
  [['←', '→'], 'step'],
  [['↑', '↓'], 'row'],
  [['Space'], 'go to the step'],
  [['[', ']'], 'change of page'],
  [['+', '−', '0'], 'zoom'],
  [['Enter'], 'statement'],
  [['?'], 'all keys'],
];

export const ALL_KEYS: readonly Keys[] = [
  ...stepKeys,
  [['↑', '↓', 'Home', 'End'], 'previous, next, first, last row'],
  [['Space'], 'go to the step of the row'],
  [['[', ']'], 'previous, next step that touches the selected page'],
  [['+', '−', '0'], 'fewer steps in the lanes, more, the whole run'],
  [['Enter'], 'show the statement of the row, the focus stays here'],
  [['Ctrl Enter'], 'go to the statement of the row'],
  [['Esc'], 'follow the page of the step again; then leave to the editor'],
  [['n', 'N'], 'next, previous step that failed'],
  [['h'], 'history of the selected page'],
  ...pageKeys,
  [['Tab'], 'next part: position, changes, lanes, steps'],
  [['?'], 'these keys'],
];

/** Steps in sight after one press of + or −. */
const FACTOR = 2;

export function keysOf(panel: Controller): KeyOptions {
  return {
    regions: ['rows', 'step', 'changes', 'lanes'],
    move: (key, region) => (region === 'changes' && moveAmongItems(key, region)) || moveIntoRows(key, 'rows'),
    clear: () => panel.unselect(),
    more: (key) => {
      if (key === '+' || key === '=') panel.zoom(1 / FACTOR);
      else if (key === '-') panel.zoom(FACTOR);
      else if (key === '0') panel.whole();
      else return false;
      return true;
    },
    busy: () => panel.state.help,
  };
}
