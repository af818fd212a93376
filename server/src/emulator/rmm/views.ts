// What can be asked of the RMM: granules, realms, entries, measurements; of RECs in rec-views.ts.
import type { Parameter } from '../definition.ts';
import type { Machine } from '../machine.ts';
import type { View } from '../view.ts';
import { tableCell } from './checks.ts';
import { GPT_ENTRIES, GRANULE_STATES } from './granules.ts';
import { REALM_STATES, type RealmColumn } from './realms.ts';
import { REC_VIEWS } from './rec-views.ts';
import { entryRipas, entryState, isAssigned, isTable, isUnassigned, RIPAS } from './rtt-entry.ts';
import { PAGE_LEVEL, type Walk } from './rtts.ts';

const addr: Parameter = { name: 'addr', type: 'pa', text: 'a granule' };
const rd: Parameter = { name: 'rd', type: 'rd', text: 'realm descriptor, or the VM' };
const ipa: Parameter = { name: 'ipa', type: 'ipa', text: 'a page of the realm' };

const NOT_MEMORY = 'addr is not delegable memory';
const NO_REALM = 'rd is not a realm descriptor, or ipa is beyond its IPA space';

/** A view of one granule. */
function ofGranule(
  name: string,
  summary: string,
  states: readonly string[],
  read: (machine: Machine, pa: number) => string | number,
  cell: (machine: Machine, pa: number) => number,
): View {
  return {
    name,
    summary,
    states,
    reference: 'DEN0137 1.0-rel0, A2.2',
    params: [addr],
    absent: NOT_MEMORY,
    read: (machine, [pa = 0]) => (machine.pages.has(pa) ? read(machine, pa) : undefined),
    cells: (machine, [pa = 0]) => (machine.pages.has(pa) ? [cell(machine, pa)] : []),
  };
}

const isRealm = ({ rmm, pages }: Machine, pa: number) => pages.has(pa) && rmm.granules.state(pa) === 'RD';

/** A view of an attribute of a realm. */
function ofRealm(
  name: string,
  summary: string,
  column: RealmColumn,
  states: readonly string[],
  read: (machine: Machine, value: number) => string | number,
): View {
  return {
    name,
    summary,
    states,
    reference: 'DEN0137 1.0-rel0, A2.1',
    params: [rd],
    absent: 'rd is not a realm descriptor',
    read: (machine, [pa = 0]) =>
      isRealm(machine, pa) ? read(machine, machine.rmm.realms.get(machine.rmm.granules.row(pa), column)) : undefined,
    cells: ({ rmm, pages }, [pa = 0]) =>
      pages.has(pa) ? [rmm.realms.cell(rmm.granules.row(pa), column), rmm.granules.stateCell(pa)] : [],
  };
}

/** Where a walk to the page of an IPA stops; `undefined` if there is no such page. */
export function walkOf(machine: Machine, realm: number, at: number): Walk | undefined {
  if (!isRealm(machine, realm)) return undefined;
  const { rmm } = machine;
  const row = rmm.granules.row(realm);
  if (at >= 2 ** rmm.realms.get(row, 'ipa_width')) return undefined;
  return rmm.rtts.walk(row, at, PAGE_LEVEL, { rtt: 0, level: 0, index: 0, entry: 0 });
}

/** A view of the entry that translates an IPA. */
function ofEntry(
  name: string,
  summary: string,
  states: readonly string[],
  read: (walk: Walk) => string | number,
): View {
  return {
    name,
    summary,
    states,
    reference: 'DEN0137 1.0-rel0, A5.5',
    params: [rd, ipa],
    absent: NO_REALM,
    read(machine, [realm = 0, at = 0]) {
      const walk = walkOf(machine, realm, at);
      return walk && read(walk);
    },
    cells(machine, [realm = 0, at = 0]) {
      const walk = walkOf(machine, realm, at);
      return walk ? [machine.rmm.rtts.entryCell(walk.rtt, walk.index), tableCell(machine.rmm, walk.rtt)] : [];
    },
  };
}

/** The host's side of an entry, without its RIPAS. */
function hipas(entry: number): string {
  if (isTable(entry)) return 'TABLE';
  if (isAssigned(entry)) return 'ASSIGNED';
  return isUnassigned(entry) ? 'UNASSIGNED' : entryState(entry);
}

const digest = ({ rmm }: Machine, measurement: number) => rmm.measurements.text(measurement);

/** Hexadecimal digits of a digest, by `hash_algo`. */
const DIGITS = [64, 128];

const remColumn = (index: number) => (['rem1', 'rem2', 'rem3', 'rem4'] as const)[index - 1];

