// What a run may take: steps, memory for its history, and pages that expectations look at.
import { LIMITS } from '../scenario/index.ts';
import type { Run } from './run.ts';

/** Which budget of a run is used up, in words. */
export function exhaustedBudget({ reached, machine: { store, pages, rmm }, log }: Run): string | undefined {
  if (reached >= LIMITS.steps) return `the run has more than ${LIMITS.steps} steps`;
  if (store.journalBytes + log.size + pages.contents.size + rmm.measurements.size > LIMITS.history) {
    return `the history of the run takes more than ${LIMITS.history / 1024 ** 2} MB`;
  }
  return log.looks > LIMITS.looks ? `the expectations of the run look at more than ${LIMITS.looks} pages` : undefined;
}
