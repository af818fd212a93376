// The keys of the Translation tables panel: what Up, Down, Home and End move over, and all of them in words.
import { type Keys, pageKeys, stepKeys } from '../common/key-help.tsx';
import { type KeyOptions, moveAmongItems, moveIntoRows } from '../common/keys.ts';
import type { Controller } from './controller.ts';

export const COMMON_KEYS: readonly Keys[] = [
  [['←', '→'], 'step'],
  [['↑', '↓'], 'entry'],
  [['+', '−'], 'open, fold'],
  [['[', ']'], 'change of entry'],
  [['Enter'], 'statement'],
  [['?'], 'all keys'],
];

export const ALL_KEYS: readonly Keys[] = [
  ...stepKeys,
  [['↑', '↓', 'Home', 'End'], 'previous, next, first, last entry; in the picture its cells'],
  [['+', '−'], 'open, fold the table of the chosen entry'],
  [['[', ']'], 'previous, next step that touches the chosen entry'],
  [['Enter'], 'show the statement, the focus stays here; in the picture the walk to a cell'],
  [['Ctrl Enter'], 'go to the statement'],
  [['/'], 'filter the entries'],
  [['Esc'], 'clear the filter, then follow the step again, then leave to the editor'],
  [['n', 'N'], 'next, previous step that failed'],
  [['h'], 'history of the chosen entry’s page'],
  ...pageKeys,
  [['Tab'], 'next part: position, changes, realm, levels, address, filter, entries'],
  [['?'], 'these keys'],
];

export function keysOf(panel: Controller): KeyOptions {
  return {
    regions: ['entries', 'step', 'changes', 'levels', 'address', 'filter'],
    move: (key, region) => {
      if (region === 'changes' || region === 'levels' || region === 'address') return moveAmongItems(key, region);
      return moveIntoRows(key, 'entries');
    },
    clear: () => {
      const { words, chosen, realm, page } = panel.state;
      if (words !== '') panel.filterBy('');
      else if (chosen || page || realm !== undefined) panel.unselect();
      else return false;
      return true;
    },
    more: (key) => openOrFold(key),
    busy: () => panel.state.help,
  };
}

/** Presses the mark before the chosen entry, where that opens or folds it. */
function openOrFold(key: string): boolean {
  if (key !== '+' && key !== '-') return false;
  const row = document.querySelector<HTMLElement>('[data-region="entries"] [aria-selected="true"]');
  if (row?.getAttribute('aria-expanded') !== String(key === '-')) return false;
  row.querySelector<HTMLElement>('.twisty')?.click();
  return true;
}
