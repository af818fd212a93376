// Why what led to a moment was refused.
import { type AnyOperation, HOST_CRASH, HOST_CRASH_NAME, type Refusal } from '../emulator/index.ts';
import type { Run } from './run.ts';

const HOST_ALIVE = { id: 'host_alive', text: 'the kernel of the host runs', statusText: HOST_CRASH_NAME };

/**
 * The condition that the call or command at a moment failed, and the cells that decided it; the machine is at that moment. A
 * refused call changes nothing, so that it would be refused for the same reason right after it. `undefined` where it was not
 * refused, and where a fault was injected.
 */
export function refusalAt({ machine, log }: Run, moment: number, operation: AnyOperation): Refusal | undefined {
  const code = log.code(moment);
  if (operation.form.succeeded(code) || log.injected(moment)) return undefined;
  if (code !== HOST_CRASH) return operation.refusal(machine, log.arguments(moment));
  const { deathCell } = machine.linux;
  // The call in which the host dies is refused by nobody.
  if (machine.store.lastWrite(deathCell, moment - 1) === 0) return undefined;
  return { check: HOST_ALIVE, cells: [deathCell], argument: undefined };
}
