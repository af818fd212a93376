// What can be asked of a REC: whether it runs, whether the host may enter it, and what it waits for.
import type { Machine } from '../machine.ts';
import type { View } from '../view.ts';
import type { RecColumn } from './recs.ts';

/** A view of an attribute of a REC. */
function ofRec(
  name: string,
  summary: string,
  column: RecColumn,
  states: readonly string[],
  read: (value: number) => string,
): View {
  const isRec = ({ rmm, pages }: Machine, pa: number) => pages.has(pa) && rmm.granules.state(pa) === 'REC';
  return {
    name,
    summary,
    states,
    reference: 'DEN0137 1.0-rel0, A2.3',
    params: [{ name: 'rec', type: 'pa', text: 'a REC' }],
    absent: 'rec is not a REC',
    read: (machine, [pa = 0]) =>
      isRec(machine, pa) ? read(machine.rmm.recs.get(machine.rmm.granules.row(pa), column)) : undefined,
    cells: ({ rmm, pages }, [pa = 0]) =>
      pages.has(pa) ? [rmm.recs.cell(rmm.granules.row(pa), column), rmm.granules.stateCell(pa)] : [],
  };
}

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
];
