// Checks that many commands share, under the names the specification gives them.
import { type Args, type Check, check, type Group, type Lookup } from './command.ts';
import { GRANULE_STATES, type GranuleState } from './granules.ts';
import type { Rmm } from './rmm.ts';
import { isAligned, PAGE_LEVEL } from './rtts.ts';
import { type Failure, RMI_ERROR_INPUT, rmiCode } from './status.ts';

export const INPUT: Failure<Rmm, unknown> = { text: 'RMI_ERROR_INPUT', code: () => RMI_ERROR_INPUT };
export const REALM: Failure<Rmm, unknown> = { text: 'RMI_ERROR_REALM', code: () => rmiCode('RMI_ERROR_REALM') };
export const REC: Failure<Rmm, unknown> = { text: 'RMI_ERROR_REC', code: () => rmiCode('RMI_ERROR_REC') };
/** The level where the walk stopped. */
export const RTT_WALK: Failure<Rmm, unknown> = {
  text: 'RMI_ERROR_RTT(walk level)',
  code: (rmm) => rmiCode('RMI_ERROR_RTT', rmm.walk.level),
};
/** The level that the command was given. */
export const RTT_LEVEL: Failure<Rmm, Args<'level'>> = {
  text: 'RMI_ERROR_RTT(level)',
  code: (_rmm, { level }) => rmiCode('RMI_ERROR_RTT', level),
};

/** `x_align`, `x_bound`, `x_state`: a granule that must be in one state. `names` are the prefixes of the identifiers. */
export function granule<P extends string>(
  param: P,
  prefix: string,
  state: GranuleState,
  stateId: string = `${prefix}_state`,
): Group<Args<P>> {
  const number = GRANULE_STATES.indexOf(state);
  return {
    all: (rmm, args) => rmm.granules.isInState(args[param], number),
    checks: [...addressChecks(param, prefix), granuleState(param, stateId, state)],
  };
}

/** `x_align` and `x_bound`. */
export function addressChecks<P extends string>(param: P, prefix: string): [Check<Args<P>>, Check<Args<P>>] {
  return [
    check(`${prefix}_align`, `${param} is aligned to 4 KiB`, INPUT, (_rmm, args) => isAligned(args[param], PAGE_LEVEL)),
    check(`${prefix}_bound`, `${param} is delegable memory`, INPUT, (rmm, args) => rmm.granules.tracks(args[param])),
  ];
}

/** `x_state` alone. */
export function granuleState<P extends string>(param: P, id: string, state: GranuleState): Check<Args<P>> {
  return check(
    id,
    `granule ${param} is ${state}`,
    INPUT,
    (rmm, args) => rmm.granules.state(args[param]) === state,
    (rmm, args) => [rmm.granules.stateCell(args[param])],
  );
}

/** A page of the host that the RMM reads or writes: no agent of the realm world owns it. `hostReadable` says the rest. */
export function hostPage<P extends string>(param: P, prefix: string): Check<Args<P>>[] {
  return [...addressChecks(param, prefix), granuleState(param, `${prefix}_pas`, 'UNDELEGATED')];
}

/** An access to such a page goes through the granule protection table: it must be Non-secure there as well. */
export function hostReadable<P extends string>(param: P, prefix: string): Check<Args<P>> {
  return check(
    `${prefix}_pas`,
    `${param} is accessible as NS`,
    INPUT,
    (rmm, args) => rmm.granules.gpt(args[param]) === 'NS',
    (rmm, args) => [rmm.granules.gptCell(args[param]), rmm.granules.stateCell(args[param])],
  );
}

/** The REC is not RUNNING: no PE runs it. */
export const recIsReady: Check<Args<'rec'>> = check(
  'rec_state',
  'the REC is READY',
  REC,
  ({ granules, recs }, { rec }) => recs.get(granules.row(rec), 'running') === 0,
  ({ granules, recs }, { rec }) => [recs.cell(granules.row(rec), 'running')],
);

const RD = GRANULE_STATES.indexOf('RD');
const descriptor = granule('rd', 'rd', 'RD');

/** `rd_align`, `rd_bound`, `rd_state`; the checks that follow speak of that realm. */
export const realm: Group<Args<'rd'>> = {
  checks: descriptor.checks,
  all(rmm, { rd }) {
    if (!rmm.granules.isInState(rd, RD)) return false;
    rmm.speakOf(rd);
    return true;
  },
};

