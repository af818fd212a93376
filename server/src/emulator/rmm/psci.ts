// Power State Coordination Interface: function identifiers and return codes as the realm sees them. DEN0022.
import type { Words } from '../memory/words.ts';

export const PSCI = {
  VERSION: 0x8400_0000,
  CPU_SUSPEND_32: 0x8400_0001,
  CPU_OFF: 0x8400_0002,
  CPU_ON_32: 0x8400_0003,
  AFFINITY_INFO_32: 0x8400_0004,
  SYSTEM_OFF: 0x8400_0008,
  SYSTEM_RESET: 0x8400_0009,
  FEATURES: 0x8400_000a,
  CPU_SUSPEND: 0xc400_0001,
  CPU_ON: 0xc400_0003,
  AFFINITY_INFO: 0xc400_0004,
  SUCCESS: 0,
  NOT_SUPPORTED: -1,
  INVALID_PARAMETERS: -2,
  DENIED: -3,
  ALREADY_ON: -4,
  INVALID_ADDRESS: -9,
  /** Results of AFFINITY_INFO. */
  ON: 0,
  OFF: 1,
  /** PSCI 1.1. */
  REVISION: 0x1_0001,
} as const;

/** A return code, sign extended to 64 bits, as a register holds it. */
export const psciNumber = (words: Words, code: number): number => words.number(BigInt(code));
