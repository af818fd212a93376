// An operation that the machine can carry out, whichever system it belongs to.
import type { CheckText, Operation } from './definition.ts';
import type { Flow } from './flow.ts';
import type { Machine } from './machine.ts';

/** How the results of a family of operations are written: `RMI_ERROR_RTT(2)`, `-EAGAIN`, `0x5a`. */
export interface ResultForm {
  text(code: number): string;
  /** The code of a written result, or `undefined` if the family has no such name; `arg` is what stands in brackets. */
  code(name: string, arg: number | undefined): number | undefined;
  /** Whether a code is what was written; without brackets any index fits. */
  matches(code: number, name: string, arg: number | undefined): boolean;
  /** What a statement without `=` demands. */
  succeeded(code: number): boolean;
  /** Names that may stand after `=`. */
  readonly names: readonly string[];
}

/** Why an operation failed: the condition and the cells that decided it. */
export interface Refusal {
  readonly check: CheckText;
  readonly cells: readonly number[];
  /** The position of the argument that the condition is about; `undefined` for the call as a whole. */
  readonly argument: number | undefined;
}

/** An operation during which others act: a realm runs, the kernel calls the firmware. `registers` are those of its call. */
export interface Conversation {
  /** What may stand in `<` lines: what the guest does meanwhile, by name. */
  readonly guest: ReadonlyMap<string, MachineOperation>;
  /**
   * What `>` lines are. `checked`: they must be what the operation sends down. `sent`: other commands of the host while it
   * runs, carried out where they stand.
   */
  readonly down: 'checked' | 'sent';
  /** Whether it still goes on. */
  isRunning(machine: Machine, registers: readonly number[]): boolean;
  /** What it returned; asked in the moment in which it ended. */
  code(machine: Machine): number;
  /** Ends it: a physical interrupt comes. */
  interrupt(machine: Machine, registers: readonly number[]): void;
  /** What the guest does again first, because the exit before interrupted it. */
  pending(
    machine: Machine,
    registers: readonly number[],
  ): { readonly operation: MachineOperation; readonly registers: readonly number[] } | undefined;
}

export interface MachineOperation extends Operation {
  readonly form: ResultForm;
  /** Operations of the same name that take other arguments; the type of the first one decides. */
  readonly overloads?: readonly AnyOperation[];
  /** What may be said below it, for an operation that takes time; absent for a command. */
  readonly conversation?: Conversation;
  /** As the first line of an entry: what the last exit interrupted is not done again. */
  readonly leavesUndone?: true;
  /** Carries it out; one number a parameter. The store is left uncommitted. Returns the result code. */
  call(machine: Machine, registers: readonly number[]): number;
  /** Values of `outputs` after `call`, in their order. */
  readOutputs(machine: Machine, registers: readonly number[]): readonly number[];
  /** What would refuse it now; changes nothing. */
  refusal(machine: Machine, registers: readonly number[]): Refusal | undefined;
}

/**
 * An operation that is a kernel flow: the registers are the flow's arguments, and it runs step by step on an actor's call
 * stack. `readOutputs` is valid when the flow has just ended.
 */
export type FlowOperation = Omit<MachineOperation, 'call' | 'overloads'> & {
  readonly flow: Flow;
  /** What may stand in `<` lines below it: what the guest does while it runs, by name. */
  readonly guest?: ReadonlyMap<string, MachineOperation>;
  readonly overloads?: readonly AnyOperation[];
};

/** What a statement can call. */
export type AnyOperation = MachineOperation | FlowOperation;
