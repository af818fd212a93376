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
  readonly granules: readonly number[];
  readonly entries: readonly EntryChange[];
  /** Written entries of tables that are gone. */
  readonly wiped: readonly EntryChange[];
  readonly moved: readonly Moved[];
  /** Rows of tables of which an entry or the count of live entries was written. */
  readonly tables: readonly number[];
  readonly realms: readonly Change<RealmColumn>[];
  readonly recs: readonly Change<RecColumn>[];
  readonly rtts: readonly Change<string>[];
}

export type Kind = keyof Touched;
export const KINDS: readonly Kind[] = ['granules', 'entries', 'wiped', 'moved', 'tables', 'realms', 'recs', 'rtts'];

type Lists = { -readonly [K in Kind]: Touched[K] };

const NONE: readonly never[] = [];

/** Sorts writes; most steps wrote to one or two tables. */
export function touchedBy(rmm: Rmm, writes: readonly Write[]): Touched {
  const { granules, rtts, realms, recs } = rmm;
  const touched: Lists = {
    granules: NONE,
    entries: NONE,
    wiped: NONE,
    moved: NONE,
    tables: NONE,
    realms: NONE,
    recs: NONE,
    rtts: NONE,
  };
  for (let i = 0; i < writes.length; i++) {
    const write = writes[i] as Write;
    if (isIn(granules.table, write)) addGranule(granules.table, write, touched);
    else if (isIn(rtts.entries, write)) addEntry(rmm, write, touched);
    else if (isIn(realms.table, write)) touched.realms = and(touched.realms, change(realms.table, write));
    else if (isIn(recs.table, write)) touched.recs = and(touched.recs, change(recs.table, write));
    else if (isIn(rtts.table, write)) {
      const changed = change(rtts.table, write);
      touched.rtts = and(touched.rtts, changed);
      touched.tables = andOnce(touched.tables, changed.row);
    }
  }
  return touched;
}

function addGranule(table: Table<string>, { cell, before, after }: Write, touched: Lists): void {
  const row = table.rowOf(cell);
  touched.granules = andOnce(touched.granules, row);
  if (table.columnOf(cell) !== 'granule') return;
  touched.moved = and(touched.moved, { row, before: state(before), after: state(after), cell });
}

function addEntry({ granules, rtts }: Rmm, { cell, before, after }: Write, touched: Lists): void {
  const row = rtts.entries.rowOf(cell);
  const [rtt, index] = [Math.floor(row / ENTRIES), row % ENTRIES];
  const isTable = granules.state(granules.address(rtt)) === 'RTT';
  // An entry that nobody had written continued the entry that its table was made from.
  const old = before === 0 && isTable ? rtts.untouched(rtt, index) : before;
  const changed = { rtt, index, before: old, after, cell };
  if (!isTable) {
    touched.wiped = and(touched.wiped, changed);
    return;
  }
  touched.entries = and(touched.entries, changed);
  touched.tables = andOnce(touched.tables, rtt);
}

/** A list with one more; the list itself grows, unless it is the one that all begin as. */
function and<T>(list: readonly T[], one: T): readonly T[] {
  if (list.length === 0) return [one];
  (list as T[]).push(one);
  return list;
}

/** A step touches few rows, mostly the same one several times in a row. */
const andOnce = (rows: readonly number[], row: number): readonly number[] =>
  rows.includes(row) ? rows : and(rows, row);

const isIn = ({ base, rows, width }: Table<string>, { cell }: Write) => cell >= base && cell < base + rows * width;

const change = <C extends string>(table: Table<C>, { cell, before, after }: Write): Change<C> => ({
  row: table.rowOf(cell),
  column: table.columnOf(cell),
  before,
  after,
  cell,
});

const state = (number: number) => GRANULE_STATES[number] as GranuleState;
