// Driving a REC that was entered, action by action: what is done again first, and how the run ends.
import type { Machine } from '../../machine.ts';
import type { MachineOperation } from '../../operation.ts';
import { interrupt, interruptedAction } from './actions.ts';
import { guestOn } from './guest.ts';
import { GUEST_OPERATIONS } from './operations.ts';
import { PSCI_CALLS } from './psci-calls.ts';
import { RSI } from './rsi-calls.ts';

/** Whether some REC runs: the one that was entered last is the one that acts. */
export const isRunning = ({ rmm }: Machine): boolean => guestOn(rmm) !== undefined;

export interface ActionCall {
  readonly operation: MachineOperation;
  readonly registers: readonly number[];
}

const BY_FID: ReadonlyMap<number, string> = new Map(
  Object.entries({ ...RSI, ...PSCI_CALLS }).map(([name, { fid }]) => [fid, name]),
);

/**
 * What the REC does again after an entry, before anything new: an access that faulted, a call that lacked a page. `undefined`
 * if the last exit left nothing, or the host emulated the access, or had it fail.
 */
export function actionToRepeat({ rmm }: Machine): ActionCall | undefined {
  const guest = guestOn(rmm);
  const interrupted = guest && interruptedAction(guest);
  if (!interrupted) return undefined;
  const [fid = 0, ...args] = interrupted.args;
  const named = interrupted.kind === 'call' ? BY_FID.get(fid) : interrupted.kind;
  const operation = GUEST_OPERATIONS.get(named ?? 'SMC');
  if (!operation) return undefined;
  const registers = interrupted.kind !== 'call' || named === undefined ? interrupted.args : args;
  return { operation, registers: registers.slice(0, operation.params.length) };
}

/**
 * Ends the entry: a REC that still runs exits for a physical IRQ. Returns X0 of the RMI_REC_ENTER, which is RMI_ERROR_INPUT
 * if its run page was taken away meanwhile.
 */
export function endEntry({ rmm }: Machine): number {
  const guest = guestOn(rmm);
  if (guest) interrupt(guest, 'IRQ');
  return rmm.entered;
}
