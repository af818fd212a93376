// The tables of KVM: VMs, memslots, vCPUs, second-stage mappings.
import type { Store } from '../../store/index.ts';
import { INDEXES, type RangeMaps } from '../linux/range-map.ts';
import { Rows } from '../linux/rows.ts';
import type { Xarrays } from '../linux/xarray.ts';
import { PRIVATE_HALF, SHARED_HALF } from './platform.ts';

/** Flags of memslots; GMEM_ONLY is KVM's own. */
export const KVM_MEM_LOG_DIRTY_PAGES = 1;
export const KVM_MEM_READONLY = 2;
export const KVM_MEM_GUEST_MEMFD = 4;
export const MEMSLOT_GMEM_ONLY = 0x2_0000;
/** The copy of a slot that stands in for it while it is deleted or moved. */
export const MEMSLOT_INVALID = 0x1_0000;

/** Slot numbers of one address space: 16 bits of the ioctl's argument, of which x86 leaves three to itself. */
export const SLOT_IDS = 2 ** 16;
export const USER_MEM_SLOTS = 32764;
const ADDRESS_SPACES = 2;
const MOST_VMS = 64;
const MOST_VCPUS = 512;

/** States of a realm or another protected VM, kept by its platform in the column `state`. */
const VM_COLUMNS = [
  'type',
  'platform',
  'fd',
  'references',
  'process',
  'slots 0',
  'slots 1',
  'attributes',
  'invalidate seq',
  'in progress',
  'begin',
  'end',
  'stage 2',
  'stage 2 private',
  'slots lock',
  'srcu readers',
  'mmu readers',
  'bugged',
  'dead',
  'pre-fault',
  'ipa bits',
  'state',
  'object',
] as const;

const SLOT_COLUMNS = ['base', 'pages', 'hva', 'flags', 'file', 'pgoff', 'used'] as const;

const VCPU_COLUMNS = [
  'vm',
  'id',
  'fd',
  /** The guest action that faulted and is retried: its number among the guest's operations plus one, and its registers. */
  'pending',
  'register 0',
  'register 1',
  'register 2',
  'register 3',
  'register 4',
  'done bytes',
  /** kvm_run: the exit reason and what belongs to it. */
  'exit reason',
  'gpa',
  'flags',
  'size',
  'len',
  'is_write',
  'object',
] as const;
export type VcpuColumn = (typeof VCPU_COLUMNS)[number];

/** A second-stage entry: the frame, and whether it may be written. Its half is the table that it is in. */
const WRITABLE = 1;
export const spteOf = (pfn: number, writable: boolean): number => pfn * 2 + (writable ? WRITABLE : 0);
export const sptePfn = (spte: number): number => Math.floor(spte / 2);
export const spteWritable = (spte: number): boolean => spte % 2 === WRITABLE;

export class Vms {
  /**
   * `references` counts the VM's descriptor, its vCPUs' and open gmem files. `object` is the platform's own. `srcu readers`
   * are the calls that looked a slot up and still use it, `mmu readers` the faults that map a page under the mmu lock.
   */
  readonly rows: Rows<(typeof VM_COLUMNS)[number]>;
  /** Rows by VM, address space and id. `base` and `pages` count pages, `hva` counts bytes. */
  readonly slots: Rows<(typeof SLOT_COLUMNS)[number]>;
  readonly vcpus: Rows<VcpuColumn>;
  readonly ranges: RangeMaps;
  readonly xarrays: Xarrays;

  constructor(store: Store, ranges: RangeMaps, xarrays: Xarrays) {
    this.ranges = ranges;
    this.xarrays = xarrays;
    this.rows = new Rows(store, 'vm', VM_COLUMNS, MOST_VMS);
    this.vcpus = new Rows(store, 'vcpu', VCPU_COLUMNS, MOST_VCPUS);
    this.slots = new Rows(store, 'memslot', SLOT_COLUMNS, MOST_VMS * ADDRESS_SPACES * SLOT_IDS);
  }