const rem: View = {
  name: 'rem',
  summary: 'A realm extensible measurement, which the realm itself extends.',
  states: [],
  reference: 'DEN0137 1.0-rel0, A7.1',
  params: [rd, { name: 'index', type: 'u64', text: '1 to 4' }],
  absent: 'rd is not a realm descriptor, or index is not 1 to 4',
  read(machine, [pa = 0, index = 0]) {
    const column = remColumn(index);
    if (!column || !isRealm(machine, pa)) return undefined;
    const { realms, granules, measurements } = machine.rmm;
    const row = granules.row(pa);
    // Before the first extension a measurement is zero, as long as a digest.
    return measurements.text(realms.get(row, column)).padEnd(DIGITS[realms.get(row, 'hash_algo')] ?? 0, '0');
  },
  cells({ rmm, pages }, [pa = 0, index = 0]) {
    const column = remColumn(index);
    if (!column || !pages.has(pa)) return [];
    return [rmm.realms.cell(rmm.granules.row(pa), column), rmm.granules.stateCell(pa)];
  },
};

/** How many reasons hold a granule, and the cell that counts them. */
function references({ rmm, pages }: Machine, pa: number): { count: number; cell: number } | undefined {
  if (!pages.has(pa)) return undefined;
  const row = rmm.granules.row(pa);
  const { realms, recs, rtts, granules } = rmm;
  switch (granules.state(pa)) {
    case 'RD':
      return { count: realms.get(row, 'num_recs'), cell: realms.cell(row, 'num_recs') };
    case 'REC':
      return { count: recs.get(row, 'running') === 0 ? 0 : 1, cell: recs.cell(row, 'running') };
    case 'RTT':
      return { count: rtts.liveCount(row), cell: rtts.liveCell(row) };
    case 'UNDELEGATED':
    case 'DELEGATED':
    case 'REC_AUX':
    case 'DATA':
      return { count: 0, cell: granules.stateCell(pa) };
  }
}

const refcount: View = {
  name: 'refcount',
  summary:
    'What keeps a granule as it is, as TF-RMM counts it: live entries of an RTT (pages and tables, not unprotected mappings), RECs of an RD, 1 for a REC that runs.',
  states: [],
  reference: 'DEN0137 1.0-rel0, A2.1.4 and A5.5.5; reference counts of TF-RMM',
  params: [addr],
  absent: NOT_MEMORY,
  read: (machine, [pa = 0]) => references(machine, pa)?.count,
  cells: (machine, [pa = 0]) => {
    const held = references(machine, pa);
    return held ? [held.cell, machine.rmm.granules.stateCell(pa)] : [];
  },
};

export const RMM_VIEWS: readonly View[] = [
  ofGranule(
    'granule',
    'The state of a granule.',
    GRANULE_STATES,
    ({ rmm }, pa) => rmm.granules.state(pa),
    ({ rmm }, pa) => rmm.granules.stateCell(pa),
  ),
  ofGranule(
    'gpt',
    'The entry of a granule in the granule protection table.',
    GPT_ENTRIES,
    ({ rmm }, pa) => rmm.granules.gpt(pa),
    ({ rmm }, pa) => rmm.granules.gptCell(pa),
  ),
  ofGranule(
    'host_can_read',
    'Whether a load by the host would succeed.',
    ['yes', 'no'],
    ({ rmm }, pa) => (rmm.granules.gpt(pa) === 'NS' ? 'yes' : 'no'),
    ({ rmm }, pa) => rmm.granules.gptCell(pa),
  ),
  ofGranule(
    'contents',
    'What a page contains, in words.',
    ['zero'],
    ({ pages }, pa) => pages.contents.text(pages.bytes(pa)),
    ({ pages }, pa) => pages.table.cell(pages.row(pa), 0),
  ),
  ofRealm('realm', 'The state of a realm.', 'state', REALM_STATES, (_machine, state) => REALM_STATES[state] as string),
  ofRealm('rim', 'The realm initial measurement.', 'rim', [], digest),
  rem,
  refcount,
  ...REC_VIEWS,
  ofEntry('ripas', 'The RIPAS of an IPA.', RIPAS, ({ entry }) => entryRipas(entry)),
  ofEntry(
    'hipas',
    'What the host made of an IPA.',
    ['UNASSIGNED', 'ASSIGNED', 'UNASSIGNED_NS', 'ASSIGNED_NS', 'TABLE'],
    ({ entry }) => hipas(entry),
  ),
  ofEntry('rtt_level', 'The level of the entry that translates an IPA.', [], ({ level }) => level),
];
