// The keys of the Page history panel: what Up, Down, Home and End move over, and all of them in words.
import { type Keys, pageKeys, stepKeys } from '../common/key-help.tsx';
import { type KeyOptions, moveAmongItems } from '../common/keys.ts';
import type { Controller } from './controller.ts';

export const COMMON_KEYS: readonly Keys[] = [
  [['[', ']'], 'previous, next change'],
  [['←', '→'], 'step'],
  [['↑', '↓'], 'row'],
  [['Space'], 'go to that moment'],
  [['Enter'], 'statement'],
  [['?'], 'all keys'],
];

export const ALL_KEYS: readonly Keys[] = [
  ...stepKeys,
  [['[', ']'], 'previous, next step that touches this page'],
  [['↑', '↓', 'Home', 'End'], 'previous, next, first, last step of the list'],
  [['Space'], 'go to the moment of the row'],
  [['Enter'], 'show the statement of the row, the focus stays here'],
  [['Ctrl Enter'], 'go to the statement of the row'],
  [['Esc'], 'follow the page of the step again; then leave to the editor'],
  [['n', 'N'], 'next, previous step that failed'],
  ...pageKeys,
  [['Tab'], 'next part: position, changes, list'],
  [['?'], 'these keys'],
];

export function keysOf(panel: Controller): KeyOptions {
  return {
    regions: ['rows', 'step', 'changes'],
    move: (key, region) => (region === 'changes' && moveAmongItems(key, region)) || moveIntoList(key),
    clear: () => panel.unselect(),
    busy: () => panel.state.help,
  };
}

/** The list moves by itself once a row of it has the focus. */
function moveIntoList(key: string): boolean {
  const row = document.querySelector<HTMLElement>('.passage[tabindex="0"]');
  row?.focus();
  row?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  return row !== null;
}
