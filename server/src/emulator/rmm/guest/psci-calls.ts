// PSCI, as the RMM answers it to a realm: some calls inside, others with the host's help. RMM 1.0, B6; DEN0022.
import { isMpidr, recIndex } from '../mpidr.ts';
import { PSCI } from '../psci.ts';
import { findRec } from '../realm-recs.ts';
import { REALM_STATES } from '../realms.ts';
import type { Exit } from './exit.ts';
import { type Guest, speakOfRealm, xAddress, xValue } from './guest.ts';
import type { SmcFunction, SmcOutcome } from './smc.ts';

const returns = (code: number): SmcOutcome => ({ returns: [BigInt(code)] });

/** The host learns the function, and the affinity where there is one. */
function exit({ rmm, rec }: Guest, registers: 1 | 2): { exit: Exit } {
  return { exit: { reason: 'PSCI', gprs: Array.from({ length: registers }, (_, i) => rmm.recs.x(rec, i)) } };
}

/** The index of the REC that X1 names, if the realm has made such a REC. */
function targetIndex(guest: Guest): number | undefined {
  const mpidr = xValue(guest, 1);
  if (!isMpidr(mpidr)) return undefined;
  const index = recIndex(mpidr);
  return index < guest.rmm.realms.get(guest.rmm.realm, 'rec_index') ? index : undefined;
}

/** Asks the host to name the target; RMI_PSCI_COMPLETE answers. */
function ask(guest: Guest): SmcOutcome {
  guest.rmm.recs.set(guest.rec, 'psci_pending', 1);
  return exit(guest, 2);
}

const ownIndex = ({ rmm, rec }: Guest) => rmm.recs.get(rec, 'index');

function cpuOn(guest: Guest): SmcOutcome {
  speakOfRealm(guest);
  if (!guest.rmm.protects(xAddress(guest, 2))) return returns(PSCI.INVALID_ADDRESS);
  const index = targetIndex(guest);
  if (index === undefined) return returns(PSCI.INVALID_PARAMETERS);
  if (index === ownIndex(guest) || isKnownOn(guest, index)) return returns(PSCI.ALREADY_ON);
  return ask(guest);
}

/** The specification looks at the target at once, TF-RMM when the host has named it. */
function isKnownOn({ rmm }: Guest, index: number): boolean {
  if (rmm.model !== 'rmm/1.0') return false;
  const target = findRec(rmm, rmm.realm, (rec) => rmm.recs.get(rec, 'index') === index);
  return target !== undefined && rmm.recs.get(target, 'runnable') === 1;
}

function affinityInfo(guest: Guest): SmcOutcome {
  speakOfRealm(guest);
  const index = targetIndex(guest);
  if (xValue(guest, 2) !== 0n || index === undefined) return returns(PSCI.INVALID_PARAMETERS);
  return index === ownIndex(guest) ? returns(PSCI.ON) : ask(guest);
}

function cpuOff(guest: Guest): SmcOutcome {
  guest.rmm.recs.set(guest.rec, 'runnable', 0);
  return succeedAndExit(guest);
}

/** The realm sees success once the host has entered it again. */
function succeedAndExit(guest: Guest): SmcOutcome {
  const outcome = exit(guest, 1);
  for (let i = 0; i < 4; i++) guest.rmm.recs.setX(guest.rec, i, 0);
  return outcome;
}

function systemOff(guest: Guest): SmcOutcome {
  speakOfRealm(guest);
  guest.rmm.realms.set(guest.rmm.realm, 'state', REALM_STATES.indexOf('SYSTEM_OFF'));
  return exit(guest, 1);
}

const SMCCC_VERSION = 0x8000_0000;

/** What PSCI_FEATURES says of itself and of others; TF-RMM forgets PSCI_VERSION. */
const KNOWN: ReadonlySet<bigint> = new Set(
  [
    PSCI.CPU_SUSPEND_32,
    PSCI.CPU_SUSPEND,
    PSCI.CPU_OFF,
    PSCI.CPU_ON_32,
    PSCI.CPU_ON,
    PSCI.AFFINITY_INFO_32,
    PSCI.AFFINITY_INFO,
    PSCI.SYSTEM_OFF,
    PSCI.SYSTEM_RESET,
    PSCI.FEATURES,
    SMCCC_VERSION,
  ].map(BigInt),
);

function features(guest: Guest): SmcOutcome {
  const fid = xValue(guest, 1) & 0xffff_ffffn;
  const known = KNOWN.has(fid) || (guest.rmm.model === 'rmm/1.0' && fid === BigInt(PSCI.VERSION));
  return returns(known ? PSCI.SUCCESS : PSCI.NOT_SUPPORTED);
}

export const PSCI_CALLS = {
  PSCI_VERSION: { fid: PSCI.VERSION, call: () => returns(PSCI.REVISION) },
  PSCI_FEATURES: { fid: PSCI.FEATURES, call: features },
  PSCI_CPU_SUSPEND: { fid: PSCI.CPU_SUSPEND, call: succeedAndExit },
  PSCI_CPU_OFF: { fid: PSCI.CPU_OFF, call: cpuOff },
  PSCI_CPU_ON: { fid: PSCI.CPU_ON, call: cpuOn },
  PSCI_AFFINITY_INFO: { fid: PSCI.AFFINITY_INFO, call: affinityInfo },
  PSCI_SYSTEM_OFF: { fid: PSCI.SYSTEM_OFF, call: systemOff },
  PSCI_SYSTEM_RESET: { fid: PSCI.SYSTEM_RESET, call: systemOff },
} as const satisfies Readonly<Record<string, SmcFunction>>;

/** The 32-bit forms that are taken as well. */
const SHORT_FORMS: readonly SmcFunction[] = [
  { fid: PSCI.CPU_SUSPEND_32, call: succeedAndExit },
  { fid: PSCI.CPU_ON_32, call: cpuOn },
  { fid: PSCI.AFFINITY_INFO_32, call: affinityInfo },
];

export const PSCI_FUNCTIONS: readonly SmcFunction[] = [...Object.values(PSCI_CALLS), ...SHORT_FORMS];
