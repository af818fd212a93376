// Since which step each entry of a table is as it is: one pass over what was written, for all entries at once.
import { ENTRIES } from '../emulator/rmm/rtts.ts';
import type { Run } from '../run/index.ts';
import type { Table } from '../store/index.ts';
import { placeOf, type TableAt } from './tables-entries.ts';

interface Known {
  readonly position: number;
  readonly rtt: number;
  readonly steps: Uint32Array;
}

/** The table that was asked about last: its rows are fetched in several parts. */
const known = new WeakMap<Run, Known>();

/** For each entry of the table the step that wrote it last; an entry that nobody wrote is as old as its table. 0 is the beginning. */
export function entrySteps(run: Run, table: TableAt): Uint32Array {
  const { position } = run.machine.store;
  const last = known.get(run);
  if (last?.position === position && last.rtt === table.rtt) return last.steps;
  const steps = read(run, table);
  known.set(run, { position, rtt: table.rtt, steps });
  return steps;
}

function read(run: Run, table: TableAt): Uint32Array {
  const { store, rmm, pages } = run.machine;
  const first = rmm.rtts.entryCell(table.rtt, 0);
  const steps = new Uint32Array(table.entries);
  const made = new Map<number, number>();
  for (let i = 0; i * ENTRIES < table.entries; i++) {
    made.set(rmm.granules.stateCell(pages.address(table.rtt + i)), i);
  }
  const began = new Uint32Array(made.size);
  const [firstState = 0] = made.keys();
  const lastState = [...made.keys()].at(-1) ?? 0;
  eachWrite(run, (cell, step) => {
    if (cell >= first && cell < first + table.entries) steps[cell - first] = step;
    else if (cell >= firstState && cell <= lastState) {
      const i = made.get(cell);
      if (i !== undefined) began[i] = step;
    }
  });
  for (let index = 0; index < table.entries; index++) {
    const [rtt, within] = placeOf(table, index);
    if (store.read(rmm.rtts.entryCell(rtt, within)) === 0) steps[index] = began[rtt - table.rtt] ?? 0;
  }
  return steps;
}

/**
 * Visits what was written up to now with the number of the step that wrote it. The run counts its steps in a cell that each
 * step writes once, after the machine's own.
 */
function eachWrite({ machine: { store } }: Run, visit: (cell: number, step: number) => void): void {
  let step = 1;
  let counter = -1;
  store.eachWritten(0, store.position, (cell) => {
    if (counter === -1) counter = stepCell(store.tableOf(cell));
    if (cell === counter) step++;
    else visit(cell, step);
  });
}

const stepCell = (table: Table): number => (table.name === 'run' ? table.cell(0, table.columns.indexOf('step')) : -1);
