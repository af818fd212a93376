// The memory of the kernel at one place in time: files and mappings, which frame is behind each of their pages, and in what state.

import { MAPS_GMEM, MAPS_MEMFD, ptePfn, pteWritable } from '../emulator/linux/address-spaces.ts';
import { HWPOISON, STUCK } from '../emulator/linux/folios.ts';
import type { Linux } from '../emulator/linux/linux.ts';
import { ObjectNames } from '../run/index.ts';
import { familyOf } from './moment-families.ts';
import { type GuestRange, guestRangesOf } from './moment-kernel-doors.ts';
import { eachStretch } from './moment-stretches.ts';
import type { Pages } from './pages.ts';
import type { Family, Place, Value } from './panel-model.ts';
import { firstFrom } from './timeline-track.ts';

/** Bytes of a unit: pages of the host may be larger, but states are those of granules. */
export const UNIT = 4096;

export interface MemoryObject {
  readonly kind: 'gmem' | 'mapping';
  readonly row: number;
  /** As the scenario calls it. */
  readonly name: string;
  /** Pages of the host. */
  readonly pages: number;
  /** What is behind a mapping: an inode, 0 for anonymous memory. Of a file, itself. */
  readonly inode: number;
  /** The index in the inode of the first page. */
  readonly pgoff: number;
}

/** A page of the host in an object; `index` counts pages from the object's start. */
export interface KernelPage {
  readonly index: number;
  /** 0 if there is none. */
  readonly pfn: number;
  /** Only of a mapping: its page table has it. */
  readonly mapped: 'no' | 'read-only' | 'yes';
}

/** Whether the host kernel takes part in a scenario. */
export const hasKernel = ({ run }: Pick<Pages, 'run'>): boolean => run.program.machine.linux?.profile !== undefined;

export type State = Required<Value>;

const ABSENT: State = { text: 'absent', family: 'absent' };
const ORDER = { no: 0, 'read-only': 1, yes: 2 } as const;
const NOT_MAPPED: State = { text: 'not mapped', family: 'absent' };

export class KernelMemory {
  readonly pages: Pages;
  readonly linux: Linux;
  readonly names: ObjectNames;
  readonly objects: readonly MemoryObject[];
  /** Granules and their states matter: there is a VM whose memory the RMM keeps. */
  readonly usesGranules: boolean;
  private readonly attributes = new Map<number, Segments>();
  private readonly states = new Map<number, State>();
  private readonly doors = new Map<MemoryObject, readonly GuestRange[]>();
  private readonly files: ReadonlySet<number>;
  private readonly views = new Map<number, MemoryObject[]>();
  private told: ReturnType<KernelMemory['tell']> | undefined;
  private readonly base: number;

  constructor(pages: Pages) {
    this.pages = pages;
    this.linux = pages.run.machine.linux;
    this.names = new ObjectNames(pages.run);
    this.base = this.linux.folios.pages.dram.base / UNIT;
    const files = this.findFiles();
    const mappings = this.findMappings();
    this.files = new Set(files.map(({ row }) => row));
    for (const mapping of mappings) {
      const views = this.views.get(mapping.inode) ?? [];
      this.views.set(mapping.inode, views);
      views.push(mapping);
    }
    this.objects = [...files, ...mappings];
    const { vms } = this.linux;
    this.usesGranules = rowsUpTo(vms.rows.last).some((vm) => this.linux.platformOf(vm).name === 'cca');
  }

  private findFiles(): MemoryObject[] {
    const { gmem } = this.linux;
    return rowsUpTo(gmem.inodes.last).flatMap((row): MemoryObject[] => {
      const pages = gmem.inodes.get(row, 'size');
      const isOver = gmem.inodes.get(row, 'files') === 0 && gmem.nextFolio(row, 0, pages) === 0;
      if (isOver || gmem.inodes.get(row, 'memfd') === 1) return [];
      return [{ kind: 'gmem', row, name: this.names.text({ kind: 'gmem', row }), pages, inode: row, pgoff: 0 }];
    });
  }

