// The writes of one step by the table and column that they went to: a step may write a million cells, and who looks for those
// of one kind passes over the others once.
import type { Store, Write } from '../../store/index.ts';

/** A write with the row and column that it went to. */
export interface Placed extends Write {
  readonly row: number;
  readonly column: string;
}

const TABLES: ReadonlySet<string> = new Set(['folio', 'inode', 'gmem file', 'memslot', 'vm', 'call stack', 'page']);
const NONE: readonly Placed[] = [];

export class PlacedWrites {
  private readonly tables = new Map<string, Placed[]>();
  private readonly columns = new Map<string, readonly Placed[]>();
  /** For a table and column what each row held before the first write. */
  private readonly old = new Map<string, ReadonlyMap<number, number>>();

  constructor(store: Store, writes: readonly Write[]) {
    for (const { cell, before, after } of writes) {
      const table = store.tableOf(cell);
      if (!TABLES.has(table.name)) continue;
      const list = this.tables.get(table.name) ?? [];
      if (list.length === 0) this.tables.set(table.name, list);
      list.push({ cell, before, after, row: table.rowOf(cell), column: table.columnOf(cell) });
    }
  }

  /** None of them went to a table that an invariant is about. */
  get isEmpty(): boolean {
    return this.tables.size === 0;
  }

  /** Those to a table, or to one of its columns, in order. */
  in(table: string, column?: string): readonly Placed[] {
    const all = this.tables.get(table) ?? NONE;
    if (column === undefined || all.length === 0) return all;
    const key = `${table} ${column}`;
    const known = this.columns.get(key) ?? all.filter((write) => write.column === column);
    this.columns.set(key, known);
    return known;
  }

  /** What a row held in a column before; `undefined` if it was not written. */
  before(table: string, column: string, row: number): number | undefined {
    const key = `${table} ${column}`;
    let rows = this.old.get(key);
    if (!rows) {
      // The first write of a row is the last one that is set here.
      rows = new Map(
        this.in(table, column)
          .toReversed()
          .map((write) => [write.row, write.before]),
      );
      this.old.set(key, rows);
    }
    return rows.get(row);
  }
}
