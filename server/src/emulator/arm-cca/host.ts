// What the host kernel keeps of each realm and each of its vCPUs, and how it deals with memory that does not come back.
import type { Store, Table } from '../../store/index.ts';
import { Rows } from '../linux/rows.ts';
import type { Machine } from '../machine.ts';
import { span } from '../rmm/rtts.ts';

/** enum realm_state: the column `state` of the VM's row. */
export const REALM_STATE_NONE = 0;
export const REALM_STATE_NEW = 1;
export const REALM_STATE_ACTIVE = 2;
export const REALM_STATE_DYING = 3;
export const REALM_STATE_DEAD = 4;
export const REALM_STATES = ['NONE', 'NEW', 'ACTIVE', 'DYING', 'DEAD'] as const;

/** The last level of a realm's tables, where an entry is one granule. */
export const RMM_RTT_MAX_LEVEL = 3;

/** Granules that the RMM wants for one REC at most. */
export const MOST_AUX = 16;

const AUX = Array.from({ length: MOST_AUX }, (_, i) => `aux ${i}` as const);

/** What becomes of a host page whose granule cannot be undelegated: the alternatives of the list, in the order of the table's cell. */
export const UNDELEGATE_POLICIES = ['get_page', 'hwpoison', 'gmem_mark_in_use', 'WARN', 'BUG_ON'] as const;
export type UndelegatePolicy = (typeof UNDELEGATE_POLICIES)[number];

const REALM_COLUMNS = [
  /** Start tables: their first PA, and how many granules they are. */
  'pgd',
  'start tables',
  'vmid',
  'num aux',
  /** Configuration before the realm is created. */
  'hash algorithm',
  'rpv',
  /** The frame that the last simulated private fault found. */
  'premapped',
  /** Who makes and activates the realm: 0, or the actor plus one. */
  'config lock',
] as const;

const REC_COLUMNS = ['rec', 'run', 'flags', 'stopped', 'spins', 'spinning at', ...AUX] as const;

const POLICY_COLUMNS = [
  'on undelegate failure',
  'temporary pages',
  'round trips',
  'extra pages',
  'copies per page',
  'populate destination',
] as const;

export class CcaHost {
  /** By row of the VM. */
  readonly realms: Rows<(typeof REALM_COLUMNS)[number]>;
  /** By row of the vCPU. `rec` is 0 until it is finalised; `flags` are those of the next entry; `spins` counts exits in a row at one IPA. */
  readonly recs: Rows<(typeof REC_COLUMNS)[number]>;
  /** How memory that does not come back is dealt with, and how populate gets its source. */
  readonly policy: Table<(typeof POLICY_COLUMNS)[number]>;

  constructor(store: Store) {
    this.realms = new Rows(store, 'kvm realm', REALM_COLUMNS, 64);
    this.recs = new Rows(store, 'kvm rec', REC_COLUMNS, 512);
    this.policy = store.table('kvm realm policy', POLICY_COLUMNS, 1);
  }

  /** PA of an auxiliary granule of a vCPU's REC; 0 if there is none. */
  auxiliary(vcpu: number, index: number): number {
    const column = AUX[index];
    return column === undefined ? 0 : this.recs.get(vcpu, column);
  }

  setAuxiliary(vcpu: number, index: number, pa: number): void {
    const column = AUX[index];
    if (column !== undefined) this.recs.set(vcpu, column, pa);
  }

  get undelegatePolicy(): UndelegatePolicy {
    return UNDELEGATE_POLICIES[this.policy.get(0, 0)] ?? 'get_page';
  }
}

/** Columns of the policy table. */
export const TEMPORARY_PAGES = 1;
export const ROUND_TRIPS = 2;
export const EXTRA_PAGES = 3;
export const COPIES_PER_PAGE = 4;
export const POPULATE_DESTINATION = 5;

/** How populate finds the page to fill: by a lookup in the file, or by a private fault that it simulates. */
export const POPULATE_DESTINATIONS = { lookup: 0, private_fault: 1 } as const;

export const realmState = ({ linux }: Machine, vm: number): number => linux.vms.rows.get(vm, 'state');
export const setRealmState = ({ linux }: Machine, vm: number, state: number): void =>
  linux.vms.rows.set(vm, 'state', state);

/** PA of the realm descriptor; 0 while there is none. */
export const rdOf = ({ linux }: Machine, vm: number): number => linux.vms.rows.get(vm, 'object');

/** kvm_realm_is_created: the RMM knows the realm. */
export const isCreated = (machine: Machine, vm: number): boolean => rdOf(machine, vm) !== 0;

export const ipaBits = ({ linux }: Machine, vm: number): number => linux.vms.rows.get(vm, 'ipa bits');

/** The shared alias of a guest physical address has this bit set (a power of two). */
export const sharedBit = (machine: Machine, vm: number): number => 2 ** (ipaBits(machine, vm) - 1);

/** get_start_level: 4 - stage2_pgtable_levels(ia_bits). Up to 16 start tables are concatenated. */
export const startLevel = (machine: Machine, vm: number): number => 4 - Math.floor((ipaBits(machine, vm) - 8) / 9);

/** realm_num_root_rtts: start tables that the IPA width needs at the start level. */
export const startTables = (machine: Machine, vm: number): number =>
  Math.max(1, 2 ** ipaBits(machine, vm) / (span(startLevel(machine, vm)) * 512));

/** find_map_level: the level of the largest entries that [start, end) can be mapped with. */
export function findMapLevel(machine: Machine, vm: number, start: number, end: number): number {
  const first = startLevel(machine, vm);
  let level = RMM_RTT_MAX_LEVEL;
  while (level > first && start % span(level - 1) === 0 && start + span(level - 1) <= end) level--;
  return level;
}

/** The VM of a vCPU. */
export const vmOf = ({ linux }: Machine, vcpu: number): number => linux.vms.vcpus.get(vcpu, 'vm');
