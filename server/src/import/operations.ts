// The operations that an imported scenario calls, by the names that recordings have for them.
import { hostMemset, hostWrite } from '../emulator/memory/host-access.ts';
import type { MachineOperation } from '../emulator/operation.ts';
import { GUEST_OPERATIONS } from '../emulator/rmm/guest/operations.ts';
import { RMI_OPERATIONS } from '../emulator/rmm/operations.ts';
import { ImportError } from './import-error.ts';

const BY_NAME: ReadonlyMap<string, MachineOperation> = new Map(
  [...RMI_OPERATIONS, hostWrite, hostMemset].map((operation) => [operation.name, operation]),
);

/** An operation of the host: `RMI_DATA_CREATE`, `SMC`, `write`, `memset`. */
export function hostOperation(name: string): MachineOperation {
  const found = BY_NAME.get(name);
  if (!found) throw new ImportError(`no operation is called ${name}`);
  return found;
}

export const isRmiCommand = (name: string): boolean => name.startsWith('RMI_') && BY_NAME.has(name);

const ACCESSES: Readonly<Record<string, string>> = { load: 'read', store: 'write', fetch: 'fetch' };

/** An operation of the realm: `load` is `read`, `ipa_state_set` is `RSI_IPA_STATE_SET`, `psci_cpu_on` is `PSCI_CPU_ON`. */
export function guestOperation(recorded: string): MachineOperation {
  const name = ACCESSES[recorded] ?? recorded.toUpperCase();
  const found = [name, `RSI_${name}`].map((one) => GUEST_OPERATIONS.get(one)).find((one) => one !== undefined);
  if (!found) throw new ImportError(`the realm's operation "${recorded}" is not known`);
  return found;
}
