// All commands of the host interface, in the order of their function identifiers.
import type { RmiCommand } from '../command.ts';
import { dataCreate } from './data-create.ts';
import { dataCreateUnknown } from './data-create-unknown.ts';
import { dataDestroy } from './data-destroy.ts';
import { granuleDelegate, granuleUndelegate } from './granule.ts';
import { psciComplete } from './psci-complete.ts';
import { realmActivate } from './realm-activate.ts';
import { realmCreate } from './realm-create.ts';
import { realmDestroy } from './realm-destroy.ts';
import { recAuxCount } from './rec-aux-count.ts';
import { recCreate } from './rec-create.ts';
import { recDestroy } from './rec-destroy.ts';
import { recEnter } from './rec-enter.ts';
import { rttCreate } from './rtt-create.ts';
import { rttDestroy } from './rtt-destroy.ts';
import { rttFold } from './rtt-fold.ts';
import { rttInitRipas } from './rtt-init-ripas.ts';
import { rttReadEntry } from './rtt-read-entry.ts';
import { rttSetRipas } from './rtt-set-ripas.ts';
import { rttMapUnprotected, rttUnmapUnprotected } from './rtt-unprotected.ts';
import { features, version } from './version.ts';

export const RMI_COMMANDS: readonly RmiCommand[] = [
  version,
  granuleDelegate,
  granuleUndelegate,
  dataCreate,
  dataCreateUnknown,
  dataDestroy,
  realmActivate,
  realmCreate,
  realmDestroy,
  recCreate,
  recDestroy,
  recEnter,
  rttCreate,
  rttDestroy,
  rttMapUnprotected,
  rttReadEntry,
  rttUnmapUnprotected,
  psciComplete,
  features,
  rttFold,
  recAuxCount,
  rttInitRipas,
  rttSetRipas,
];