  /** The row of a slot; `slot` is the argument of the ioctl: address space in the high half, id in the low one. */
  slotRow(vm: number, slot: number): number {
    return (vm * ADDRESS_SPACES + Math.floor(slot / SLOT_IDS)) * SLOT_IDS + (slot % SLOT_IDS);
  }

  slotNumber(row: number): number {
    return row % (ADDRESS_SPACES * SLOT_IDS);
  }

  vmOfSlot(row: number): number {
    return Math.floor(row / (ADDRESS_SPACES * SLOT_IDS));
  }

  slotExists(row: number): boolean {
    return this.slots.get(row, 'used') === 1;
  }

  /** The slot row that covers a guest frame in address space 0; -1 if there is none. */
  slotAt(vm: number, gfn: number): number {
    return this.ranges.get(this.rows.get(vm, 'slots 0'), gfn) - 1;
  }

  /** Visits the slots that cover [from, to), in both address spaces. */
  eachSlot(vm: number, from: number, to: number, visit: (slot: number, from: number, to: number) => void): void {
    for (const column of ['slots 0', 'slots 1'] as const) {
      this.ranges.each(this.rows.get(vm, column), from, to, (begin, end, value) => {
        if (value !== 0) visit(value - 1, begin, end);
      });
    }
  }

  /** Enters a slot where lookups find it, or takes it out. */
  cover(slot: number, present: boolean): void {
    const { slots, ranges, rows } = this;
    const vm = this.vmOfSlot(slot);
    const column = this.slotNumber(slot) < SLOT_IDS ? 'slots 0' : 'slots 1';
    const base = slots.get(slot, 'base');
    const map = ranges.with(rows.get(vm, column), base, base + slots.get(slot, 'pages'), present ? slot + 1 : 0);
    rows.set(vm, column, map);
  }

  /** Whether another slot than `self` of the same address space covers a part of [from, to). */
  overlaps(self: number, from: number, to: number): boolean {
    const column = this.slotNumber(self) < SLOT_IDS ? 'slots 0' : 'slots 1';
    const map = this.rows.get(this.vmOfSlot(self), column);
    return this.ranges.find(map, from, to, (value) => value !== 0 && value !== self + 1) !== undefined;
  }

  /** The offset in its file, in pages, of a guest frame that a slot covers. */
  indexOf(slot: number, gfn: number): number {
    return gfn - this.slots.get(slot, 'base') + this.slots.get(slot, 'pgoff');
  }

  has(slot: number, flag: number): boolean {
    return (this.slots.get(slot, 'flags') & flag) !== 0;
  }

  /** The VM's own attribute of a guest frame. */
  attribute(vm: number, gfn: number): number {
    return this.ranges.get(this.rows.get(vm, 'attributes'), gfn);
  }

  /** The second-stage entry of a guest frame in one half; 0 if it has none. */
  spte(vm: number, half: number, gfn: number): number {
    return this.xarrays.get(this.stage2(vm, half), gfn);
  }

  spteCell(vm: number, half: number, gfn: number): number | undefined {
    return this.xarrays.cellOf(this.stage2(vm, half), gfn);
  }

  setSpte(vm: number, half: number, gfn: number, spte: number): void {
    this.xarrays.set(this.stage2(vm, half), gfn, spte);
  }

  /** Visits the entries of [from, to) in the halves that are asked for. */
  eachSpte(
    vm: number,
    halves: number,
    from: number,
    to: number,
    visit: (gfn: number, spte: number, half: number) => void,
  ): void {
    for (const half of [SHARED_HALF, PRIVATE_HALF]) {
      if ((halves & half) !== 0) {
        this.xarrays.each(this.stage2(vm, half), from, to, (gfn, spte) => visit(gfn, spte, half));
      }
    }
  }

  /** The cell of the root of a VM's second-stage entries. */
  stage2(vm: number, half: number): number {
    return this.rows.cell(vm, half === PRIVATE_HALF ? 'stage 2 private' : 'stage 2');
  }

  /** Behind the last guest frame. */
  readonly end: number = INDEXES;
}
