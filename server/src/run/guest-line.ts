// What became of a `<` line: a guest's action that was done, held against what the line expects.
import { type FlowEvent, GUEST_FAULTED, type MachineOperation } from '../emulator/index.ts';
import type { CallInstruction, Problem } from '../scenario/index.ts';
import { demands } from './explain.ts';
import { problemAt } from './problem-at.ts';
import type { Run } from './run.ts';

type Command = NonNullable<FlowEvent['command']>;

/** What the host can help with is tried again: an access that is not mapped, a call of a realm for a page that is not there. */
const isTriedAgain = ({ actor, form }: MachineOperation, code: number) =>
  code === GUEST_FAULTED || (actor === 'realm' && form.text(code) === 'RMI_EXIT_SYNC');

/**
 * An attempt that faults is tried again by the kernel, so it is judged only when it is over; what the line expects of a
 * fault that goes to user space stands in the result of the call around it.
 */
export function judgeGuest(
  run: Run,
  line: CallInstruction | undefined,
  { operation, registers, code }: Command,
): readonly Problem[] {
  if (!line || line.operation !== operation || isTriedAgain(operation, code)) return [];
  if (demands(run, { instruction: line, registers, code, injected: undefined })) return [];
  const actual = run.resultText(operation, code);
  const message = `the guest's ${operation.name} gave ${actual}`;
  return [problemAt('CCS301', line.site, message, { expected: line.expected?.text ?? 'success', actual })];
}
