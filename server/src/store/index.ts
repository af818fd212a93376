// Cells, tables, journal and hash.
export { Store, type Write } from './store.ts';
export type { Table } from './table.ts';
