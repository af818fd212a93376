// Cells, tables, journal and hash.
export { grown } from './grown.ts';
export { type Recorded, Store, type Write } from './store.ts';
export type { Table } from './table.ts';
