// Folios: what the kernel knows of each page of memory that it gave out, and who holds references to it.
import type { Store, Table } from '../../store/index.ts';
import { GRANULE, type Pages } from '../memory/pages.ts';

/** Who a page belongs to. From OWNER_CACHE on: the page cache of the inode whose row is the difference. */
export const OWNER_FREE = 0;
export const OWNER_ANONYMOUS = 1;
/** The kernel itself: firmware tables, temporary copies. */
export const OWNER_KERNEL = 2;
/** Taken out of its file or unmapped, but somebody still holds a reference. */
export const OWNER_DETACHED = 3;
export const OWNER_CACHE = 16;

export const UPTODATE = 1;
export const LOCKED = 2;
export const HWPOISON = 4;
/** Firmware did not give the page back, and the kernel keeps it for ever. */
export const STUCK = 8;
/** folio_get_private where somebody else hung data on the folio; larger values are KVM's own, see `privateOf`. */
export const FOREIGN_DATA = 1;
/** Its last reference is gone, and whoever dropped that frees it. */
export const FREEING = 16;
/** It was allocated for a guest_memfd: the platform hears when it is freed. */
export const OF_GMEM = 32;

/** A pin of a small folio counts this much, so that pins can be told from references. */
export const GUP_PIN_COUNTING_BIAS = 1024;

/** Orders of folios beside single pages: 2M and 1G where a page is 4K. */
export const PMD_ORDER = 9;
export const PUD_ORDER = 18;

const COLUMNS = [
  'owner',
  'index',
  'order',
  'mapcount',
  'gets',
  'pins',
  'transient',
  'batch',
  'kvm',
  'leaked',
  'flags',
  'private',
  'next free',
] as const;
export type FolioColumn = (typeof COLUMNS)[number];
const NUMBERS = Object.fromEntries(COLUMNS.map((name, i) => [name, i])) as Readonly<Record<FolioColumn, number>>;

const ORDER = NUMBERS.order;
const PMD_PAGES = 2 ** PMD_ORDER;
const PUD_PAGES = 2 ** PUD_ORDER;
/** All but where a folio is. */
const HELD = COLUMNS.flatMap((name, i) => (name === 'index' || name === 'next free' ? [] : [i]));

/** What a folio's reference count is made of. */
export interface References {
  readonly pagecache: number;
  readonly pte: number;
  readonly get: number;
  readonly pin: number;
  readonly transient: number;
  readonly lru_batch: number;
  readonly kvm_mapping: number;
  readonly leaked: number;
}

export class Folios {
  readonly table: Table<FolioColumn>;
  readonly pages: Pages;
  readonly pageSize: number;
  /** Granules of the firmware in one page. */
  readonly granules: number;
  /** The first page frame of DRAM, and the one behind the last. */
  readonly firstPfn: number;
  readonly endPfn: number;
  /** There are folios of 2M and 1G. */
  readonly isHuge: boolean;

  constructor(store: Store, pages: Pages, pageSize: number, huge: boolean) {
    this.pages = pages;
    this.pageSize = pageSize;
    this.granules = pageSize / GRANULE;
    this.firstPfn = Math.ceil(pages.dram.base / pageSize);
    this.endPfn = Math.floor((pages.dram.base + pages.dram.size) / pageSize);
    this.isHuge = huge;
    this.table = store.table('folio', COLUMNS, this.endPfn - this.firstPfn);
  }

  address(pfn: number): number {
    return pfn * this.pageSize;
  }

  pfnOf(pa: number): number {
    return Math.floor(pa / this.pageSize);
  }

  get(pfn: number, column: FolioColumn): number {
    return this.table.get(pfn - this.firstPfn, NUMBERS[column]);
  }

  set(pfn: number, column: FolioColumn, value: number): void {
    this.table.set(pfn - this.firstPfn, NUMBERS[column], value);
  }

  count(pfn: number, column: FolioColumn, by: number): void {
    this.set(pfn, column, this.get(pfn, column) + by);
  }

