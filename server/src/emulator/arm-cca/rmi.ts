// The RMM's commands that the host kernel sends, and what their codes mean.
import type { MachineOperation } from '../operation.ts';
import { RMI_OPERATIONS } from '../rmm/operations.ts';
import { STATUSES } from '../rmm/status.ts';

function command(name: `RMI_${string}`): MachineOperation {
  const found = RMI_OPERATIONS.find((operation) => operation.name === name);
  if (!found) throw new RangeError(`no command ${name}`);
  return found;
}

export const granuleDelegate = command('RMI_GRANULE_DELEGATE');
export const granuleUndelegate = command('RMI_GRANULE_UNDELEGATE');
export const realmCreate = command('RMI_REALM_CREATE');
export const realmActivate = command('RMI_REALM_ACTIVATE');
export const realmDestroy = command('RMI_REALM_DESTROY');
export const recAuxCount = command('RMI_REC_AUX_COUNT');
export const recCreate = command('RMI_REC_CREATE');
export const recDestroy = command('RMI_REC_DESTROY');
export const recEnter = command('RMI_REC_ENTER');
export const psciComplete = command('RMI_PSCI_COMPLETE');
export const rttCreate = command('RMI_RTT_CREATE');
export const rttDestroy = command('RMI_RTT_DESTROY');
export const rttFold = command('RMI_RTT_FOLD');
export const rttReadEntry = command('RMI_RTT_READ_ENTRY');
export const rttInitRipas = command('RMI_RTT_INIT_RIPAS');
export const rttSetRipas = command('RMI_RTT_SET_RIPAS');
export const rttMapUnprotected = command('RMI_RTT_MAP_UNPROTECTED');
export const rttUnmapUnprotected = command('RMI_RTT_UNMAP_UNPROTECTED');
export const dataCreate = command('RMI_DATA_CREATE');
export const dataCreateUnknown = command('RMI_DATA_CREATE_UNKNOWN');
export const dataDestroy = command('RMI_DATA_DESTROY');

export const RMI_SUCCESS = 0;
const RMI_ERROR_RTT = STATUSES.indexOf('RMI_ERROR_RTT');
const RMI_ERROR_REALM = STATUSES.indexOf('RMI_ERROR_REALM');

/** RMI_RETURN_STATUS(code) == RMI_ERROR_RTT: a walk stopped, or an entry is not what the command needs. */
export const isRttError = (code: number): boolean => (code & 0xff) === RMI_ERROR_RTT;
export const isRealmError = (code: number): boolean => (code & 0xff) === RMI_ERROR_REALM;
/** RMI_RETURN_INDEX(code): the level where the walk stopped. */
export const returnIndex = (code: number): number => ((code >>> 8) << 24) >> 24;
