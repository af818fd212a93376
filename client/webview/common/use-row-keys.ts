// Up, Down, Home, End and Space over rows that may not be there yet.
import { useEffect, useRef } from 'preact/hooks';
import { targetRow } from './use-visible.ts';

interface Rows {
  /** The attribute that counts the rows, from 1. */
  readonly counted: 'aria-posinset' | 'aria-rowindex';
  /** The number of the first row in the list, and how many the list has. */
  readonly first: number;
  readonly total: number;
  /** Brings a row of the list into sight, counted from its first. */
  show(row: number): void;
}

interface Movable {
  goToRow(index: number): void;
  moveTo(index: number): void;
}

/** The handler of a row's keys; the row that is gone to has the focus as soon as it exists. */
export function useRowKeys(
  list: { readonly current: HTMLElement | null },
  panel: Movable,
  { counted, first, total, show }: Rows,
): (event: KeyboardEvent, at: number) => void {
  const wanted = useRef<number | undefined>(undefined);
  useEffect(() => {
    const index = wanted.current;
    const row = list.current?.querySelector<HTMLElement>(`[${counted}="${(index ?? -2) + 1}"]`);
    if (index === undefined || !row) return;
    wanted.current = undefined;
    row.focus({ preventScroll: true });
  });
  return (event, at) => {
    if (event.key === ' ') {
      event.preventDefault();
      panel.goToRow(at);
      return;
    }
    const target = targetRow(event.key, at - first, total);
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    wanted.current = first + target;
    show(target);
    panel.moveTo(first + target);
  };
}
