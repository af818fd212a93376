// The tables of guest_memfd: inodes (the memory), files (one VM's view of it), and what lies at each offset.
import type { Store, Table } from '../../store/index.ts';
import { type Descriptors, FD_GMEM } from '../linux/descriptors.ts';
import { type Folios, OWNER_CACHE, PMD_ORDER, PUD_ORDER } from '../linux/folios.ts';
import { INDEXES, type RangeMaps } from '../linux/range-map.ts';
import { Rows } from '../linux/rows.ts';
import type { Xarrays } from '../linux/xarray.ts';

/** Flags of KVM_CREATE_GUEST_MEMFD. Proposed series reuse the bits of the released ones. */
export const GUEST_MEMFD_FLAG_MMAP = 1;
export const GUEST_MEMFD_FLAG_INIT_SHARED = 2;
export const GUEST_MEMFD_FLAG_SUPPORT_SHARED = 1;
export const GUEST_MEMFD_FLAG_INIT_PRIVATE = 2;
export const GUEST_MEMFD_FLAG_HUGETLB = 4;
/** log2 of the page size, above the flags. The series has it at bit 58. */
const SIZE_SHIFT = 2 ** 20;
export const GUESTMEM_HUGETLB_2MB: number = 21 * SIZE_SHIFT;
export const GUESTMEM_HUGETLB_1GB: number = 30 * SIZE_SHIFT;

/** Values of the attribute maps. */
export const SHARED = 0;
export const PRIVATE = 1;

/** A NUMA policy as a value of a range map: a mode and a set of nodes. */
export const MPOL_DEFAULT = 0;

const INODE_COLUMNS = [
  'size',
  'flags',
  'order',
  'folios',
  'attributes',
  'policies',
  'files',
  'writer',
  'readers',
  'memfd',
] as const;

export class Gmem {
  /** `size` counts pages. `folios` is the root of the page cache, `attributes` and `policies` are range maps. */
  readonly inodes: Rows<(typeof INODE_COLUMNS)[number]>;
  /** `references` counts descriptors, mappings and users in flight; `bindings` maps offsets to memslot rows plus one. */
  readonly files: Rows<'inode' | 'vm' | 'references' | 'bindings'>;
  /** Where the architecture hears that pages go away. */
  readonly policy: Table<'invalidate'>;
  readonly ranges: RangeMaps;
  private readonly xarrays: Xarrays;
  private readonly folios: Folios;
  private readonly descriptors: Descriptors;
  /** Attributes are the file's own. */
  private readonly tracksAttributes: boolean;

  constructor(
    store: Store,
    parts: { ranges: RangeMaps; xarrays: Xarrays; folios: Folios; descriptors: Descriptors; tracksAttributes: boolean },
  ) {
    this.ranges = parts.ranges;
    this.xarrays = parts.xarrays;
    this.folios = parts.folios;
    this.descriptors = parts.descriptors;
    this.tracksAttributes = parts.tracksAttributes;
    this.inodes = new Rows(store, 'inode', INODE_COLUMNS, 4096);
    this.policy = store.table('gmem policy', ['invalidate'], 1);
    this.files = new Rows(store, 'gmem file', ['inode', 'vm', 'references', 'bindings'], 4096);
  }

  /** The inode behind a descriptor of any kind, open or closed; 0 if there is none. */
  inodeOf(fd: number): number {
    const { rows } = this.descriptors;
    if (!rows.has(fd)) return 0;
    const object = rows.get(fd, 'object');
    return rows.get(fd, 'kind') === FD_GMEM ? this.files.get(object, 'inode') : object;
  }

  /** The page cache entry that covers an index: the first frame of its folio, 0 if there is none. */
  folioAt(inode: number, index: number): number {
    const root = this.inodes.cell(inode, 'folios');
    const order = this.inodes.get(inode, 'order');
    const found = this.xarrays.get(root, index);
    if (found !== 0 || order === 0) return found;
    for (const large of [PMD_ORDER, PUD_ORDER]) {
      const first = index - (index % 2 ** large);
      const head = this.xarrays.get(root, first);
      if (head !== 0 && this.folios.get(head, 'order') === large) return head;
    }
    return 0;
  }

