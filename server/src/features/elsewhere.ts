// Looking at other moments of a run without leaving this one.
import type { Run } from '../run/index.ts';

/** Does something at other moments, and comes back to the very place, which may be inside a command. */
export function elsewhere<T>(run: Run, look: () => T): T {
  const { store } = run.machine;
  const { now, position } = store;
  try {
    return look();
  } finally {
    store.seek(now);
    if (store.position !== position) store.peekInside(position - store.position);
  }
}
