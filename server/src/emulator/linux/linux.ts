// The kernel: its version, and the tables of memory management, guest_memfd and KVM.
import type { Store, Table } from '../../store/index.ts';
import { Gmem } from '../guest-memfd/files.ts';
import type { Platform } from '../kvm/platform.ts';
import { Vms } from '../kvm/vms.ts';
import { GRANULE, type Pages } from '../memory/pages.ts';
import { AddressSpaces, VMM } from './address-spaces.ts';
import { Allocator } from './allocator.ts';
import { Descriptors, Pins } from './descriptors.ts';
import { Folios } from './folios.ts';
import { DEFAULT_PROFILE, type Profile, profileNamed } from './profiles.ts';
import { RangeMaps } from './range-map.ts';
import { Xarrays } from './xarray.ts';

export interface LinuxOptions {
  /** A name of PROFILES; linux/6.18 if absent. */
  readonly profile?: string;
  readonly arch?: 'x86' | 'arm64';
  /** Bytes of a page of the host kernel: 4K, 16K or 64K. */
  readonly pageSize?: number;
  /** NUMA nodes that share the DRAM. */
  readonly nodes?: number;
  /** The module parameter of the in-place conversion series; where it is off, the VM tracks attributes as before. */
  readonly gmemInPlaceConversion?: boolean;
}

/** What in-place conversion turns off when its module parameter says so. */
const NOT_IN_PLACE = {
  attributes: 'vm',
  setAttributes2: 'none',
  prepare: 'always',
  toSharedHook: 'none',
  alwaysGmemOnly: false,
} as const;

/** Folios that a per-CPU batch holds back from the LRU lists. */
export const BATCH = 31;

/** Columns of the kernel log. */
const CORE_WRITES = 2;
const CRASHED = 3;
const SIGNAL_AFTER = 4;

/** Columns of the policy: KVM_RUN is refused while a process maps a private page; shared pages may be populated. */
export const REFUSE_RUN = 0;
export const POPULATE_FIRST = 1;

export class Linux {
  readonly profile: Profile;
  readonly arch: 'x86' | 'arm64';
  readonly pageSize: number;
  /** What VM types there are, first match decides. */
  readonly platforms: readonly Platform[];
  readonly ranges: RangeMaps = new RangeMaps();
  readonly xarrays: Xarrays;
  readonly folios: Folios;
  readonly allocator: Allocator;
  readonly spaces: AddressSpaces;
  readonly descriptors: Descriptors;
  readonly pins: Pins;
  readonly gmem: Gmem;
  readonly vms: Vms;
  /** Folios in the per-CPU LRU batch. */
  readonly batch: Table;
  /** Warnings so far, pages leaked, private pages that KVM's own code wrote, and whether the host has crashed. */
  readonly counters: Table<'warnings' | 'leaks' | 'core writes' | 'crashed' | 'signal after'>;
  /** Alternatives of the list that are not of one platform: 1 where the kernel has them. */
  readonly policy: Table<'refuse run' | 'populate first'>;
  /** Outputs of the last atomic operation: scratch, read at once. */
  readonly out: number[] = [0, 0, 0, 0, 0, 0];

  constructor(store: Store, pages: Pages, platforms: readonly Platform[], options: LinuxOptions = {}) {
    const profile = options.profile === undefined ? DEFAULT_PROFILE : profileNamed(options.profile);
    if (!profile) throw new RangeError(`no version of Linux is called ${options.profile}`);
    const inPlace = options.gmemInPlaceConversion ?? true;
    this.profile = profile.setAttributes2 === 'none' || inPlace ? profile : { ...profile, ...NOT_IN_PLACE };
    this.arch = options.arch ?? 'x86';
    this.pageSize = options.pageSize ?? GRANULE;
    this.platforms = platforms;
    const { ranges } = this;
    this.counters = store.table('kernel log', ['warnings', 'leaks', 'core writes', 'crashed', 'signal after'], 1);
    this.policy = store.table('kvm policy', ['refuse run', 'populate first'], 1);
    this.batch = store.table('lru batch', ['folio'], BATCH + 1);
    this.descriptors = new Descriptors(store);
    this.pins = new Pins(store);
    this.folios = new Folios(store, pages, this.pageSize, profile.hugetlb);
    this.allocator = new Allocator(store, this.folios, options.nodes ?? 1);
    this.xarrays = new Xarrays(store);
    const { xarrays, folios, descriptors } = this;
    this.spaces = new AddressSpaces(store, folios, ranges, xarrays);
    const tracksAttributes = this.profile.attributes === 'gmem';
    this.gmem = new Gmem(store, { ranges, xarrays, folios, descriptors, tracksAttributes });
    this.vms = new Vms(store, ranges, xarrays);
  }

