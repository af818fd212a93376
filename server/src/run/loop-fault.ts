// What keeps a loop from running.
import { isFault, isInteger, isRange, LIMITS, type Value } from '../scenario/index.ts';

/** Why a loop cannot run. */
export function loopFault(range: Value, step: Value): { code: string; message: string; ofStep?: true } | undefined {
  if (isFault(range)) return { code: 'CCS204', message: range.fault };
  if (!isRange(range)) return { code: 'CCS205', message: 'for goes over a range, as in 0 .. 64K or base +: 2M' };
  if (!isInteger(step) || step <= 0)
    return { code: 'CCS205', message: 'the step of a loop is a number above 0', ofStep: true };
  if (!Number.isSafeInteger(range.base + range.length))
    return { code: 'CCS204', message: 'the range does not fit 53 bits' };
  const times = Math.ceil(range.length / Number(step));
  if (times <= LIMITS.steps) return undefined;
  return { code: 'CCS209', message: `the loop would run ${times} times; a run has at most ${LIMITS.steps} steps` };
}