  /** The frame behind an index; 0 if nothing is allocated there. */
  pfnAt(inode: number, index: number): number {
    const head = this.folioAt(inode, index);
    return head === 0 ? 0 : head + index - this.folios.get(head, 'index');
  }

  /** Puts a folio into the page cache. */
  insert(inode: number, index: number, pfn: number): void {
    this.folios.set(pfn, 'owner', OWNER_CACHE + inode);
    this.folios.set(pfn, 'index', index);
    this.xarrays.set(this.inodes.cell(inode, 'folios'), index, pfn);
  }

  /** Takes a folio out of the page cache; whoever holds it still does. */
  remove(inode: number, index: number): void {
    this.xarrays.set(this.inodes.cell(inode, 'folios'), index, 0);
  }

  /** Visits the folios that have pages in [from, to), in order. */
  eachFolio(inode: number, from: number, to: number, visit: (head: number, index: number) => void): void {
    if (from >= to) return;
    const first = this.folioAt(inode, from);
    const start = first === 0 ? from : this.folios.get(first, 'index');
    this.xarrays.each(this.inodes.cell(inode, 'folios'), start, to, (index, head) => visit(head, index));
  }

  /** The first folio that has pages in [from, to); 0 if there is none. */
  nextFolio(inode: number, from: number, to: number): number {
    if (from >= to) return 0;
    const covering = this.folioAt(inode, from);
    if (covering !== 0) return covering;
    const index = this.xarrays.next(this.inodes.cell(inode, 'folios'), from, to);
    return index < 0 ? 0 : this.xarrays.get(this.inodes.cell(inode, 'folios'), index);
  }

  /** Whether the file itself says that an index is private; the VM's attributes are another matter. */
  isPrivate(inode: number, index: number): boolean {
    return this.ranges.get(this.inodes.get(inode, 'attributes'), index) === PRIVATE;
  }

  /** Attributes of every index at creation; where the VM tracks them, a property of the whole file. */
  initialAttributes(isPrivate: boolean): number {
    return this.ranges.filled(isPrivate ? PRIVATE : SHARED);
  }

  setAttributes(inode: number, from: number, to: number, value: number): void {
    this.inodes.set(inode, 'attributes', this.ranges.with(this.inodes.get(inode, 'attributes'), from, to, value));
  }

  /** Files of an inode that are open. */
  eachFile(inode: number, visit: (file: number) => void): void {
    for (let file = 1; file <= this.files.last; file++) {
      if (this.files.get(file, 'inode') === inode && this.files.get(file, 'references') > 0) visit(file);
    }
  }

  /** The first open file of an inode after `file`; 0 if there is none. */
  nextFile(inode: number, file: number): number {
    for (let next = file + 1; next <= this.files.last; next++) {
      if (this.files.get(next, 'inode') === inode && this.files.get(next, 'references') > 0) return next;
    }
    return 0;
  }

  /** Visits the bound ranges of a file within [from, to). */
  eachBinding(file: number, from: number, to: number, visit: (slot: number, from: number, to: number) => void): void {
    this.ranges.each(this.files.get(file, 'bindings'), from, to, (begin, end, value) => {
      if (value !== 0) visit(value - 1, begin, end);
    });
  }

  bind(file: number, from: number, to: number, slot: number): void {
    this.files.set(file, 'bindings', this.ranges.with(this.files.get(file, 'bindings'), from, to, slot + 1));
  }

  unbind(file: number, from: number, to: number): void {
    this.files.set(file, 'bindings', this.ranges.with(this.files.get(file, 'bindings'), from, to, 0));
  }

  /** Whether nothing of [from, to) is bound in this file. */
  isUnbound(file: number, from: number, to: number): boolean {
    return this.ranges.isFilled(this.files.get(file, 'bindings'), from, to, 0);
  }

  /** Whether the file's attributes decide what is private; otherwise they are the VM's. */
  get hasAttributes(): boolean {
    return this.tracksAttributes;
  }

  /** Behind the last index. */
  readonly end: number = INDEXES;
}
