// Where breakpoints stop a movement, on the steps of the run: at the step that they stand before, and at the one that changed
// what is watched.
import type { Breakpoints, Run } from '../run/index.ts';
import { elsewhere } from './elsewhere.ts';

/** Whether a movement stops before the statement that led to a moment, or behind it because of what it changed. */
export const stopsAround = (breakpoints: Breakpoints, moment: number): boolean =>
  breakpoints.at(moment - 1).length > 0 || breakpoints.changedAt(moment).length > 0;

const known = new WeakMap<Breakpoints, { readonly key: string; readonly steps: readonly number[] }>();

/** The steps `from` to `to` at which it stops, in order; kept, as most stops leave them as they are. */
export function stoppingSteps(run: Run, breakpoints: Breakpoints, from: number, to: number): readonly number[] {
  if (!breakpoints.isSet) return [];
  const key = [breakpoints.version, run.reached, from, to].join(' ');
  const last = known.get(breakpoints);
  if (last?.key === key) return last.steps;
  const steps = elsewhere(run, () => lookedUp(run, breakpoints, from, to));
  known.set(breakpoints, { key, steps });
  return steps;
}

function lookedUp({ log }: Run, breakpoints: Breakpoints, from: number, to: number): number[] {
  const found = new Set<number>();
  const [first, last] = [log.momentOf(from - 1), log.momentOf(to)];
  for (let moment = first; moment < last; moment++) {
    if (breakpoints.at(moment).length > 0) found.add(log.step(moment + 1));
  }
  let changed = breakpoints.firstChange(first, last);
  while (changed !== undefined) {
    found.add(log.step(changed));
    changed = breakpoints.firstChange(changed, last);
  }
  return [...found].filter((n) => n >= from && n <= to).sort((a, b) => a - b);
}
