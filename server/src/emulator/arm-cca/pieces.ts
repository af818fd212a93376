// Atomic pieces of the host's CCA support: they show in traces, and `inject` names them.
import type { MachineOperation } from '../operation.ts';
import { kick } from './guest-memory.ts';
import { POLICY_PIECES } from './policy.ts';
import { lookupHostSource } from './source.ts';

export const CCA_PIECES: readonly MachineOperation[] = [...POLICY_PIECES, lookupHostSource, kick];
