// Atomic pieces of kernel work: what a flow does in one step, under the name by which traces know it.
import type { Output, Parameter, ValueType } from '../definition.ts';
import type { Errno } from '../errno.ts';
import type { Machine } from '../machine.ts';
import type { MachineOperation } from '../operation.ts';
import { syscallForm } from './signals.ts';

interface PieceSpec {
  readonly name: string;
  readonly summary: string;
  /** The kernel function or functions. */
  readonly reference: string;
  readonly params: Readonly<Record<string, string | readonly [type: ValueType, text: string]>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly errors?: readonly Errno[];
  readonly effects: readonly string[];
  readonly since?: string;
  /** Returns 0 or a negative errno; outputs go to `linux.out`. */
  call(machine: Machine, registers: readonly number[]): number;
}

/**
 * Makes the operation. It cannot be called by a scenario: it shows in traces, and `inject` can make it fail if it has `errors`;
 * the others are functions without a result.
 */
export function piece(spec: PieceSpec): MachineOperation {
  const params = Object.entries(spec.params).map(
    ([name, param]): Parameter =>
      typeof param === 'string' ? { name, type: 'u64', text: param } : { name, type: param[0], text: param[1] },
  );
  const outputs = Object.entries(spec.outputs ?? {}).map(
    ([name, text]): Output => ({ name, type: 'u64', valid: 'SUCCESS', text }),
  );
  const errors = spec.errors ?? [];
  return {
    name: spec.name,
    actor: 'KVM',
    since: spec.since ?? 'linux/6.8',
    summary: spec.summary,
    reference: spec.reference,
    params,
    outputs,
    results: ['0', ...errors.map((name) => `-${name}`)],
    checks: [],
    effects: spec.effects,
    differences: [],
    form: syscallForm(errors),
    call: spec.call,
    readOutputs: ({ linux }) => linux.out.slice(0, outputs.length),
    refusal: () => undefined,
  };
}