  private findMappings(): MemoryObject[] {
    const { spaces, gmem } = this.linux;
    const { mappings } = spaces;
    return rowsUpTo(mappings.last).flatMap((row): MemoryObject[] => {
      if (mappings.get(row, 'pages left') === 0) return [];
      const kind = mappings.get(row, 'kind');
      const file = mappings.get(row, 'file');
      const inode = kind === MAPS_GMEM ? gmem.files.get(file, 'inode') : kind === MAPS_MEMFD ? file : 0;
      const name = this.names.text({ kind: 'mapping', row });
      const pgoff = mappings.get(row, 'pgoff');
      return [{ kind: 'mapping', row, name, pages: mappings.get(row, 'pages'), inode, pgoff }];
    });
  }

  /** Visits the pages that an object has in [from, to), in order; those between them are absent. `mapped` as in `ORDER`. */
  eachPage(
    object: MemoryObject,
    from: number,
    to: number,
    visit: (index: number, pfn: number, mapped: number) => void,
  ): void {
    const { gmem, folios, spaces } = this.linux;
    if (object.kind === 'mapping') {
      const { first } = this.arrayOf(object);
      const process = spaces.mappings.get(object.row, 'process');
      spaces.eachPte(process, first + from, first + to, (page, pte) =>
        visit(page - first, ptePfn(pte), pteWritable(pte) ? ORDER.yes : ORDER['read-only']),
      );
      return;
    }
    const ofFolio = (head: number, first: number) => {
      const end = Math.min(to, first + folios.pageCount(head));
      for (let index = Math.max(from, first); index < end; index++) visit(index, head + index - first, ORDER.no);
      return end;
    };
    const covering = gmem.folioAt(object.row, from);
    const rest = covering === 0 ? from : ofFolio(covering, folios.get(covering, 'index'));
    gmem.eachFolio(object.row, rest, to, ofFolio);
  }

  /** Where the entries of an object's pages are: the root of the array, and the index of the first. */
  arrayOf({ kind, row }: MemoryObject): { readonly root: number; readonly first: number } {
    const { gmem, spaces } = this.linux;
    if (kind === 'gmem') return { root: gmem.inodes.cell(row, 'folios'), first: 0 };
    const { mappings } = spaces;
    return { root: spaces.root(mappings.get(row, 'process')), first: mappings.get(row, 'start') };
  }

  /** The mappings that show the same pages. */
  viewsOf(object: MemoryObject): readonly MemoryObject[] {
    return object.inode === 0 ? [object] : (this.views.get(object.inode) ?? []);
  }

  /** A mapping that shows the pages of a file once more. */
  isView({ kind, inode }: MemoryObject): boolean {
    return kind === 'mapping' && this.files.has(inode);
  }

  /** Where guests have an object. */
  doorsOf(object: MemoryObject): readonly GuestRange[] {
    const doors = this.doors.get(object) ?? guestRangesOf(this, object);
    this.doors.set(object, doors);
    return doors;
  }

  /** One page of an object. */
  pageAt(object: MemoryObject, index: number): KernelPage {
    const { spaces, gmem } = this.linux;
    if (object.kind === 'gmem') return { index, pfn: gmem.pfnAt(object.row, index), mapped: 'no' };
    const { mappings } = spaces;
    const pte = spaces.pte(mappings.get(object.row, 'process'), mappings.get(object.row, 'start') + index);
    if (pte !== 0) return { index, pfn: ptePfn(pte), mapped: pteWritable(pte) ? 'yes' : 'read-only' };
    return { index, pfn: object.inode === 0 ? 0 : gmem.pfnAt(object.inode, index + object.pgoff), mapped: 'no' };
  }

  /** Who may use a page of a file, whoever tracks that. */
  isPrivate(inode: number, index: number): boolean {
    return this.attributesOf(inode)?.isPrivate(index) ?? false;
  }

  /** Equal texts mean that who may use a file's pages is as before. */
  attributesKey(inode: number): string {
    return this.attributesOf(inode)?.key ?? '';
  }

