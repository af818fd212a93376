// Steps of the test rig: faults that are injected, and settings that stand in the header.
import { ensureRealm } from './cca-steps.ts';
import type { Writes } from './vm-steps.ts';
import type { Wanted } from './writer.ts';

/** What makes a step of the kernel fail, by the point that a case names. */
const POINTS: Readonly<Record<string, string>> = {
  delegate: 'RMI_GRANULE_DELEGATE',
  undelegate: 'RMI_GRANULE_UNDELEGATE',
  data_create: 'RMI_DATA_CREATE',
  data_create_unknown: 'RMI_DATA_CREATE_UNKNOWN',
  data_destroy: 'RMI_DATA_DESTROY',
  alloc_folio: 'alloc',
  attr_prealloc: 'attr_reserve',
  mas_preallocate: 'attr_reserve',
  xa_reserve: 'attr_reserve',
};

const failureOf = (step: Wanted) =>
  step.string('error') === 'rmi' ? 'RMI_ERROR_INPUT' : `-${step.string('error').replace(/^-/, '')}`;

export const RIG_STEPS: Readonly<Record<string, Writes>> = {
  precondition(writer, step) {
    writer.line(`// ${step.string('text')}`);
    writer.pagesAreThere = true;
  },
  // The model is chosen by it.
  set_param: () => undefined,
  complete_hypercall: (writer, step) => writer.line(`// the hypercall returns ${step.number('ret')} to the guest`),
  set_page_size: (writer, step) => {
    writer.pageSize = step.value('page');
  },
  inject(writer, step) {
    const point = step.string('point');
    ensureRealm(writer, writer.lastVm);
    const at = step.has('at') ? step.value('at') : step.value('at_page');
    // Undelegation goes back from where the creation failed; everything else goes forward.
    const created = writer.lines.findLast((line) => line.startsWith('inject RMI_DATA_CREATE nth '));
    const failing = Number(/nth (\d+)/.exec(created ?? '')?.[1] ?? at + 1) - 1;
    const nth = point === 'undelegate' ? failing - at + 1 : at + 1;
    writer.line(`inject ${POINTS[point] ?? point} nth ${nth} = ${failureOf(step)}`);
  },
};
