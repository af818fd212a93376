// The keyboard of a panel: one listener, as the same key means the same thing wherever the focus is.
import type { StopPanel } from './stop-panel.ts';

export interface KeyOptions {
  /** Parts of the panel, as `data-region` names them; the first is where keys go before anything had the focus. */
  readonly regions: readonly string[];
  /** Up, Down, Home or End in a region. False when they do nothing there. */
  readonly move: (key: string, region: string) => boolean;
  /** Clears what is filtered; false when nothing is. */
  readonly clear: () => boolean;
  /** Keys of this panel alone. */
  readonly more?: (key: string) => boolean;
  /** The help is open and has the keys. */
  readonly busy: () => boolean;
}

/** Listens on the whole panel; returns how to stop. */
export function listenToKeys(panel: StopPanel, options: KeyOptions): () => void {
  let region = options.regions[0] ?? '';
  const onFocus = (event: FocusEvent) => {
    region = regionOf(event.target, options) ?? region;
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.metaKey || options.busy()) return;
    if (acts(panel, event, regionOf(event.target, options) ?? region, options)) event.preventDefault();
  };
  document.addEventListener('focusin', onFocus);
  document.addEventListener('keydown', onKey);
  return () => {
    document.removeEventListener('focusin', onFocus);
    document.removeEventListener('keydown', onKey);
  };
}

function regionOf(target: EventTarget | null, { regions }: KeyOptions): string | undefined {
  const region = target instanceof Element ? target.closest<HTMLElement>('[data-region]')?.dataset.region : undefined;
  return regions.find((name) => name === region);
}

/** Keys that ask one thing of the panel. */
const ACTS: ReadonlyMap<string, (panel: StopPanel) => void> = new Map([
  ['h', (panel) => panel.showHistory()],
  ['b', (panel) => panel.breakpoint()],
  ['w', (panel) => panel.watch()],
  ['g', (panel) => panel.writer()],
  ['e', (panel) => panel.expectation()],
]);

/** Does what the key says; false when it says nothing here. */
function acts(panel: StopPanel, event: KeyboardEvent, region: string, options: KeyOptions): boolean {
  if (event.key === 'Escape') {
    if (!options.clear()) panel.ask('leave');
    return true;
  }
  // Fields and lists to choose from have all other keys to themselves.
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return false;
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
      return moveSlider(panel, event.key, region) || options.move(event.key, region);
    case '[':
    case ']':
      panel.touch(event.key === ']' ? 1 : -1);
      return true;
    case 'n':
    case 'N':
      panel.failure(event.key === 'n' ? 'next' : 'previous');
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
    default: {
      const act = ACTS.get(event.key);
      act?.(panel);
      return act !== undefined || (options.more?.(event.key) ?? false);
    }
  }
}

function reveal(panel: StopPanel, withFocus: boolean): boolean {
  panel.reveal(withFocus);
  return true;
}

/** Elements that do something of their own on Enter; a changed place is only chosen, so Enter goes to the statement. */
function isPressed(target: EventTarget | null): boolean {
  return target instanceof HTMLButtonElement && target.dataset.item !== 'select';
}

function focus(element: HTMLElement | null): boolean {
  element?.focus();
  return element !== null;
}

function moveSlider(panel: StopPanel, key: string, region: string): boolean {
  const last = region === 'step' ? document.activeElement?.getAttribute('data-slider-last') : undefined;
  if (!last || (key !== 'Home' && key !== 'End')) return false;
  panel.goTo(key === 'Home' ? 0 : Number(last));
  return true;
}

/** Moves among the items of a region; those that are chosen by moving to them are clicked. False where there are none. */
export function moveAmongItems(key: string, region: string): boolean {
  const items = [...document.querySelectorAll<HTMLElement>(`[data-region="${region}"] [data-item]`)];
  const now = items.findIndex((item) => item.tabIndex === 0);
  const last = items.length - 1;
  const target = { ArrowUp: Math.max(0, now - 1), ArrowDown: Math.min(last, now + 1), Home: 0, End: last }[key];
  const item = items[target ?? now];
  if (!item) return false;
  item.focus();
  if (item.dataset.item === 'select') item.click();
  return true;
}

/** A table of which only the visible rows exist moves by itself once a row of it has the focus. */
export function moveIntoRows(key: string, region: string): boolean {
  const row = document.querySelector<HTMLElement>(`[data-region="${region}"] [role="row"][tabindex="0"]`);
  row?.focus();
  row?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  return row !== null;
}

function copy(panel: StopPanel): boolean {
  const focused = document.activeElement?.closest<HTMLElement>('[data-copy]');
  const selected = document.querySelector<HTMLElement>('[aria-selected="true"][data-copy]');
  const text = (focused ?? selected)?.dataset.copy;
  if (text === undefined) return false;
  panel.copy(text);
  return true;
}
