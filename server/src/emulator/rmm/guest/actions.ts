// What a realm can do while it runs, one action at a time. Each is done, or exits to the host, or is an abort in the realm.
import { REC_ENTRY_FLAG_TRAP_WFE, REC_ENTRY_FLAG_TRAP_WFI } from '../structures.ts';
import { EXIT_REASONS, type ExitReason, leave } from './exit.ts';
import { advancePc, type Guest, setXValue } from './guest.ts';
import { inject } from './inject.ts';
import { type Access, access } from './memory.ts';
import { smc } from './smc.ts';
import { LOAD_REGISTER, STORE_REGISTER, UNDEFINED, waitTrap } from './syndrome.ts';

/**
 * What became of an action, as one number: a value or a status from 0 up, or a number of the machine's words; small negative
 * numbers are PSCI's errors. The names below are the rest.
 */
export type ActionCode = number;

const FIRST_EXIT = -100;
const SEA = -200;
const UNDEF = -201;
/** No REC runs that could act. */
export const NOT_RUNNING = -202;

const exitCode = (reason: ExitReason): ActionCode => FIRST_EXIT - EXIT_REASONS.indexOf(reason);

/** Names of the codes that are no value: the exit reasons, and the exceptions that the realm takes. */
export const ACTION_CODES: ReadonlyMap<string, ActionCode> = new Map([
  ...EXIT_REASONS.map((reason) => [`RMI_EXIT_${reason}`, exitCode(reason)] as const),
  ['SEA', SEA],
  ['UNDEF', UNDEF],
]);

export const isExit = (code: ActionCode): boolean => code <= FIRST_EXIT && code > SEA;

/** Registers up to here are set by a call: the function, its arguments, zeros. */
const CALL_REGISTERS = 14;

/** What `interrupted` of a REC says: which kind of action has to be done again. The arguments of a call are its registers. */
const REPEATABLE = ['', 'read', 'write', 'fetch', 'call'] as const;

/** Remembers an action that exited before it was done, or that none is left. */
function remember({ rmm: { recs }, rec }: Guest, kind: (typeof REPEATABLE)[number], ipa = 0, stored = 0): void {
  recs.set(rec, 'interrupted', REPEATABLE.indexOf(kind));
  recs.set(rec, 'argument0', ipa);
  recs.set(rec, 'argument1', stored);
}

/** An action that an exit interrupted, with its arguments as numbers of the machine's words. */
export interface Interrupted {
  readonly kind: Access | 'call';
  readonly args: readonly number[];
}

/** What the REC does again, now that it runs: unless the host emulated the access or had it fail. */
export function interruptedAction({ rmm: { recs }, rec }: Guest): Interrupted | undefined {
  const kind = REPEATABLE[recs.get(rec, 'interrupted')];
  if (!kind) return undefined;
  if (kind === 'call') return { kind, args: Array.from({ length: CALL_REGISTERS }, (_, i) => recs.x(rec, i)) };
  const ipa = recs.get(rec, 'argument0');
  return { kind, args: kind === 'write' ? [ipa, recs.get(rec, 'argument1')] : [ipa] };
}

/** Sets the registers of a call and makes it. `args` are numbers of the machine's words. */
export function call(guest: Guest, fid: number, args: readonly number[]): ActionCode {
  const { recs } = guest.rmm;
  recs.setX(guest.rec, 0, fid);
  for (let i = 1; i < CALL_REGISTERS; i++) recs.setX(guest.rec, i, args[i - 1] ?? 0);
  return repeatCall(guest);
}

/** Makes the call that the registers hold. */
export function repeatCall(guest: Guest): ActionCode {
  const { rmm, rec } = guest;
  const { words } = rmm.pages;
  const outcome = smc(guest);
  remember(guest, outcome === 'again' ? 'call' : '');
  if (outcome === 'done') {
    const status = BigInt.asIntN(64, words.value(rmm.recs.x(rec, 0)));
    return status < 0n && status > FIRST_EXIT ? Number(status) : words.number(status);
  }
  return exitCode(rmm.exitReason);
}

/** A load, store or fetch of 64 bits; `ipa` and `stored` are numbers of the machine's words. */
export function reach(guest: Guest, kind: Access, ipa: number, stored = 0): ActionCode {
  const { words } = guest.rmm.pages;
  if (kind === 'write') guest.rmm.recs.setX(guest.rec, STORE_REGISTER, stored);
  const outcome = access(guest, kind, words.value(ipa), words.value(stored));
  remember(guest, outcome === 'exit' ? kind : '', outcome === 'exit' ? ipa : 0, outcome === 'exit' ? stored : 0);
  if (outcome === 'exit') return exitCode('SYNC');
  if (outcome === 'SEA') return SEA;
  if (kind === 'read') setXValue(guest, LOAD_REGISTER, outcome.value);
  return kind === 'write' ? 0 : words.number(outcome.value);
}

/** WFI or WFE: goes on at once unless the host wants to know. */
export function wait(guest: Guest, instruction: 'WFI' | 'WFE'): ActionCode {
  const flag = instruction === 'WFI' ? REC_ENTRY_FLAG_TRAP_WFI : REC_ENTRY_FLAG_TRAP_WFE;
  if ((guest.rmm.pes.flags(guest.pe) & Number(flag)) === 0) return 0;
  advancePc(guest);
  leave(guest, { reason: 'SYNC', esr: waitTrap(instruction === 'WFI' ? 0 : 1) });
  return exitCode('SYNC');
}

/** Forgets what an exit interrupted: the realm was taken elsewhere and does not come back to it. */
export function leaveUndone(guest: Guest): ActionCode {
  remember(guest, '');
  return 0;
}

/** HVC: realms have no hypervisor to call. */
export function hvc(guest: Guest): ActionCode {
  inject(guest, UNDEFINED, 0);
  return UNDEF;
}

/** Something physical that only the host can handle. */
export function interrupt(guest: Guest, reason: 'IRQ' | 'FIQ' | 'SERROR'): ActionCode {
  leave(guest, { reason, esr: reason === 'SERROR' ? SERROR_SYNDROME : 0 });
  return exitCode(reason);
}

/** Class 0x2f, the rest of the syndrome is not given to the host. */
const SERROR_SYNDROME = 0xbc00_0000;
