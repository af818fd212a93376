// Which rows of a long table are on screen or close to it, so that only those exist.
import { useLayoutEffect, useState } from 'preact/hooks';

/** Elements of the whole page; the rows get what the rest leaves. A little below 1,500, as the rest may grow before the rows shrink. */
const ELEMENTS = 1440;
/** Rows kept ready above and below the visible ones. */
const AHEAD = 20;

/** First and last row to draw, from where the panel's `main` is scrolled to. The rows lie in the grid's `.rows`, each `height` pixels high. */
export function useVisible(
  grid: { readonly current: HTMLElement | null },
  total: number,
  height: number,
  elementsOfRow: number,
): readonly [number, number] {
  const [range, setRange] = useState<readonly [number, number]>([0, AHEAD * 2]);
  useLayoutEffect(() => {
    const scroller = grid.current?.closest('main');
    const list = grid.current?.querySelector('.rows');
    if (!scroller || !list) return;
    const look = () => {
      const above = scroller.getBoundingClientRect().top - list.getBoundingClientRect().top;
      const visible = Math.ceil(scroller.clientHeight / height) + 1;
      const others = document.querySelectorAll('*').length - list.querySelectorAll('*').length;
      const most = (ELEMENTS - others) / elementsOfRow;
      const ahead = Math.max(2, Math.min(AHEAD, Math.floor((most - visible) / 2)));
      const first = Math.max(0, Math.floor(above / height) - ahead);
      const last = Math.max(first, Math.floor(above / height) + visible + ahead);
      setRange((old) => (old[0] === first && old[1] === last ? old : [first, last]));
    };
    look();
    const resized = new ResizeObserver(look);
    resized.observe(scroller);
    scroller.addEventListener('scroll', look, { passive: true });
    return () => {
      resized.disconnect();
      scroller.removeEventListener('scroll', look);
    };
  });
  return [Math.min(range[0], Math.max(0, total - 1)), Math.min(range[1], total - 1)];
}

/** The row that a key leads to from `now`. */
export function targetRow(key: string, now: number | undefined, total: number): number | undefined {
  if (total === 0) return undefined;
  switch (key) {
    case 'ArrowUp':
      return Math.max(0, (now ?? 1) - 1);
    case 'ArrowDown':
      return Math.min(total - 1, (now ?? -1) + 1);
    case 'Home':
      return 0;
    case 'End':
      return total - 1;
    default:
      return undefined;
  }
}

/** Scrolls the panel so far that a row lies fully in it, below the row of heads. */
export function scrollToRow(grid: HTMLElement | null, row: number, height: number): void {
  const scroller = grid?.closest('main');
  const list = grid?.querySelector('.rows');
  if (!scroller || !list) return;
  const top = list.getBoundingClientRect().top - scroller.getBoundingClientRect().top + row * height;
  const over = top - 28; // the row of heads stands over the list's top
  const under = top + height - scroller.clientHeight;
  if (over < 0) scroller.scrollTop += over;
  else if (under > 0) scroller.scrollTop += under;
}
