// Address spaces of processes: mappings, and page tables with an entry for every page that was touched.
import type { Store } from '../../store/index.ts';
import type { Folios } from './folios.ts';
import type { RangeMaps } from './range-map.ts';
import { Rows } from './rows.ts';
import type { Xarrays } from './xarray.ts';

/** What a mapping shows. */
export const MAPS_ANONYMOUS = 0;
export const MAPS_GMEM = 1;
export const MAPS_MEMFD = 2;

export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;

/** The process that the scenario's own calls come from. */
export const VMM = 1;

/** Where the first mapping of a process begins, and how far user space reaches: 47 bits. */
const MMAP_BASE = 0x1000_0000_0000;
export const TASK_SIZE: number = 2 ** 47;
/** Mappings begin at multiples of this, so that huge pages fit. */
const ALIGNMENT = 2 ** 30;

/** A page table entry: the frame, and whether it may be written. */
const WRITABLE = 1;
const PFN = 2;

export const pteOf = (pfn: number, writable: boolean): number => pfn * PFN + (writable ? WRITABLE : 0);
export const ptePfn = (pte: number): number => Math.floor(pte / PFN);
export const pteWritable = (pte: number): boolean => pte % PFN === WRITABLE;

export class AddressSpaces {
  readonly processes: Rows<'pages' | 'vmas' | 'next'>;
  /** One row an mmap; `pages left` are those not unmapped again. `file` is a gmem file or, for memfd, an inode. */
  readonly mappings: Rows<'process' | 'start' | 'pages' | 'kind' | 'file' | 'pgoff' | 'prot' | 'pages left' | 'shared'>;
  private readonly folios: Folios;
  private readonly ranges: RangeMaps;
  private readonly xarrays: Xarrays;
  private readonly pageSize: number;

  constructor(store: Store, folios: Folios, ranges: RangeMaps, xarrays: Xarrays) {
    this.folios = folios;
    this.ranges = ranges;
    this.xarrays = xarrays;
    this.pageSize = folios.pageSize;
    this.processes = new Rows(store, 'process', ['pages', 'vmas', 'next'], 64, VMM);
    this.mappings = new Rows(
      store,
      'mapping',
      ['process', 'start', 'pages', 'kind', 'file', 'pgoff', 'prot', 'pages left', 'shared'],
      2 ** 14,
    );
  }

  /** The first address of a mapping, in bytes. */
  address(mapping: number): number {
    return this.mappings.get(mapping, 'start') * this.pageSize;
  }

  /** Maps `pages` pages at the next free place of a process. Returns the mapping, 0 if there is no room. */
  map(
    process: number,
    pages: number,
    what: { kind: number; file: number; pgoff: number; prot: number; shared: boolean },
  ): number {
    const mapping = this.mappings.add();
    if (mapping === 0) return 0;
    const start = MMAP_BASE / this.pageSize + this.processes.get(process, 'next');
    const step = ALIGNMENT / this.pageSize;
    this.processes.count(process, 'next', Math.ceil(pages / step) * step);
    const { mappings } = this;
    mappings.set(mapping, 'process', process);
    mappings.set(mapping, 'start', start);
    mappings.set(mapping, 'pages', pages);
    mappings.set(mapping, 'pages left', pages);
    for (const column of ['kind', 'file', 'pgoff', 'prot'] as const) mappings.set(mapping, column, what[column]);
    mappings.set(mapping, 'shared', what.shared ? 1 : 0);
    this.cover(process, start, start + pages, mapping);
    return mapping;
  }

  /** The same mapping in another process, at the same addresses, without pages. Returns it, 0 if there is no room. */
  copyMapping(mapping: number, process: number): number {
    const { mappings } = this;
    const copy = mappings.add();
    if (copy === 0) return 0;
    for (const column of ['start', 'pages', 'kind', 'file', 'pgoff', 'prot', 'pages left', 'shared'] as const) {
      mappings.set(copy, column, mappings.get(mapping, column));
    }
    mappings.set(copy, 'process', process);
    const start = mappings.get(mapping, 'start');
    const parent = mappings.get(mapping, 'process');
    this.eachMapping(parent, start, start + mappings.get(mapping, 'pages'), (found, from, to) => {
      if (found === mapping) this.cover(process, from, to, copy);
    });
    return copy;
  }

  /** The mapping at a page of a process's address space; 0 if there is none. */
  find(process: number, page: number): number {
    return this.ranges.get(this.processes.get(process, 'vmas'), page);
  }

  /** Visits the mappings that cover [from, to) of a process, with the pages that they cover of it. */
  eachMapping(
    process: number,
    from: number,
    to: number,
    visit: (mapping: number, from: number, to: number) => void,
  ): void {
    this.ranges.each(this.processes.get(process, 'vmas'), from, to, (begin, end, mapping) => {
      if (mapping !== 0) visit(mapping, begin, end);
    });
  }

  /** Takes [from, to) away from whatever mapped it; page table entries must be gone already. */
  forget(process: number, from: number, to: number): void {
    this.eachMapping(process, from, to, (mapping, begin, end) =>
      this.mappings.count(mapping, 'pages left', begin - end),
    );
    this.cover(process, from, to, 0);
  }

  pte(process: number, page: number): number {
    return this.xarrays.get(this.root(process), page);
  }

  pteCell(process: number, page: number): number | undefined {
    return this.xarrays.cellOf(this.root(process), page);
  }

  /** Sets a page table entry and counts the mapping of the folio; an old entry is taken away first. */
  setPte(process: number, page: number, pte: number): void {
    const old = this.pte(process, page);
    if (old !== 0) this.folios.count(this.folios.head(ptePfn(old)), 'mapcount', -1);
    if (pte !== 0) this.folios.count(this.folios.head(ptePfn(pte)), 'mapcount', 1);
    this.xarrays.set(this.root(process), page, pte);
  }

  /** Visits the entries of [from, to). */
  eachPte(process: number, from: number, to: number, visit: (page: number, pte: number) => void): void {
    this.xarrays.each(this.root(process), from, to, visit);
  }

  /** The first page in [from, to) that has an entry; -1 if none has. */
  nextPte(process: number, from: number, to: number): number {
    return this.xarrays.next(this.root(process), from, to);
  }

  /** Visits the parts of all address spaces that show [from, to) of a file's pages. */
  eachView(
    shows: (kind: number, file: number) => boolean,
    from: number,
    to: number,
    visit: (process: number, fromPage: number, toPage: number, mapping: number) => void,
  ): void {
    const { mappings } = this;
    for (let mapping = 1; mapping <= mappings.last; mapping++) {
      if (mappings.get(mapping, 'pages left') === 0) continue;
      if (!shows(mappings.get(mapping, 'kind'), mappings.get(mapping, 'file'))) continue;
      const pgoff = mappings.get(mapping, 'pgoff');
      const begin = Math.max(from, pgoff) - pgoff;
      const end = Math.min(to, pgoff + mappings.get(mapping, 'pages')) - pgoff;
      const start = mappings.get(mapping, 'start');
      const process = mappings.get(mapping, 'process');
      if (begin < end) {
        this.eachMapping(process, start + begin, start + end, (found, a, b) => {
          if (found === mapping) visit(process, a, b, mapping);
        });
      }
    }
  }

  /** The cell of the root of a process's page table. */
  root(process: number): number {
    return this.processes.cell(process, 'pages');
  }

  private cover(process: number, from: number, to: number, mapping: number): void {
    const vmas = this.processes.get(process, 'vmas');
    this.processes.set(process, 'vmas', this.ranges.with(vmas, from, to, mapping));
  }
}
