// The memory of the kernel at one place in time: files and mappings, which frame is behind each of their pages, and in what state.

import { MAPS_GMEM, MAPS_MEMFD, ptePfn, pteWritable } from '../emulator/linux/address-spaces.ts';
import { HWPOISON, STUCK } from '../emulator/linux/folios.ts';
import type { Linux } from '../emulator/linux/linux.ts';
import { ObjectNames } from '../run/index.ts';
import { familyOf } from './moment-families.ts';
import type { Pages } from './pages.ts';
import type { Family, Place, Value } from './panel-model.ts';

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
export const hasKernel = ({ run }: Pages): boolean => run.program.machine.linux?.profile !== undefined;

type State = Required<Value>;

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
  private coveredRows: Uint8Array | undefined;
  private readonly base: number;

  constructor(pages: Pages) {
    this.pages = pages;
    this.linux = pages.run.machine.linux;
    this.names = new ObjectNames(pages.run);
    this.base = this.linux.folios.pages.dram.base / UNIT;
    this.objects = [...this.files(), ...this.mappings()];
    const { vms } = this.linux;
    this.usesGranules = rowsUpTo(vms.rows.last).some((vm) => this.linux.platformOf(vm).name === 'cca');
  }

  private files(): MemoryObject[] {
    const { gmem } = this.linux;
    return rowsUpTo(gmem.inodes.last).flatMap((row): MemoryObject[] => {
      const pages = gmem.inodes.get(row, 'size');
      const isOver = gmem.inodes.get(row, 'files') === 0 && gmem.nextFolio(row, 0, pages) === 0;
      if (isOver || gmem.inodes.get(row, 'memfd') === 1) return [];
      return [{ kind: 'gmem', row, name: this.names.text({ kind: 'gmem', row }), pages, inode: row, pgoff: 0 }];
    });
  }

  private mappings(): MemoryObject[] {
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

  /** Visits the pages that an object has, in order; those between them are absent. */
  eachPage(object: MemoryObject, visit: (page: KernelPage) => void): void {
    const { linux } = this;
    if (object.kind === 'gmem') {
      linux.gmem.eachFolio(object.row, 0, object.pages, (head, first) => {
        const count = linux.folios.pageCount(head);
        for (let i = 0; i < count; i++) visit({ index: first + i, pfn: head + i, mapped: 'no' });
      });
      return;
    }
    const start = linux.spaces.mappings.get(object.row, 'start');
    const process = linux.spaces.mappings.get(object.row, 'process');
    linux.spaces.eachPte(process, start, start + object.pages, (page, pte) =>
      visit({ index: page - start, pfn: ptePfn(pte), mapped: pteWritable(pte) ? 'yes' : 'read-only' }),
    );
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
    const { gmem } = this.linux;
    if (gmem.inodes.get(inode, 'memfd') === 1) return false;
    const known = this.attributes.get(inode) ?? new Segments(this.linux, inode);
    this.attributes.set(inode, known);
    return known.isPrivate(index);
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
    this.coveredRows ??= this.findCovered();
    return this.coveredRows[row] === 1;
  }

  private findCovered(): Uint8Array {
    const rows = new Uint8Array(this.pages.run.machine.pages.table.rows);
    const { granules } = this.linux.folios;
    for (const object of this.objects) {
      this.eachOwnPage(object, ({ pfn }) => {
        const first = this.rowOf(pfn);
        rows.fill(1, first, first + granules);
      });
    }
    return rows;
  }

  /** Visits the pages of an object that no other object has told: a mapping shows those of its file once more. */
  private eachOwnPage(object: MemoryObject, visit: (page: KernelPage) => void): void {
    const { folios } = this.linux;
    const isView =
      object.kind === 'mapping' && this.objects.some(({ kind, row }) => kind === 'gmem' && row === object.inode);
    this.eachPage(object, (page) => {
      if (!isView || folios.inodeOf(folios.head(page.pfn)) !== object.inode) visit(page);
    });
  }

  /** Pages a family: those of the RMM's tables, seen as what the kernel uses them for, and the absent ones of its objects. */
  totals(): Record<Family, number> {
    const totals = { ...this.pages.totals };
    const { granules } = this.linux.folios;
    const seen = new Uint8Array(this.pages.run.machine.pages.table.rows);
    const move = (row: number, family: Family) => {
      if (seen[row] === 1) return;
      seen[row] = 1;
      if (this.pages.isTouched(row)) totals[familyOf(this.pages.state(row))]--;
      totals[family]++;
    };
    for (const object of this.objects) {
      let present = 0;
      this.eachOwnPage(object, (page) => {
        present++;
        for (let i = 0; i < granules; i++) move(this.rowOf(page.pfn) + i, this.state(object, page, i).family);
      });
      if (object.kind === 'gmem' || object.inode === 0) totals.absent += (object.pages - present) * granules;
    }
    for (const pfn of this.pages.lost) for (let i = 0; i < granules; i++) move(this.rowOf(pfn) + i, 'leaked');
    return totals;
  }

  /** The object that a place is in. */
  objectOf({ kind, object }: Place): MemoryObject | undefined {
    return this.objects.find((one) => one.kind === kind && one.name === object);
  }
}

const rowsUpTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

/** Where a file is private, as stretches: the file's own attributes, or those of the VMs that it is bound in. */
class Segments {
  private readonly found: { readonly from: number; readonly to: number; readonly isPrivate: boolean }[] = [];
  private last: { readonly from: number; readonly to: number; readonly isPrivate: boolean } | undefined;
  private readonly otherwise: boolean;

  constructor({ gmem, vms }: Linux, inode: number) {
    const size = gmem.inodes.get(inode, 'size');
    this.otherwise = gmem.isPrivate(inode, 0);
    const add = (from: number, to: number, isPrivate: boolean) => this.found.push({ from, to, isPrivate });
    if (gmem.hasAttributes) {
      gmem.ranges.each(gmem.inodes.get(inode, 'attributes'), 0, size, (from, to, value) => add(from, to, value !== 0));
      return;
    }
    gmem.eachFile(inode, (file) =>
      gmem.eachBinding(file, 0, size, (slot, from, to) => {
        const gfn = vms.slots.get(slot, 'base') - vms.slots.get(slot, 'pgoff');
        const map = vms.rows.get(vms.vmOfSlot(slot), 'attributes');
        vms.ranges.each(map, gfn + from, gfn + to, (begin, end, value) => add(begin - gfn, end - gfn, value !== 0));
      }),
    );
  }

  isPrivate(index: number): boolean {
    const holds = (one: { readonly from: number; readonly to: number }) => index >= one.from && index < one.to;
    if (!this.last || !holds(this.last)) this.last = this.found.find(holds);
    return this.last?.isPrivate ?? this.otherwise;
  }
}
