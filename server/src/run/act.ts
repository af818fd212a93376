// What a moment did when a kernel flow took a step: the step itself, or the command that it carried out.
import { hex } from '../emulator/index.ts';
import type { Run } from './run.ts';

export interface FlowAct {
  /** Who acts: `KVM`, or whoever the command was for. */
  readonly actor: string;
  /** `kvm_gmem_create: check_arguments`, or the command with its arguments. */
  readonly call: string;
  /** Of the command; of a step that ends its flow in an error, nothing is said here. */
  readonly result: string | undefined;
  readonly succeeded: boolean;
  /** How deep the flow's frame is, from 0. */
  readonly depth: number;
}

/** `undefined` for a moment that no flow took. */
export function flowActAt(run: Run, moment: number): FlowAct | undefined {
  const done = run.log.flowAt(moment);
  if (!done) return undefined;
  const { flow, step, depth, command } = done;
  const actor = 'KVM';
  if (!command) return { actor, call: `${flow.name}: ${step}`, result: undefined, succeeded: true, depth };
  const { operation, registers, code } = command;
  return {
    actor: operation.actor,
    call: `${operation.name}(${registers.map((register) => (register < 4096 ? String(register) : hex(register))).join(', ')})`,
    result: run.resultText(operation, code),
    succeeded: operation.form.succeeded(code),
    depth,
  };
}

/** Kernel functions on the stack at the moment that the machine is at, outermost first. */
export const flowStack = ({ machine }: Run): string[] => machine.flows.stack(0).map(({ flow }) => flow.name);
