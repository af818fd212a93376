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

/** Sorts writes; most steps wrote nothing of the RMM, and of the others most wrote to one or two tables. */
export function touchedBy({ granules, rtts, realms, recs }: Rmm, writes: readonly Write[]): Touched {
  const touched = {
    granules: new Set<number>(),
    moved: [] as Moved[],
    entries: [] as EntryChange[],
    wiped: [] as EntryChange[],
    realms: [] as Change<RealmColumn>[],
    recs: [] as Change<RecColumn>[],
    rtts: [] as Change<string>[],
  };
  for (const write of writes) {
    if (isIn(granules.table, write)) addGranule(granules.table, write);
    else if (isIn(rtts.entries, write)) addEntry(write);
    else if (isIn(realms.table, write)) touched.realms.push(change(realms.table, write));
    else if (isIn(recs.table, write)) touched.recs.push(change(recs.table, write));
    else if (isIn(rtts.table, write)) touched.rtts.push(change(rtts.table, write));
  }
  return touched;

  function addGranule(table: Table<string>, { cell, before, after }: Write): void {
    const row = table.rowOf(cell);
    touched.granules.add(row);
    if (table.columnOf(cell) === 'granule')
      touched.moved.push({ row, before: state(before), after: state(after), cell });
  }

  function addEntry({ cell, before, after }: Write): void {
    const row = rtts.entries.rowOf(cell);
    const [rtt, index] = [Math.floor(row / ENTRIES), row % ENTRIES];
    const isTable = granules.state(granules.address(rtt)) === 'RTT';
    // An entry that nobody had written continued the entry that its table was made from.
    const old = before === 0 && isTable ? rtts.untouched(rtt, index) : before;
    (isTable ? touched.entries : touched.wiped).push({ rtt, index, before: old, after, cell });
  }
}

const isIn = ({ base, rows, width }: Table<string>, { cell }: Write) => cell >= base && cell < base + rows * width;

const change = <C extends string>(table: Table<C>, { cell, before, after }: Write): Change<C> => ({
  row: table.rowOf(cell),
  column: table.columnOf(cell),
  before,
  after,
  cell,
});

const state = (number: number) => GRANULE_STATES[number] as GranuleState;
