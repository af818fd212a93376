// Calls of a realm to its RMM: which function a number means, and what becomes of the call. RMM 1.0, B5; SMCCC.
import { type Exit, leave } from './exit.ts';
import { advancePc, type Guest, xAddress, xValue } from './guest.ts';
import { PSCI_FUNCTIONS } from './psci-calls.ts';
import { RSI_FUNCTIONS } from './rsi-calls.ts';
import { syntheticAbort, syntheticHpfar } from './syndrome.ts';

/**
 * What a function answers: values for X0 upwards; an exit to the host with the call done; or, where
 * the RMM needs a page that the realm has not got, the level where the walk to it stopped: the host sees a data abort and
 * the call is made again.
 */
export type SmcOutcome =
  | { readonly returns: readonly bigint[] }
  | { readonly exit: Exit }
  | { readonly needsPage: number };

export interface SmcFunction {
  readonly fid: number;
  call(guest: Guest): SmcOutcome;
}

const SMCCC_VERSION = 0x8000_0000;
const SMCCC_1_2 = 0x1_0002n;
const NOT_SUPPORTED = -1n;
/** Bit 16: the caller's hint that it holds no live SVE state. */
const SVE_HINT = 0x1_0000n;
/** Every call sets at least these. */
const RESULT_REGISTERS = 4;

const FUNCTIONS: ReadonlyMap<bigint, SmcFunction> = new Map(
  [...RSI_FUNCTIONS, ...PSCI_FUNCTIONS].map((definition) => [BigInt(definition.fid), definition]),
);

function answer(guest: Guest): SmcOutcome {
  const fid = xValue(guest, 0) & ~SVE_HINT;
  if (fid === BigInt(SMCCC_VERSION)) return { returns: [SMCCC_1_2] };
  return FUNCTIONS.get(fid)?.call(guest) ?? { returns: [NOT_SUPPORTED] };
}

/** Makes the call whose function and arguments stand in X0 upwards. `again`: it exited, and has to be made again. */
export function smc(guest: Guest): 'done' | 'exit' | 'again' {
  const outcome = answer(guest);
  if ('needsPage' in outcome) {
    leave(guest, {
      reason: 'SYNC',
      esr: syntheticAbort(outcome.needsPage),
      hpfar: syntheticHpfar(guest.rmm.model, xAddress(guest, 1)),
    });
    return 'again';
  }
  if ('exit' in outcome) {
    advancePc(guest);
    leave(guest, outcome.exit);
    return 'exit';
  }
  const { recs, pages } = guest.rmm;
  for (let i = 0; i < Math.max(RESULT_REGISTERS, outcome.returns.length); i++) {
    recs.setX(guest.rec, i, pages.words.number(outcome.returns[i] ?? 0n));
  }
  advancePc(guest);
  return 'done';
}
