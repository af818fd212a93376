// Replaying a recorded sequence on a fresh machine, call by call, up to the first difference.
import { Machine } from '../../server/src/emulator/machine.ts';
import { missing, perform } from './calls.ts';
import { type Difference, firstDifference } from './compare.ts';
import type { Driver } from './guest.ts';
import type { CallRecord, Sequence } from './trace.ts';

/** The machine of setup "std1". */
export const STD1 = { dram: { base: 0x8000_0000, size: 16 * 2 ** 20 }, rmm: 'rmm/1.0-tf' } as const;

export type Verdict =
  | { readonly kind: 'passed'; readonly calls: number }
  | { readonly kind: 'failed'; readonly index: number; readonly call: CallRecord; readonly difference: Difference }
  | { readonly kind: 'skipped'; readonly reason: string };

/** A call tagged as a quirk may agree with the specification instead of the record; what follows it then proves nothing. */
export function replay(sequence: Sequence): Verdict {
  for (const call of sequence.calls) {
    const lacking = missing(call);
    if (lacking !== undefined) return { kind: 'skipped', reason: lacking };
  }
  const machine = new Machine(STD1);
  const driver: Driver = new Map();
  const quirks = new Set(sequence.quirks?.map(([, index]) => index));
  for (const [index, call] of sequence.calls.entries()) {
    const difference = firstDifference(call, perform(machine, driver, call));
    if (difference && quirks.has(index)) return { kind: 'passed', calls: index };
    if (difference) return { kind: 'failed', index, call, difference };
  }
  return { kind: 'passed', calls: sequence.calls.length };
}
