// What was executed, moment by moment: enough to print a step without going back to it.
import type { AnyOperation, Flow } from '../emulator/index.ts';
import type { CallInstruction, InjectInstruction } from '../scenario/index.ts';

/** What is kept of a call. */
export interface LoggedCall {
  readonly registers: readonly number[];
  readonly code: number;
  readonly outputs: readonly number[];
  readonly injected: InjectInstruction | undefined;
}

/** How a call ended during which others acted: in the moment of the last of them. */
export interface LoggedEnd {
  readonly instruction: CallInstruction;
  readonly code: number;
  readonly outputs: readonly number[];
}

/** One step of a kernel flow, and the command that it carried out. */
export interface LoggedFlow {
  readonly flow: Flow;
  /** The name of the step. */
  readonly step: string;
  /** How deep its frame was, from 0. */
  readonly depth: number;
  readonly command:
    | { readonly operation: AnyOperation; readonly registers: readonly number[]; readonly code: number }
    | undefined;
}

const NO_CALL = { registers: [], code: 0, outputs: [] } as const;

/** Grows with the run; moment `m` is the one that the instruction led to. Entry 0 is the beginning. */
export class Log {
  private readonly instructions: number[] = [-1];
  private readonly steps: number[] = [0];
  private readonly codes: number[] = [0];
  private readonly repeats: number[] = [0];
  private readonly firstRegister: number[] = [0];
  private readonly firstOutput: number[] = [0];
  /** Arguments and, behind them, outputs of one call after the other. */
  private readonly registers: number[] = [];
  private readonly injections = new Map<number, InjectInstruction>();
  private readonly flows: (LoggedFlow | undefined)[] = [];
  /** Frames on the stack after each moment. */
  private readonly depths: number[] = [0];
  private readonly ends = new Map<number, LoggedEnd>();
  /** The moment in which each numbered step was taken; step 0 is the beginning. */
  private readonly moments: number[] = [0];

  /** A statement that takes no step. */
  pass(instruction: number): void {
    this.append(instruction, 0, 0, NO_CALL);
  }

  /** A step: a call, and the fault that was injected into it. */
  call(instruction: number, repeat: number, { registers, code, outputs, injected }: LoggedCall, depth = 0): void {
    this.moments.push(this.steps.length);
    if (injected) this.injections.set(this.steps.length, injected);
    this.append(instruction, repeat, 1, { registers, code, outputs });
    this.depths[this.steps.length - 1] = depth;
  }

  /** Bytes that the log takes, roughly. */
  get size(): number {
    return this.steps.length * 80 + this.registers.length * 8 + this.flows.length * 60;
  }

  private append(
    instruction: number,
    repeat: number,
    taken: 0 | 1,
    { registers, code, outputs }: Omit<LoggedCall, 'injected'>,
  ): void {
    this.instructions.push(instruction);
    this.steps.push(this.lastStep + taken);
    this.codes.push(code);
    this.repeats.push(repeat);
    this.depths.push(0);
    this.firstRegister.push(this.registers.length);
    for (const register of registers) this.registers.push(register);
    this.firstOutput.push(this.registers.length);
    for (const output of outputs) this.registers.push(output);
  }

  /** A step of a kernel flow, in the call that `instruction` is; `depth` frames are on the stack after it. */
  flow(instruction: number, done: LoggedFlow, depth: number, injected: InjectInstruction | undefined): void {
    const moment = this.steps.length;
    this.moments.push(moment);
    if (injected) this.injections.set(moment, injected);
    this.flows[moment] = done;
    const { registers = [], code = 0 } = done.command ?? {};
    this.append(instruction, moment, 1, { registers, code, outputs: [] });
    this.depths[moment] = depth;
  }

  /** The step of a kernel flow that led to a moment. */
  flowAt(moment: number): LoggedFlow | undefined {
    return this.flows[moment];
  }

  /** Frames of kernel flows on the stack at a moment. */
  depth(moment: number): number {
    return this.depths[moment] ?? 0;
  }

  /** The call that others acted in ended in the moment that was logged last. */
  end(end: LoggedEnd): void {
    this.ends.set(this.steps.length - 1, end);
  }

  /** The call that ended in a moment after others acted in it. */
  ended(moment: number): LoggedEnd | undefined {
    return this.ends.get(moment);
  }

  /** The instruction that led to a moment, -1 for the beginning. */
  instruction(moment: number): number {
    return this.instructions[moment] ?? -1;
  }

  /** The number of the last step taken up to a moment. */
  step(moment: number): number {
    return this.steps[moment] ?? 0;
  }

  /** X0, or what the operation returned. */
  code(moment: number): number {
    return this.codes[moment] ?? 0;
  }

  /** Which page of a range the call was for, from 0. */
  repeat(moment: number): number {
    return this.repeats[moment] ?? 0;
  }

  /** The arguments of the call that led to a moment. */
  arguments(moment: number): number[] {
    return this.registers.slice(this.firstRegister[moment], this.firstOutput[moment]);
  }

  /** What the call gave besides its result, in the order of its definition; empty where a fault was injected. */
  outputs(moment: number): number[] {
    return this.registers.slice(this.firstOutput[moment], this.firstRegister[moment + 1]);
  }

  /** The `inject` that made the call fail. */
  injected(moment: number): InjectInstruction | undefined {
    return this.injections.get(moment);
  }

  /** The moment right after a step; steps are numbered from 1. */
  momentOf(step: number): number {
    return this.moments[step] ?? this.steps.length - 1;
  }

  /** Numbered steps so far. */
  get lastStep(): number {
    return this.steps.at(-1) ?? 0;
  }
}
