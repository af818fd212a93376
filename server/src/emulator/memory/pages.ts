// Physical memory: the DRAM of the machine and what each of its pages contains.
import type { Store, Table } from '../../store/index.ts';
import { ContentsTable, ZERO } from './contents.ts';
import { Words } from './words.ts';

/** Bytes of a granule, the unit in which memory changes hands. */
export const GRANULE = 4096;

/** A range of physical addresses, in bytes. */
export interface Dram {
  readonly base: number;
  readonly size: number;
}

export class Pages {
  readonly dram: Dram;
  readonly contents: ContentsTable = new ContentsTable();
  readonly words: Words = new Words();
  readonly table: Table<'bytes'>;

  constructor(store: Store, dram: Dram) {
    this.dram = dram;
    this.table = store.table('page', ['bytes'], dram.size / GRANULE);
  }

  /** Whether the address lies in DRAM. */
  has(pa: number): boolean {
    return pa >= this.dram.base && pa < this.dram.base + this.dram.size;
  }

  /** The row of the granule at `pa`, which must lie in DRAM. */
  row(pa: number): number {
    return Math.floor((pa - this.dram.base) / GRANULE);
  }

  address(row: number): number {
    return this.dram.base + row * GRANULE;
  }

  /** The number of what the page contains, for `contents`. */
  bytes(pa: number): number {
    return this.table.get(this.row(pa), 0);
  }

  setBytes(pa: number, contents: number): void {
    this.table.set(this.row(pa), 0, contents);
  }

  wipe(pa: number): void {
    this.setBytes(pa, ZERO);
  }
}