  /** The platform of a VM. */
  platformOf(vm: number): Platform {
    return this.platforms[this.vms.rows.get(vm, 'platform')] as Platform;
  }

  /** The address space that KVM calls come from. */
  get vmm(): number {
    return VMM;
  }

  /** Whether a guest frame is private, whoever tracks that. `slot` is -1 where no slot covers it. */
  isPrivate(vm: number, gfn: number, slot: number = this.vms.slotAt(vm, gfn)): boolean {
    if (!this.gmem.hasAttributes) return this.vms.attribute(vm, gfn) !== 0;
    const file = slot < 0 ? 0 : this.vms.slots.get(slot, 'file');
    return file !== 0 && this.gmem.isPrivate(this.gmem.files.get(file, 'inode'), this.vms.indexOf(slot, gfn));
  }

  /** Whether a page of a file is private, whoever tracks that: the file, or the VM at the frame that the page is bound to. */
  isPrivateIn(file: number, index: number): boolean {
    const { gmem, vms } = this;
    let found: boolean | undefined;
    if (!gmem.hasAttributes) {
      gmem.eachBinding(file, index, index + 1, (slot) => {
        const gfn = index - vms.slots.get(slot, 'pgoff') + vms.slots.get(slot, 'base');
        found = vms.attribute(vms.vmOfSlot(slot), gfn) !== 0;
      });
    }
    return found ?? gmem.isPrivate(gmem.files.get(file, 'inode'), index);
  }

  /** Whether a frame is a private page of a guest_memfd, for one of its files. */
  isPrivatePage(pfn: number): boolean {
    const { folios, gmem } = this;
    const head = folios.head(pfn);
    const inode = folios.inodeOf(head);
    if (inode === 0) return false;
    const index = folios.get(head, 'index') + pfn - head;
    for (let file = gmem.nextFile(inode, 0); file !== 0; file = gmem.nextFile(inode, file)) {
      if (this.isPrivateIn(file, index)) return true;
    }
    return false;
  }

  /** Whether populate may fill a guest frame: a private one, or any where it comes before the conversion. */
  mayPopulate(vm: number, gfn: number, slot?: number): boolean {
    return this.policy.get(0, POPULATE_FIRST) === 1 || this.isPrivate(vm, gfn, slot);
  }

  /** Visits the pages of [from, to) of a file that are private and that a process maps. */
  eachMappedPrivate(file: number, from: number, to: number, visit: (head: number) => void): void {
    const { gmem, folios } = this;
    gmem.eachFolio(gmem.files.get(file, 'inode'), from, to, (head, index) => {
      if (folios.get(head, 'mapcount') > 0 && this.isPrivateIn(file, index)) visit(head);
    });
  }

  /** KVM's own code writes pages of a folio: the private ones count. */
  coreWrites(pfn: number, pages: number): void {
    const written = Array.from({ length: pages }, (_, i) => pfn + i).filter((page) => this.isPrivatePage(page)).length;
    if (written > 0) this.counters.set(0, CORE_WRITES, this.coreWritten + written);
  }

  /** Private pages that KVM's own code wrote so far, and the cell that counts them. */
  get coreWritten(): number {
    return this.counters.get(0, CORE_WRITES);
  }

  get coreWritesCell(): number {
    return this.counters.cell(0, CORE_WRITES);
  }

  /** Whether a signal is pending for the VMM; loops over pages ask before each. */
  signalPending(): boolean {
    const after = this.counters.get(0, SIGNAL_AFTER);
    if (after > 0) this.counters.set(0, SIGNAL_AFTER, after - 1);
    return after === 1;
  }

  /** Lets a signal come when loops have asked this often. */
  raiseSignalAfter(pages: number): void {
    this.counters.set(0, SIGNAL_AFTER, pages + 1);
  }

  warn(): void {
    this.counters.set(0, 0, this.counters.get(0, 0) + 1);
  }

  /** Pages that the kernel gave up so far, and the cell that counts them. */
  get leaked(): number {
    return this.counters.get(0, 1);
  }

  get leakCell(): number {
    return this.counters.cell(0, 1);
  }

  /** The host has stopped, by BUG_ON or an oops: nothing that it was doing goes on. */
  get isDead(): boolean {
    return this.counters.get(0, CRASHED) !== 0;
  }

  /** The cell that says so. */
  get deathCell(): number {
    return this.counters.cell(0, CRASHED);
  }

  die(): void {
    this.counters.set(0, CRASHED, 1);
  }

  leak(): void {
    this.counters.set(0, 1, this.leaked + 1);
  }
}
