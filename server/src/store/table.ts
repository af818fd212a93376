// A table: rows of named columns, each of them a cell of the store.
import type { Store } from './store.ts';

/** Rows and columns are counted from 0. `C` are the columns' names. */
export class Table<C extends string = string> {
  readonly width: number;
  private readonly store: Store;
  readonly name: string;
  readonly columns: readonly C[];
  readonly rows: number;
  /** The cell of row 0, column 0. */
  readonly base: number;

  constructor(store: Store, name: string, columns: readonly C[], rows: number, base: number) {
    this.store = store;
    this.name = name;
    this.columns = columns;
    this.rows = rows;
    this.base = base;
    this.width = columns.length;
  }

  cell(row: number, column: number): number {
    return this.base + row * this.width + column;
  }

  get(row: number, column: number): number {
    return this.store.read(this.base + row * this.width + column);
  }

  set(row: number, column: number, value: number): void {
    this.store.write(this.base + row * this.width + column, value);
  }

  rowOf(cell: number): number {
    return Math.floor((cell - this.base) / this.width);
  }

  columnOf(cell: number): C {
    return this.columns[(cell - this.base) % this.width] as C;
  }
}
