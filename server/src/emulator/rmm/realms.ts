// Realms: the attributes in a realm descriptor, one row a granule that is an RD. RMM 1.0, A2.1.
import type { Store, Table } from '../../store/index.ts';

export const REALM_STATES = ['NEW', 'ACTIVE', 'SYSTEM_OFF'] as const;
export type RealmState = (typeof REALM_STATES)[number];

const COLUMNS = [
  'state',
  'ipa_width',
  'rtt_base',
  'rtt_level_start',
  'rtt_num_start',
  'vmid',
  'hash_algo',
  'flags',
  'rim',
  'rem1',
  'rem2',
  'rem3',
  'rem4',
  'rpv',
  'rec_index',
  'num_recs',
  /** Row + 1 of the REC that was made last, of those that exist; 0 for none. */
  'last_rec',
] as const;
export type RealmColumn = (typeof COLUMNS)[number];

const column = Object.fromEntries(COLUMNS.map((name, i) => [name, i])) as Record<RealmColumn, number>;

const IPA_WIDTH = COLUMNS.indexOf('ipa_width');
const RTT_BASE = COLUMNS.indexOf('rtt_base');
const RTT_LEVEL_START = COLUMNS.indexOf('rtt_level_start');
const FLAGS = COLUMNS.indexOf('flags');

/** VMIDs are 8 bits wide: FEAT_VMID16 is absent. */
export const VMIDS = 256;

export class Realms {
  readonly table: Table<RealmColumn>;
  /** Row + 1 of the realm that uses the VMID, 0 for none. */
  readonly vmids: Table<'realm'>;

  constructor(store: Store, granules: number) {
    this.table = store.table('realm', COLUMNS, granules);
    this.vmids = store.table('vmid', ['realm'], VMIDS);
  }

  // The columns that every walk and every bounds check reads, without a look-up by name.

  /** Bits of the realm's IPA space. */
  ipaWidth(rd: number): number {
    return this.table.get(rd, IPA_WIDTH);
  }

  /** PA of the first start table. */
  rttBase(rd: number): number {
    return this.table.get(rd, RTT_BASE);
  }

  rttLevelStart(rd: number): number {
    return this.table.get(rd, RTT_LEVEL_START);
  }

  flags(rd: number): number {
    return this.table.get(rd, FLAGS);
  }

  get(rd: number, name: RealmColumn): number {
    return this.table.get(rd, column[name]);
  }

  set(rd: number, name: RealmColumn, value: number): void {
    this.table.set(rd, column[name], value);
  }

  cell(rd: number, name: RealmColumn): number {
    return this.table.cell(rd, column[name]);
  }

  clear(rd: number): void {
    for (let i = 0; i < COLUMNS.length; i++) this.table.set(rd, i, 0);
  }
}
