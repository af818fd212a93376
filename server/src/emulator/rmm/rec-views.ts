// What can be asked of a REC: whether it runs, whether the host may enter it, what it waits for, what its registers hold.

import type { Parameter } from '../definition.ts';
import type { Machine } from '../machine.ts';
import type { View } from '../view.ts';
import { GPRS, type RecColumn } from './recs.ts';

const rec: Parameter = { name: 'rec', type: 'pa', text: 'a REC' };
const isRec = ({ rmm, pages }: Machine, pa: number) => pages.has(pa) && rmm.granules.state(pa) === 'REC';

/** A view of an attribute of a REC. */
function ofRec(
  name: string,
  summary: string,
  column: RecColumn,
  states: readonly string[],
  read: (value: number, machine: Machine) => string | bigint,
): View {
  return {
    name,
    summary,
    states,
    reference: 'DEN0137 1.0-rel0, A2.3',
    params: [rec],
    absent: 'rec is not a REC',
    read: (machine, [pa = 0]) =>
      isRec(machine, pa) ? read(machine.rmm.recs.get(machine.rmm.granules.row(pa), column), machine) : undefined,
    cells: ({ rmm, pages }, [pa = 0]) =>
      pages.has(pa) ? [rmm.recs.cell(rmm.granules.row(pa), column), rmm.granules.stateCell(pa)] : [],
  };
}

/** A register of 64 bits, exactly. */
const word = (value: number, { pages }: Machine) => pages.words.value(value);

const register = (index: number): RecColumn | undefined =>
  Number.isInteger(index) && index >= 0 && index < GPRS ? (`x${index}` as RecColumn) : undefined;

const gpr: View = {
  name: 'gpr',
  summary:
    'A register of a REC as the realm sees it: results of its calls in X0 upwards. In a scenario a load goes to X5, a store comes from X6.',
  states: [],
  reference: 'DEN0137 1.0-rel0, A2.3',
  params: [rec, { name: 'index', type: 'u64', text: '0 to 30' }],
  absent: 'rec is not a REC, or index is not 0 to 30',
  read(machine, [pa = 0, index = 0]) {
    const column = register(index);
    if (!column || !isRec(machine, pa)) return undefined;
    return word(machine.rmm.recs.get(machine.rmm.granules.row(pa), column), machine);
  },
  cells({ rmm, pages }, [pa = 0, index = 0]) {
    const column = register(index);
    if (!column || !pages.has(pa)) return [];
    return [rmm.recs.cell(rmm.granules.row(pa), column), rmm.granules.stateCell(pa)];
  },
};

const yesNo = (value: number) => (value === 0 ? 'no' : 'yes');

export const REC_VIEWS: readonly View[] = [
  ofRec(
    'rec',
    'Whether a REC runs: RUNNING while an RMI_REC_ENTER of it has not returned.',
    'running',
    ['READY', 'RUNNING'],
    (pe) => (pe === 0 ? 'READY' : 'RUNNING'),
  ),
  ofRec(
    'runnable',
    'Whether a REC is on: it was made so, or PSCI_CPU_ON turned it on.',
    'runnable',
    ['yes', 'no'],
    yesNo,
  ),
  ofRec('psci_pending', 'Whether a REC waits for RMI_PSCI_COMPLETE.', 'psci_pending', ['yes', 'no'], yesNo),
  gpr,
  ofRec('pc', 'Where a REC goes on; the realm of a scenario takes an exception at 0x200.', 'pc', [], word),
  ofRec('esr_el1', 'The syndrome of the last exception that a REC took.', 'esr_el1', [], BigInt),
];
