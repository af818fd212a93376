// Steps of the test rig: faults that are injected, and settings that stand in the header.
import { OPERATIONS } from '../../../server/src/emulator/index.ts';
import { ensureRealm } from './cca-steps.ts';
import { COMMANDS } from './events.ts';
import { CONCERNS_GRANULE } from './faults.ts';
import type { Writes } from './vm-steps.ts';
import type { Wanted } from './writer.ts';

/** Points that a case names otherwise than the piece of kernel work there. */
const POINTS: Readonly<Record<string, string>> = {
  alloc_folio: 'alloc',
  attr_prealloc: 'attr_reserve',
  mas_preallocate: 'attr_reserve',
  xa_reserve: 'attr_reserve',
};

/** What makes a step of the kernel fail, by the point that a case names: a command of firmware, or a piece of kernel work. */
function operationAt(point: string): string {
  const named = Object.entries(COMMANDS).find(([, word]) => word === point)?.[0];
  const command = `RMI_${point.toUpperCase()}`;
  return named ?? (OPERATIONS.has(command) ? command : (POINTS[point] ?? point));
}

function failureOf(step: Wanted): string {
  const error = step.string('error').replace(/^-/, '');
  if (error === 'rmi') return 'RMI_ERROR_INPUT';
  return error.startsWith('RMI_') ? error : `-${error}`;
}

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
    const operation = operationAt(step.string('point'));
    if (operation !== 'RMI_REALM_CREATE') ensureRealm(writer, writer.lastVm);
    const [at, page] = [step.value('at'), step.has('at_page') ? step.value('at_page') : undefined];
    const result = failureOf(step);
    if (CONCERNS_GRANULE.has(operation)) {
      writer.faults.push({ line: writer.lines.length, operation, result, page, granule: at });
    }
    writer.line(`inject ${operation} nth ${(page ?? at) + 1} = ${result}`);
  },
};