  /** Who may use pages [from, to) of an object, in words that are equal if that is. */
  attributesIn({ inode, pgoff }: MemoryObject, from: number, to: number): string {
    return this.attributesOf(inode)?.within(from + pgoff, to + pgoff) ?? '';
  }

  /** The same of all pages of a file; `undefined` for memory that is nobody's alone. */
  attributesOf(inode: number): Segments | undefined {
    const { gmem } = this.linux;
    if (inode === 0 || gmem.inodes.get(inode, 'memfd') === 1) return undefined;
    const known = this.attributes.get(inode) ?? new Segments(this.linux, inode);
    this.attributes.set(inode, known);
    return known;
  }

  /** What is wrong with a frame for good. */
  wrongWith(pfn: number): string | undefined {
    const { folios } = this.linux;
    if (this.pages.lost.size === 0) return undefined;
    const head = folios.head(pfn);
    if (folios.get(head, 'leaked') > 0) return 'leaked';
    if (folios.has(head, HWPOISON)) return 'hwpoison';
    return folios.has(head, STUCK) ? 'stuck' : undefined;
  }

  /** The state of a granule of a page: `granule` counts from the page's start. Equal states are one object, but for those of lost pages. */
  state(object: MemoryObject, { index, pfn, mapped }: KernelPage, granule: number): State {
    if (object.kind === 'mapping' && object.inode !== 0 && mapped === 'no') return NOT_MAPPED;
    if (pfn === 0) return ABSENT;
    const wrong = this.pages.lost.size === 0 ? undefined : this.wrongWith(pfn);
    const row = this.rowOf(pfn) + granule;
    const isShared = object.inode !== 0 && !this.isPrivate(object.inode, index + object.pgoff);
    // Asked for every page there is: a number of what decides it finds the state without making it anew.
    const key =
      wrong === undefined
        ? this.pages.kind(row) * 24 +
          (isShared ? 12 : 0) +
          (object.inode === 0 ? 6 : 0) +
          ORDER[mapped] * 2 +
          (object.kind === 'gmem' ? 1 : 0)
        : -1;
    const known = this.states.get(key);
    if (known) return known;
    const granuleState = this.pages.state(row);
    const own: State =
      granuleState === 'UNDELEGATED'
        ? this.hostState(object, mapped, isShared)
        : { text: granuleState, family: familyOf(granuleState) };
    if (wrong !== undefined) return { text: `${own.text}, ${wrong}`, family: 'leaked' };
    this.states.set(key, own);
    return own;
  }

  private hostState({ kind, inode }: MemoryObject, mapped: KernelPage['mapped'], isShared: boolean): State {
    const isGuests = inode !== 0 && !isShared && !this.usesGranules;
    const family: Family = inode !== 0 && isShared ? 'shared' : isGuests ? 'private' : 'host';
    if (kind === 'mapping') return { text: mapped === 'yes' ? 'mapped' : 'mapped read-only', family };
    return { text: this.usesGranules ? 'UNDELEGATED' : isShared ? 'shared' : 'private', family };
  }

  /** The row of a frame's first granule. Rows are counted from the start of DRAM, page frames from 0. */
  rowOf(pfn: number): number {
    return pfn * this.linux.folios.granules - this.base;
  }

  /** Whether a granule is in some object. */
  isCovered(row: number): boolean {
    this.told ??= this.tell();
    return this.told.covered[row] === 1;
  }

  /** Pages a family: those of the RMM's tables, seen as what the kernel uses them for, and the absent ones of its objects. */
  totals(): Record<Family, number> {
    this.told ??= this.tell();
    return this.told.totals;
  }

