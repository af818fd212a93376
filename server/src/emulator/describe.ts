// What a write to a cell means to a reader: which page, what of it, before and after.
import type { Table, Write } from '../store/index.ts';
import { FOLIO_FIELDS, LINUX_DESCRIPTIONS } from './linux/describe.ts';
import type { Machine } from './machine.ts';
import { GRANULE } from './memory/pages.ts';
import { RMM_DESCRIPTIONS } from './rmm/describe.ts';

export interface CellText {
  /**
   * `frame`: a granule of physical memory; `entry`: a translation table entry; `gmem`: an offset in a guest_memfd or memfd;
   * `mapping`: an offset in a mapping of a process; `gpa`: a guest physical address. What is about no page: a `vcpu`, a `pin` as a
   * whole, or the kernel of the `host`.
   */
  readonly kind: 'frame' | 'entry' | 'gmem' | 'mapping' | 'gpa' | 'vcpu' | 'pin' | 'host';
  /** For an entry: the PA of the realm descriptor; else the row of the inode, the mapping, the VM, the vCPU or the pin. */
  readonly object?: number;
  /** The PA of a frame, the IPA of an entry, else the offset or address in the object, in bytes. */
  readonly at: number;
  /** Bytes from `at` on that changed alike; absent where the field says it all. */
  readonly length?: number;
  /** It is about the object, not about a place in it. */
  readonly whole?: true;
  /** For an entry. */
  readonly level?: number;
  /** `granule`, `GPT`, `bytes`, `realm`, `RTT L3[4]`. */
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Describes a write when the machine is at the moment after it. `undefined` for bookkeeping that says nothing of its own
 * (reference counts, the run's own cells).
 */
export function describeWrite(machine: Machine, write: Write): CellText | undefined {
  const table = machine.store.tableOf(write.cell);
  const row = table.rowOf(write.cell);
  if (table.name === 'page') {
    const { contents } = machine.pages;
    const at = machine.pages.address(row);
    return {
      kind: 'frame',
      at,
      length: GRANULE,
      field: 'bytes',
      before: contents.text(write.before),
      after: contents.text(write.after),
    };
  }
  return (RMM_DESCRIPTIONS[table.name] ?? LINUX_DESCRIPTIONS[table.name])?.(
    machine,
    row,
    table.columnOf(write.cell),
    write,
  );
}

/** Whether anything is said of a column at all: those of folios are written by the million. */
export const isDescribed = ({ name }: Table, column: string): boolean =>
  name !== 'folio' || Object.hasOwn(FOLIO_FIELDS, column);

/** What a cell holds now: a write that changes nothing. */
export function describeCell(machine: Machine, cell: number): CellText | undefined {
  const value = machine.store.read(cell);
  return describeWrite(machine, { cell, before: value, after: value });
}