export const realmIsNew: Check<unknown> = check(
  'realm_state',
  'the realm is NEW',
  REALM,
  (rmm) => rmm.realms.get(rmm.realm, 'state') === 0,
  (rmm) => [rmm.realms.cell(rmm.realm, 'state')],
);

/** The address lies in the IPA space. */
export const ipaBound: Check<Args<'ipa'>> = check(
  'ipa_bound',
  'ipa lies in the IPA space of the realm',
  INPUT,
  (rmm, { ipa }) => ipa < rmm.ipaEnd,
);

export const ipaProtected: Check<Args<'ipa'>> = check('ipa_bound', 'ipa is protected', INPUT, (rmm, { ipa }) =>
  rmm.protects(ipa),
);

export const ipaUnprotected: Check<Args<'ipa'>> = check(
  'ipa_bound',
  'ipa is unprotected',
  INPUT,
  (rmm, { ipa }) => !rmm.protects(ipa),
);

export const pageAligned: Check<Args<'ipa'>> = check('ipa_align', 'ipa is aligned to 4 KiB', INPUT, (_rmm, { ipa }) =>
  isAligned(ipa, PAGE_LEVEL),
);

export const entryAligned: Check<Args<'ipa' | 'level'>> = check(
  'ipa_align',
  'ipa is aligned to an entry at level',
  INPUT,
  (_rmm, { ipa, level }) => isAligned(ipa, level),
);

/** For a command on the table at `level`: its parent entry is one level up. */
export const tableAligned: Check<Args<'ipa' | 'level'>> = check(
  'ipa_align',
  'ipa is aligned to an entry at level - 1',
  INPUT,
  (_rmm, { ipa, level }) => isAligned(ipa, level - 1),
);

/** The level of a table that is not a start table. */
export const tableLevel: Check<Args<'level'>> = check(
  'level_bound',
  'level is below the start level, down to 3',
  INPUT,
  (rmm, { level }) => level > rmm.realms.rttLevelStart(rmm.realm) && level <= PAGE_LEVEL,
);

/** Without LPA2 an output address has 48 bits. */
export function addressWidth<P extends string>(param: P, prefix: string): Check<Args<P>> {
  return check(
    `${prefix}_bound2`,
    `${param} is below 2^48, unless the realm uses LPA2`,
    INPUT,
    (rmm, args) => args[param] < 2 ** 48 || rmm.usesLpa2,
  );
}

/** The entry where the walk stopped; if nobody wrote it, it is as its table was made. */
const stoppedAt = (rmm: Rmm) => [rmm.rtts.entryCell(rmm.walk.rtt, rmm.walk.index), tableCell(rmm, rmm.walk.rtt)];

/** The cell that says since when a granule is a table. */
export const tableCell = ({ granules }: Rmm, rtt: number): number => granules.stateCell(granules.address(rtt));

/** Walks to the page of `ipa`. */
export const walkToPage: Lookup<Args<'ipa'>> = {
  lookup: (rmm, { ipa }) => void rmm.rtts.walk(rmm.realm, ipa, PAGE_LEVEL, rmm.walk),
};

export const walkReachesPage: Check<Args<'ipa'>> = check(
  'rtt_walk',
  'the walk reaches level 3',
  RTT_WALK,
  (rmm) => rmm.walk.level === PAGE_LEVEL,
  stoppedAt,
);

/** Walks to the entry at `level`, or, with `up` = 1, to the parent entry of a table at `level`. */
export const walkToLevel = (up: 0 | 1): Lookup<Args<'ipa' | 'level'>> => ({
  lookup: (rmm, { ipa, level }) => void rmm.rtts.walk(rmm.realm, ipa, level - up, rmm.walk),
});

export const walkReachesLevel = (up: 0 | 1): Check<Args<'level'>> =>
  check(
    'rtt_walk',
    up === 0 ? 'the walk reaches level' : 'the walk reaches level - 1',
    RTT_WALK,
    (rmm, { level }) => rmm.walk.level === level - up,
    stoppedAt,
  );

/** `rtte_state`: what the entry must be where the walk ended. */
export const entryIs = (text: string, test: (entry: number) => boolean): Check<unknown> =>
  check('rtte_state', `the entry is ${text}`, RTT_WALK, (rmm) => test(rmm.walk.entry), stoppedAt);
