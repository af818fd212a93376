// The keyboard of the panel: one listener, as the same key means the same thing wherever the focus is.
import type { Controller } from './controller.ts';

const REGIONS = ['step', 'changes', 'totals', 'strips', 'places', 'filter', 'runs'] as const;

/** Listens on the whole panel; returns how to stop. */
export function listenToKeys(panel: Controller): () => void {
  let region: string = 'strips';
  const onFocus = (event: FocusEvent) => {
    region = regionOf(event.target) ?? region;
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.metaKey || panel.state.help) return;
    if (acts(panel, event, regionOf(event.target) ?? region)) event.preventDefault();
  };
  document.addEventListener('focusin', onFocus);
  document.addEventListener('keydown', onKey);
  return () => {
    document.removeEventListener('focusin', onFocus);
    document.removeEventListener('keydown', onKey);
  };
}

function regionOf(target: EventTarget | null): string | undefined {
  const region = target instanceof Element ? target.closest<HTMLElement>('[data-region]')?.dataset.region : undefined;
  return REGIONS.find((name) => name === region);
}

/** Does what the key says; false when it says nothing here. */
function acts(panel: Controller, event: KeyboardEvent, region: string): boolean {
  if (event.key === 'Escape') return leave(panel);
  if (event.target instanceof HTMLInputElement) return false;
  if (event.ctrlKey) return event.key === 'Enter' && reveal(panel, true);
  switch (event.key) {
    case 'ArrowLeft':
      panel.step(event.shiftKey ? 'statementBack' : 'stepBack');
      return true;
    case 'ArrowRight':
      panel.step(event.shiftKey ? 'statementForward' : 'stepForward');
      return true;
    case 'ArrowUp':
    case 'ArrowDown':
    case 'Home':
    case 'End':
      return move(panel, event.key, region);
    case '[':
    case ']':
      panel.touch(event.key === ']' ? 1 : -1);
      return true;
    case 'Enter':
      return isPressed(event.target) ? false : reveal(panel, false);
    case '/':
      return focus(document.querySelector<HTMLElement>('[data-region="filter"]'));
    case 'c':
      return copy(panel);
    case '?':
      panel.help(true);
      return true;
    default:
      return false;
  }
}

function reveal(panel: Controller, withFocus: boolean): boolean {
  panel.reveal(withFocus);
  return true;
}

function leave(panel: Controller): boolean {
  const { words, family } = panel.state;
  if (words !== '' || family) panel.filterBy({ words: '', family: undefined });
  else panel.ask('leave');
  return true;
}

/** Buttons that do something of their own on Enter; a changed place is only chosen, so Enter goes to the statement. */
function isPressed(target: EventTarget | null): boolean {
  return target instanceof HTMLButtonElement && target.dataset.item !== 'select';
}

function focus(element: HTMLElement | null): boolean {
  element?.focus();
  return element !== null;
}

/** Moves among the items of a region; where the focus is in none, among the pages. Choosing follows the focus, except for totals. */
function move(panel: Controller, key: string, region: string): boolean {
  const slider = region === 'step' ? document.activeElement?.getAttribute('data-slider-last') : undefined;
  if (slider && (key === 'Home' || key === 'End')) {
    panel.goTo(key === 'Home' ? 0 : Number(slider));
    return true;
  }
  const within = ['changes', 'totals'].includes(region) ? region : 'strips';
  const items = [...document.querySelectorAll<HTMLElement>(`[data-region="${within}"] [data-item]`)];
  if (region === 'runs' || items.length === 0) return intoRuns(key);
  const now = items.findIndex((item) => item.tabIndex === 0);
  const last = items.length - 1;
  const target = { ArrowUp: Math.max(0, now - 1), ArrowDown: Math.min(last, now + 1), Home: 0, End: last }[key];
  const item = items[target ?? now];
  if (!item) return false;
  item.focus();
  if (item.dataset.item === 'select') item.click();
  return true;
}

/** The table of runs moves by itself once a row of it has the focus. */
function intoRuns(key: string): boolean {
  const row = document.querySelector<HTMLElement>('[data-region="runs"] [role="row"][tabindex="0"]');
  row?.focus();
  row?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  return row !== null;
}

function copy(panel: Controller): boolean {
  const focused = document.activeElement?.closest<HTMLElement>('[data-copy]');
  const selected = document.querySelector<HTMLElement>('[aria-selected="true"][data-copy]');
  const text = (focused ?? selected)?.dataset.copy;
  if (text === undefined) return false;
  panel.copy(text);
  return true;
}
