// Realm execution contexts: one row a granule that is a REC. RMM 1.0, A2.3.
import type { Store, Table } from '../../store/index.ts';

/** General purpose registers of a REC. */
export const GPRS = 31;
/** Auxiliary granules that each REC needs. */
export const AUX_GRANULES = 16;

const gprs = Array.from({ length: GPRS }, (_, i) => `x${i}` as const);
const aux = Array.from({ length: AUX_GRANULES }, (_, i) => `aux${i}` as const);

const COLUMNS = [
  /** Row of the realm. */
  'owner',
  /** Row + 1 of the REC of the realm that was made before this one, of those that exist; 0 for none. */
  'previous',
  'index',
  'runnable',
  /** The PE that runs it, counted from 1; 0 while READY. */
  'running',
  'pc',
  /** A PSCI request that the host has to complete. */
  'psci_pending',
  /** A host call whose answer the next entry brings. */
  'host_call',
  /** The RIPAS change that the realm asked for: [ripas_base, ripas_top), done up to ripas_addr. */
  'ripas_base',
  'ripas_top',
  'ripas_addr',
  'ripas_value',
  'ripas_destroyed',
  /** Syndrome and IPA of the last exit if it was an emulatable data abort; otherwise the syndrome is 0. */
  'abort_esr',
  'abort_ipa',
  /** The operation of the realm that an exit interrupted and that has to be done again: its number from 1, its arguments. */
  'interrupted',
  'argument0',
  'argument1',
  /** What the realm sees of an exception that was injected. */
  'esr_el1',
  'far_el1',
  'elr_el1',
  ...gprs,
  ...aux,
] as const;
export type RecColumn = (typeof COLUMNS)[number];

const columns = new Map<RecColumn, number>(COLUMNS.map((name, i) => [name, i]));
const column = (name: RecColumn) => columns.get(name) as number;
const X0 = column('x0');
const AUX0 = column('aux0');

/** Values of 64 bits (registers, pc) are numbers of the machine's `words`. */
export class Recs {
  readonly table: Table<RecColumn>;

  constructor(store: Store, granules: number) {
    this.table = store.table('rec', COLUMNS, granules);
  }

  get(rec: number, name: RecColumn): number {
    return this.table.get(rec, column(name));
  }

  set(rec: number, name: RecColumn, value: number): void {
    this.table.set(rec, column(name), value);
  }

  cell(rec: number, name: RecColumn): number {
    return this.table.cell(rec, column(name));
  }

  x(rec: number, register: number): number {
    return this.table.get(rec, X0 + register);
  }

  setX(rec: number, register: number, value: number): void {
    this.table.set(rec, X0 + register, value);
  }

  /** PAs of the auxiliary granules. */
  auxiliaries(rec: number): number[] {
    return Array.from({ length: AUX_GRANULES }, (_, i) => this.table.get(rec, AUX0 + i));
  }

  setAuxiliary(rec: number, index: number, address: number): void {
    this.table.set(rec, AUX0 + index, address);
  }

  clear(rec: number): void {
    for (let i = 0; i < COLUMNS.length; i++) this.table.set(rec, i, 0);
  }
}
