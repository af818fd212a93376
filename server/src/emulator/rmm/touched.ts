// The writes of one step, sorted by what they mean to the RMM.
import type { Table, Write } from '../../store/index.ts';
import { GRANULE_STATES, type GranuleState } from './granules.ts';
import type { RealmColumn } from './realms.ts';
import type { RecColumn } from './recs.ts';
import type { Rmm } from './rmm.ts';
import { ENTRIES } from './rtts.ts';

interface Change<C extends string> {
  readonly row: number;
  readonly column: C;
  readonly before: number;
  readonly after: number;
  readonly cell: number;
}

/** A granule that has another owner now. */
export interface Moved {
  readonly row: number;
  readonly before: GranuleState;
  readonly after: GranuleState;
  readonly cell: number;
}

/** A written entry of a table. */
export interface EntryChange {
  readonly rtt: number;
  readonly index: number;
  readonly before: number;
  readonly after: number;
  readonly cell: number;
}

export interface Touched {
  /** Rows of granules whose state or GPT entry was written. */
  readonly granules: ReadonlySet<number>;
  readonly moved: readonly Moved[];
  readonly entries: readonly EntryChange[];
  /** Written entries of tables that are gone. */
  readonly wiped: readonly EntryChange[];
  readonly realms: readonly Change<RealmColumn>[];
  readonly recs: readonly Change<RecColumn>[];
  readonly rtts: readonly Change<string>[];
}

function changesIn<C extends string>(table: Table<C>, writes: readonly Write[]): Change<C>[] {
  const end = table.base + table.rows * table.width;
  return writes
    .filter(({ cell }) => cell >= table.base && cell < end)
    .map((write) => ({ ...write, row: table.rowOf(write.cell), column: table.columnOf(write.cell) }));
}

export function touchedBy({ granules, rtts, realms, recs }: Rmm, writes: readonly Write[]): Touched {
  const ofGranules = changesIn(granules.table, writes);
  const entries = changesIn(rtts.entries, writes).map(({ row, before, after, cell }): EntryChange => {
    const [rtt, index] = [Math.floor(row / ENTRIES), row % ENTRIES];
    // An entry that nobody had written continued the entry that its table was made from.
    return { rtt, index, before: before === 0 && isTable({ rtt }) ? rtts.untouched(rtt, index) : before, after, cell };
  });
  return {
    granules: new Set(ofGranules.map(({ row }) => row)),
    moved: ofGranules
      .filter(({ column }) => column === 'granule')
      .map(({ row, before, after, cell }) => ({ row, before: state(before), after: state(after), cell })),
    entries: entries.filter(isTable),
    wiped: entries.filter((entry) => !isTable(entry)),
    realms: changesIn(realms.table, writes),
    recs: changesIn(recs.table, writes),
    rtts: changesIn(rtts.table, writes),
  };

  function isTable({ rtt }: { readonly rtt: number }): boolean {
    return granules.state(granules.address(rtt)) === 'RTT';
  }
}

const state = (number: number) => GRANULE_STATES[number] as GranuleState;
