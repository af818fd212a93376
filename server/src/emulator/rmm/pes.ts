// Processing elements: which REC each of them runs, and where the exit goes.
import type { Store, Table } from '../../store/index.ts';

/** PEs of the machine: more than entries that can be nested or run side by side in a scenario. */
export const PES = 64;

const REC = 0;
const RUN = 1;
const FLAGS = 2;

export class Pes {
  readonly table: Table<'rec' | 'run' | 'flags'>;

  constructor(store: Store) {
    this.table = store.table('PE', ['rec', 'run', 'flags'], PES);
  }

  /**
   * Starts a REC (its row) on the lowest PE that runs none; `run` is the PA of the run page, `flags` those of
   * the entry. Returns the PE.
   */
  start(rec: number, run: number, flags: number): number {
    let pe = 0;
    while (this.table.get(pe, REC) !== 0) pe++;
    this.table.set(pe, REC, rec + 1);
    this.table.set(pe, RUN, run);
    this.table.set(pe, FLAGS, flags);
    return pe;
  }

  stop(pe: number): void {
    this.table.set(pe, REC, 0);
    this.table.set(pe, RUN, 0);
    this.table.set(pe, FLAGS, 0);
  }

  /** The PE that was entered last and still runs a REC, -1 if none does. */
  get latest(): number {
    let pe = PES - 1;
    while (pe >= 0 && this.table.get(pe, REC) === 0) pe--;
    return pe;
  }

  /** The row of the REC that a PE runs; `undefined` if it runs none. */
  rec(pe: number): number | undefined {
    const rec = pe < 0 ? 0 : this.table.get(pe, REC);
    return rec === 0 ? undefined : rec - 1;
  }

  /** The flags of the entry. */
  flags(pe: number): number {
    return this.table.get(pe, FLAGS);
  }

  /** PA of the run page that the exit of a PE goes to. */
  run(pe: number): number {
    return this.table.get(pe, RUN);
  }
}
