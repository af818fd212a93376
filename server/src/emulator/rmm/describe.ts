// What a write to a cell of the RMM means, in the specification's words.
import type { Write } from '../../store/index.ts';
import type { CellText } from '../describe.ts';
import { hex } from '../format.ts';
import type { Machine } from '../machine.ts';
import { GPT_ENTRIES, GRANULE_STATES } from './granules.ts';
import { HASH_ALGORITHMS } from './measurement.ts';
import { REALM_STATES, type RealmColumn } from './realms.ts';
import { entryAddress, entryState, isLive } from './rtt-entry.ts';
import { ENTRIES, span } from './rtts.ts';

type Describe = (machine: Machine, row: number, column: string, write: Write) => CellText | undefined;

/** `ASSIGNED RAM`, `UNASSIGNED_NS`: HIPAS and RIPAS are two words, as the specification speaks of them. */
export const entryWords = (entry: number): string => entryState(entry).replace(/_(EMPTY|RAM|DESTROYED)$/, ' $1');

/** With the address it stores: `ASSIGNED RAM 0x8800_4000`. */
const entryText = (entry: number) => entryWords(entry) + (isLive(entry) ? ` ${hex(entryAddress(entry))}` : '');

const granule: Describe = ({ pages }, row, column, { before, after }) => {
  const names = column === 'GPT' ? GPT_ENTRIES : GRANULE_STATES;
  return {
    kind: 'frame',
    at: pages.address(row),
    field: column,
    before: names[before] as string,
    after: names[after] as string,
  };
};

function realmValue({ rmm }: Machine, column: RealmColumn, value: number): string {
  if (column === 'state') return REALM_STATES[value] as string;
  if (column === 'hash_algo') return HASH_ALGORITHMS[value] as string;
  if (column.startsWith('re') && column !== 'rec_index') return `${rmm.measurements.text(value).slice(0, 16)}…`;
  if (column === 'rim') return `${rmm.measurements.text(value).slice(0, 16)}…`;
  return column === 'rtt_base' || column === 'flags' ? hex(value) : String(value);
}

/** An attribute of a realm that is still one; the end of a realm is told by the state of its descriptor's granule. */
const realm: Describe = (machine, row, column, { before, after }) => {
  const at = machine.pages.address(row);
  if (machine.rmm.granules.state(at) !== 'RD' || column === 'last_rec') return undefined;
  return {
    kind: 'frame',
    at,
    field: column === 'state' ? 'realm' : `realm ${column}`,
    before: realmValue(machine, column as RealmColumn, before),
    after: realmValue(machine, column as RealmColumn, after),
  };
};

const YES_NO = ['no', 'yes'];
const REC_COLUMNS: Readonly<Record<string, readonly [field: string, value: (value: number) => string | undefined]>> = {
  running: ['REC', (pe) => (pe === 0 ? 'READY' : 'RUNNING')],
  runnable: ['REC runnable', (value) => YES_NO[value]],
  psci_pending: ['REC psci_pending', (value) => YES_NO[value]],
  ripas_addr: ['REC ripas_addr', hex],
};

/** What the host can be refused for, of a REC that is still one; registers and the rest are the realm's own. */
const rec: Describe = ({ rmm, pages }, row, column, { before, after }) => {
  const at = pages.address(row);
  const [field, value] = REC_COLUMNS[column] ?? [];
  if (!field || rmm.granules.state(at) !== 'REC') return undefined;
  return { kind: 'frame', at, field, before: value?.(before) ?? '', after: value?.(after) ?? '' };
};

/** An entry of a table that is still one; what is wiped with its table is told by the granule's own change. */
const entry: Describe = (machine, row, _column, { before, after }) => {
  const { rmm, pages } = machine;
  const rtt = Math.floor(row / ENTRIES);
  const index = row % ENTRIES;
  if (rmm.granules.state(pages.address(rtt)) !== 'RTT') return undefined;
  const level = rmm.rtts.level(rtt);
  const shown = (value: number) => entryText(value === 0 ? rmm.rtts.untouched(rtt, index) : value);
  return {
    kind: 'entry',
    object: pages.address(rmm.rtts.realm(rtt)),
    level,
    at: rmm.rtts.ipa(rtt) + index * span(level),
    field: `RTT L${level}[${index}]`,
    before: shown(before),
    after: shown(after),
  };
};

/** Of a table's own row only the entries that it continues are worth a line. */
const table: Describe = ({ rmm, pages }, row, column, { after }) => {
  if (column !== 'unfolded' || after === 0) return undefined;
  return {
    kind: 'frame',
    at: pages.address(row),
    field: `RTT L${rmm.rtts.level(row)}[0 .. 512]`,
    before: 'none',
    after: entryText(after),
  };
};

/** By the name of the table that a cell belongs to. */
export const RMM_DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  granule,
  realm,
  rec,
  rtt: table,
  'rtt entry': entry,
};
