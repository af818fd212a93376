// Rows of a table by the names of its columns.
import type { Store, Table } from '../../store/index.ts';

/** A table whose rows are objects of the kernel. Row 0 is never one: a handle of 0 names nothing. */
export class Rows<C extends string> {
  readonly table: Table<C>;
  private readonly used: Table<'rows'>;
  private readonly columns: Readonly<Record<string, number>>;

  private readonly reserved: number;

  /** `reserved` rows are there from the beginning. */
  constructor(store: Store, name: string, columns: readonly C[], rows: number, reserved = 0) {
    this.reserved = reserved;
    this.used = store.table(`${name}s`, ['rows'], 1);
    this.table = store.table(name, columns, rows);
    this.columns = Object.fromEntries(columns.map((column, i) => [column, i]));
  }

  /** Rows in use are 1 to this, the ones that have ended included. */
  get last(): number {
    return this.used.get(0, 0) + this.reserved;
  }

  /** A new row; 0 when there is no room. */
  add(): number {
    const row = this.last + 1;
    if (row >= this.table.rows) return 0;
    this.used.set(0, 0, row - this.reserved);
    return row;
  }

  get(row: number, column: C): number {
    return this.table.get(row, this.columns[column] as number);
  }

  set(row: number, column: C, value: number): void {
    this.table.set(row, this.columns[column] as number, value);
  }

  /** Changes a number and returns it. */
  count(row: number, column: C, by: number): number {
    const value = this.get(row, column) + by;
    this.set(row, column, value);
    return value;
  }

  cell(row: number, column: C): number {
    return this.table.cell(row, this.columns[column] as number);
  }

  /** Whether the row was ever made. */
  has(row: number): boolean {
    return row > 0 && row <= this.last;
  }
}
