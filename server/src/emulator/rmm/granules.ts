// The RMM's granule tracking: who owns each granule, and its entry in the granule protection table. RMM 1.0, A2.2.
import type { Store, Table } from '../../store/index.ts';
import { GRANULE, type Pages } from '../memory/pages.ts';

/** States of a granule, in the numbering of the table's cells. */
export const GRANULE_STATES = ['UNDELEGATED', 'DELEGATED', 'RD', 'REC', 'REC_AUX', 'DATA', 'RTT'] as const;
export type GranuleState = (typeof GRANULE_STATES)[number];

/** Physical address spaces in the granule protection table. */
export const GPT_ENTRIES = ['NS', 'REALM', 'SECURE', 'ROOT'] as const;
export type GptEntry = (typeof GPT_ENTRIES)[number];

const STATE = 0;
const GPT = 1;

export class Granules {
  readonly table: Table<'granule' | 'GPT'>;
  private readonly pages: Pages;
  private readonly firstAddress: number;

  constructor(store: Store, pages: Pages) {
    this.pages = pages;
    this.firstAddress = pages.dram.base;
    this.table = store.table('granule', ['granule', 'GPT'], pages.dram.size / GRANULE);
  }

  /** Whether the RMM tracks the granule at this address. */
  tracks(pa: number): boolean {
    return this.pages.has(pa);
  }

  row(pa: number): number {
    return this.pages.row(pa);
  }

  address(row: number): number {
    return this.pages.address(row);
  }

  /** Whether `pa` is the address of a granule in the state of this number: aligned, tracked, in that state. */
  isInState(pa: number, state: number): boolean {
    const row = (pa - this.firstAddress) / GRANULE;
    return row >= 0 && row < this.table.rows && row === Math.floor(row) && this.table.get(row, STATE) === state;
  }

  state(pa: number): GranuleState {
    return GRANULE_STATES[this.table.get(this.row(pa), STATE)] as GranuleState;
  }

  stateCell(pa: number): number {
    return this.table.cell(this.row(pa), STATE);
  }

  gpt(pa: number): GptEntry {
    return GPT_ENTRIES[this.table.get(this.row(pa), GPT)] as GptEntry;
  }

  gptCell(pa: number): number {
    return this.table.cell(this.row(pa), GPT);
  }

  /** Gives a granule to another owner, or back; contents stay. */
  move(pa: number, state: GranuleState): void {
    this.table.set(this.row(pa), STATE, GRANULE_STATES.indexOf(state));
  }

  /** Takes a granule back from its owner, wiped: TF-RMM keeps every DELEGATED granule zero. */
  reclaim(pa: number): void {
    this.pages.wipe(pa);
    this.move(pa, 'DELEGATED');
  }

  setGpt(pa: number, entry: GptEntry): void {
    this.table.set(this.row(pa), GPT, GPT_ENTRIES.indexOf(entry));
  }
}