  private tell(): { readonly totals: Record<Family, number>; readonly covered: Uint8Array } {
    const totals = { ...this.pages.totals };
    const { granules } = this.linux.folios;
    const covered = new Uint8Array(this.pages.run.machine.pages.table.rows);
    /** Granules that nothing was said of before; what a row said of them is taken back. */
    const move = (row: number, units: number, isTouched: boolean, family: Family) => {
      let fresh = 0;
      for (let i = row; i < row + units; i++) fresh += 1 - (covered[i] as number);
      covered.fill(1, row, row + units);
      if (isTouched) totals[familyOf(this.pages.state(row))] -= fresh;
      totals[family] += fresh;
    };
    for (const object of this.objects) {
      const countsAbsent = object.kind === 'gmem' || object.inode === 0;
      eachStretch(this, object, ({ row, units, isOwn, isTouched, state }) => {
        if (row < 0) totals.absent += countsAbsent ? units : 0;
        else if (isOwn) move(row, units, isTouched, state.family);
      });
    }
    for (const pfn of this.pages.lost) {
      for (let row = this.rowOf(pfn), end = row + granules; row < end; row++) {
        if (covered[row] === 1) continue;
        if (this.pages.isTouched(row)) totals[familyOf(this.pages.state(row))]--;
        totals.leaked++;
      }
    }
    return { totals, covered };
  }

  /** The object that a place is in. */
  objectOf({ kind, object }: Place): MemoryObject | undefined {
    return this.objects.find((one) => one.kind === kind && one.name === object);
  }
}

const rowsUpTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

interface Segment {
  readonly from: number;
  readonly to: number;
  readonly isPrivate: boolean;
}

/** Where a file is private: by the file's own attributes, or those of the VMs that it is bound in. */
class Segments {
  /** Equal for equal attributes. */
  readonly key: string;
  private readonly found: Segment[] = [];
  private last: Segment | undefined;
  private readonly otherwise: boolean;
  /** Its own attributes lie one behind the other, those of several VMs may not. */
  private readonly isInOrder: boolean;

  constructor({ gmem, vms }: Linux, inode: number) {
    const size = gmem.inodes.get(inode, 'size');
    this.otherwise = gmem.isPrivate(inode, 0);
    this.isInOrder = gmem.hasAttributes;
    const facts = [+this.otherwise, size];
    const add = (from: number, to: number, isPrivate: boolean) => this.found.push({ from, to, isPrivate });
    if (gmem.hasAttributes) {
      const map = gmem.inodes.get(inode, 'attributes');
      gmem.ranges.each(map, 0, size, (from, to, value) => add(from, to, value !== 0));
      facts.push(map);
    } else {
      gmem.eachFile(inode, (file) =>
        gmem.eachBinding(file, 0, size, (slot, from, to) => {
          const gfn = vms.slots.get(slot, 'base') - vms.slots.get(slot, 'pgoff');
          const map = vms.rows.get(vms.vmOfSlot(slot), 'attributes');
          vms.ranges.each(map, gfn + from, gfn + to, (begin, end, value) => add(begin - gfn, end - gfn, value !== 0));
          facts.push(gfn, from, to, map);
        }),
      );
    }
    this.key = facts.join(' ');
  }

  isPrivate(index: number): boolean {
    const { last } = this;
    if (last && index >= last.from && index < last.to) return last.isPrivate;
    for (let i = this.startOf(index); i < this.found.length; i++) {
      const one = this.found[i] as Segment;
      if (index >= one.from && index < one.to) {
        this.last = one;
        return one.isPrivate;
      }
      if (this.isInOrder) break;
    }
    return this.otherwise;
  }

  /** The segment to begin at when looking for an index. */
  private startOf(index: number): number {
    if (!this.isInOrder) return 0;
    return firstFrom(this.found.length, (i) => (this.found[i] as Segment).to > index);
  }

  /** `0 private 16 shared`: from which index on. */
  within(from: number, to: number): string {
    const parts: string[] = [];
    for (let i = this.startOf(from); i < this.found.length; i++) {
      const one = this.found[i] as Segment;
      if (one.from < to && one.to > from)
        parts.push(`${Math.max(from, one.from)} ${Math.min(to, one.to)} ${one.isPrivate}`);
      else if (this.isInOrder) break;
    }
    return parts.join(' ');
  }
}
