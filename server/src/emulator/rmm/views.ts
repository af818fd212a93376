// What can be asked of the RMM: granules, realms, entries, measurements.
import type { Parameter } from '../definition.ts';
import type { Machine } from '../machine.ts';
import type { View } from '../view.ts';
import { tableCell } from './checks.ts';
import { GPT_ENTRIES, GRANULE_STATES } from './granules.ts';
import { REALM_STATES } from './realms.ts';
import { entryRipas, entryState, isAssigned, isTable, isUnassigned, RIPAS } from './rtt-entry.ts';
import { PAGE_LEVEL, type Walk } from './rtts.ts';

const addr: Parameter = { name: 'addr', type: 'pa', text: 'a granule' };
const rd: Parameter = { name: 'rd', type: 'pa', text: 'realm descriptor' };
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
  column: Parameters<Machine['rmm']['realms']['get']>[1],
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
  ofEntry('ripas', 'The RIPAS of an IPA.', RIPAS, ({ entry }) => entryRipas(entry)),
  ofEntry(
    'hipas',
    'What the host made of an IPA.',
    ['UNASSIGNED', 'ASSIGNED', 'UNASSIGNED_NS', 'ASSIGNED_NS', 'TABLE'],
    ({ entry }) => hipas(entry),
  ),
  ofEntry('rtt_level', 'The level of the entry that translates an IPA.', [], ({ level }) => level),
];
