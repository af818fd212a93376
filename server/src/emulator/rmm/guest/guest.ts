// A REC while it runs: its registers, and the address space it sees.
import { toRegister } from '../../registers.ts';
import type { Rmm } from '../rmm.ts';

/** What acts: the REC of row `rec`, running on `pe`. */
export interface Guest {
  readonly rmm: Rmm;
  readonly rec: number;
  readonly pe: number;
}

/** The REC that a PE runs; without a PE the one that was entered last. `undefined` if there is none. */
export function guestOn(rmm: Rmm, pe: number = rmm.pes.latest): Guest | undefined {
  const rec = rmm.pes.rec(pe);
  return rec === undefined ? undefined : { rmm, rec, pe };
}

/** Makes the realm of the guest the one that walks and bounds are about. */
export function speakOfRealm({ rmm, rec }: Guest): void {
  rmm.realm = rmm.recs.get(rec, 'owner');
}

/** A register as an address or a size: beyond 2^53 it is out of range for everything. */
export const xAddress = ({ rmm, rec }: Guest, register: number): number =>
  toRegister(rmm.pages.words.value(rmm.recs.x(rec, register)), 'ipa');

/** A register as it is. */
export const xValue = ({ rmm, rec }: Guest, register: number): bigint =>
  rmm.pages.words.value(rmm.recs.x(rec, register));

export function setXValue({ rmm, rec }: Guest, register: number, value: bigint): void {
  rmm.recs.setX(rec, register, rmm.pages.words.number(value));
}

const INSTRUCTION_BYTES = 4n;

/** Goes on behind the instruction that trapped. */
export function advancePc({ rmm, rec }: Guest): void {
  const { words } = rmm.pages;
  rmm.recs.set(rec, 'pc', words.number(words.value(rmm.recs.get(rec, 'pc')) + INSTRUCTION_BYTES));
}
