// What a system call or an ioctl is made of: a definition, the checks of its arguments in the kernel's order, and a flow.
import type { CheckText, Output, Parameter } from '../definition.ts';
import { registersOf } from '../definition.ts';
import { ERRNO, type Errno } from '../errno.ts';
import type { Flow, Frame } from '../flow.ts';
import type { Machine } from '../machine.ts';
import type { FlowOperation, Refusal, ResultForm } from '../operation.ts';
import { NEGATIVE_END, OUT_OF_RANGE } from '../registers.ts';
import { syscallForm } from './signals.ts';

/** One argument check: `holds` is what the kernel demands, the errno is what it says otherwise. */
export interface Check {
  readonly id: string;
  readonly text: string;
  readonly errno: Errno;
  holds(machine: Machine, registers: readonly number[]): boolean;
  /** The argument that it is about. */
  readonly argument?: string;
  /** Cells that decide it. */
  cells?(machine: Machine, registers: readonly number[]): readonly number[];
  /** The versions that make it; all if absent. */
  readonly only?: string;
  /** Made by the flow itself, after it has begun: listed for readers and explanations, not by `firstFailure`. */
  readonly late?: true;
}

/** A list of checks that a flow makes at one of its steps. */
export type Checks = readonly Check[];

/** The negative errno of the first check that fails; 0 if all hold. */
export function firstFailure(checks: Checks, machine: Machine, registers: readonly number[]): number {
  for (const check of checks) {
    if (check.late !== true && !check.holds(machine, registers)) return -ERRNO[check.errno];
  }
  return 0;
}

/** The registers of a flow's parameters, from its frame. */
export function registersFrom(frame: Frame, names: readonly string[]): number[] {
  return names.map((name) => frame[name] as number);
}

interface SystemCallSpec {
  readonly name: string;
  readonly actor?: string;
  readonly since: string;
  readonly models?: readonly string[];
  readonly summary: string;
  readonly reference: string;
  readonly params: readonly Parameter[];
  readonly outputs?: readonly Output[];
  readonly errors: readonly Errno[];
  readonly checks?: Checks;
  readonly effects: readonly string[];
  readonly differences?: readonly string[];
  readonly form?: ResultForm;
  readonly flow: Flow;
}

/** Makes the operation; `flow` is what carries it out. */
export function systemCall(spec: SystemCallSpec): FlowOperation {
  const checks = spec.checks ?? [];
  const form = spec.form ?? syscallForm(spec.errors);
  return {
    name: spec.name,
    actor: spec.actor ?? 'VMM',
    since: spec.since,
    ...(spec.models && { models: spec.models }),
    summary: spec.summary,
    reference: spec.reference,
    params: spec.params,
    outputs: spec.outputs ?? [],
    results: form.names.includes('0') ? form.names : ['0', ...form.names],
    checks: checks.map(checkText),
    effects: spec.effects,
    differences: spec.differences ?? [],
    form,
    flow: spec.flow,
    readOutputs: ({ flows }) => flows.out.slice(0, (spec.outputs ?? []).length),
    refusal(machine, registers): Refusal | undefined {
      const failed = checks.find((check) => !check.holds(machine, registers));
      if (!failed) return undefined;
      const cells = failed.cells?.(machine, registers) ?? [];
      return { check: checkText(failed), cells, argument: registerOf(spec.params, failed.argument) };
    },
  };
}

const checkText = ({ id, text, errno, only }: Check): CheckText => ({
  id,
  text,
  statusText: `-${errno}`,
  ...(only !== undefined && { only }),
});

function registerOf(params: readonly Parameter[], name: string | undefined): number | undefined {
  const index = params.findIndex((param) => param.name === name);
  return index < 0 ? undefined : index;
}

/** Where the registers of a parameter begin. */
export function firstRegister(params: readonly Parameter[], name: string): number {
  let at = 0;
  for (const param of params) {
    if (param.name === name) return at;
    at += registersOf(param.type);
  }
  throw new RangeError(`no parameter ${name}`);
}

export { OUT_OF_RANGE };

/** Whether base + length leaves 64 bits. What is written as negative is near 2^64. */
export const wraps = (base: number, length: number): boolean =>
  isNegative(base) ? base + length >= NEGATIVE_END : length >= OUT_OF_RANGE;

/** Whether offset + length leaves 63 bits: the largest size of a file. Both are positive. */
export const isBeyondFiles = (offset: number, length: number): boolean =>
  offset >= NEGATIVE_END && offset - NEGATIVE_END + (length % OUT_OF_RANGE) >= 2 ** 40;

/** Whether an argument has no bits beside those of `mask`. Bit operations look at 32 bits, arguments have 64. */
export const hasOnly = (value: number, mask: number): boolean => value < 2 ** 31 && (value & ~mask) === 0;

/** Whether an argument, as a signed 64-bit number, is negative. */
export const isNegative = (value: number): boolean => value < 0 || (value >= OUT_OF_RANGE && value < NEGATIVE_END);