  cell(pfn: number, column: FolioColumn): number {
    return this.table.cell(pfn - this.firstPfn, NUMBERS[column]);
  }

  /** The page frame that a row of the table is about. */
  pfnAt(row: number): number {
    return row + this.firstPfn;
  }

  has(pfn: number, flag: number): boolean {
    return (this.get(pfn, 'flags') & flag) !== 0;
  }

  mark(pfn: number, flag: number, on = true): void {
    const flags = this.get(pfn, 'flags');
    this.set(pfn, 'flags', on ? flags | flag : flags & ~flag);
  }

  /** The first page of the folio that a page belongs to. */
  head(pfn: number): number {
    if (!this.isHuge) return pfn;
    const pud = pfn - (pfn % PUD_PAGES);
    if (pud >= this.firstPfn && this.table.get(pud - this.firstPfn, ORDER) === PUD_ORDER) return pud;
    const pmd = pfn - (pfn % PMD_PAGES);
    return pmd >= this.firstPfn && this.table.get(pmd - this.firstPfn, ORDER) === PMD_ORDER ? pmd : pfn;
  }

  /** Reads of what size and whose a folio is, and how it is held and marked. */
  readHeld(pfn: number, to: number[]): void {
    for (let i = 0; i < HELD.length; i++) to[i] = this.table.get(pfn - this.firstPfn, HELD[i] as number);
  }

  /** Whether a folio is as one that was read. */
  isHeldAs(pfn: number, held: readonly number[]): boolean {
    for (let i = 0; i < HELD.length; i++)
      if (this.table.get(pfn - this.firstPfn, HELD[i] as number) !== held[i]) return false;
    return true;
  }

  /** Pages of the folio that begins at `pfn`. */
  pageCount(pfn: number): number {
    const order = this.get(pfn, 'order');
    return order === 0 ? 1 : 2 ** order;
  }

  isCached(pfn: number): boolean {
    return this.get(pfn, 'owner') >= OWNER_CACHE;
  }

  /** The inode in whose page cache the folio is; 0 if it is in none. */
  inodeOf(pfn: number): number {
    return Math.max(0, this.get(pfn, 'owner') - OWNER_CACHE);
  }

  /** The parts of the reference count of the folio that begins at `pfn`. */
  references(pfn: number): References {
    return {
      pagecache: this.isCached(pfn) ? this.pageCount(pfn) : 0,
      pte: this.get(pfn, 'mapcount'),
      get: this.get(pfn, 'gets'),
      pin: this.get(pfn, 'pins'),
      transient: this.get(pfn, 'transient'),
      lru_batch: this.get(pfn, 'batch'),
      kvm_mapping: this.get(pfn, 'kvm'),
      leaked: this.get(pfn, 'leaked'),
    };
  }

  /** The reference count of the folio that begins at `pfn`. */
  refcount(pfn: number): number {
    const bias = this.get(pfn, 'order') === 0 ? GUP_PIN_COUNTING_BIAS : 1;
    return (
      (this.isCached(pfn) ? this.pageCount(pfn) : 0) +
      this.get(pfn, 'mapcount') +
      this.get(pfn, 'gets') +
      this.get(pfn, 'pins') * bias +
      this.get(pfn, 'transient') +
      this.get(pfn, 'batch') +
      this.get(pfn, 'kvm') +
      this.get(pfn, 'leaked')
    );
  }

  /** Writes zeros over a folio or a part of it, page by page. */
  zero(pfn: number, pages: number): void {
    for (let i = 0; i < pages * this.granules; i++) this.pages.wipe(this.address(pfn) + i * GRANULE);
  }

  /** Copies one page. */
  copy(to: number, from: number): void {
    for (let i = 0; i < this.granules; i++) {
      const offset = i * GRANULE;
      this.pages.setBytes(this.address(to) + offset, this.pages.bytes(this.address(from) + offset));
    }
  }
}
