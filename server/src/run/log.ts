// What was executed, moment by moment: enough to print a step without going back to it.
import type { AnyOperation, Flow } from '../emulator/index.ts';
import type { CallInstruction, InjectInstruction, Instruction } from '../scenario/index.ts';

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

/** One number a moment, in each of these; moment 0 is the beginning. */
type Column =
  /** The instruction that led to it. */
  | 'instruction'
  /** The number of the last step taken. */
  | 'step'
  /** X0, or what the operation returned. */
  | 'code'
  /** Which page of a range the call was for; 1 for what a call of the kernel does behind its first moment. */
  | 'repeat'
  /** Where its arguments begin in `registers`, and its outputs behind them. */
  | 'register'
  | 'output'
  /** Frames of kernel flows on the stack. */
  | 'depth'
  /** Pages that expectations had looked at. */
  | 'looked';

type Columns = Readonly<Record<Column, number[]>>;

const COLUMNS: readonly Column[] = ['instruction', 'step', 'code', 'repeat', 'register', 'output', 'depth', 'looked'];

/** What was logged between two moments. */
export interface LogPart {
  /** The first of its moments, and the numbers that its own are counted from. */
  readonly from: number;
  readonly base: Readonly<Record<'step' | 'register' | 'looked', number>>;
  readonly columns: Columns;
  readonly registers: readonly number[];
  readonly flows: readonly (LoggedFlow | undefined)[];
  readonly injections: ReadonlyMap<number, InjectInstruction>;
  readonly ends: ReadonlyMap<number, LoggedEnd>;
}

/** Grows with the run; moment `m` is the one that the instruction led to. Entry 0 is the beginning. */
export class Log {
  private readonly columns: Columns = {
    instruction: [-1],
    step: [0],
    code: [0],
    repeat: [0],
    register: [0],
    output: [0],
    depth: [0],
    looked: [0],
  };
  /** Arguments and, behind them, outputs of one call after the other. */
  private readonly registers: number[] = [];
  private readonly injections = new Map<number, InjectInstruction>();
  private readonly flows: (LoggedFlow | undefined)[] = [];
  private readonly ends = new Map<number, LoggedEnd>();
  /** The moment in which each numbered step was taken; step 0 is the beginning. */
  private readonly moments: number[] = [0];
  /** Pages that expectations looked at so far. */
  looks = 0;

  /** Moments that are logged, the beginning among them. */
  private get length(): number {
    return this.columns.step.length;
  }

  /** A statement that takes no step. */
  pass(instruction: number): void {
    this.append(instruction, 0, 0, NO_CALL);
  }

  /** A step: a call, and the fault that was injected into it. */
  call(instruction: number, repeat: number, { registers, code, outputs, injected }: LoggedCall, depth = 0): void {
    this.moments.push(this.length);
    if (injected) this.injections.set(this.length, injected);
    this.append(instruction, repeat, 1, { registers, code, outputs }, depth);
  }

  /** Bytes that the log takes, roughly. */
  get size(): number {
    return this.length * 80 + this.registers.length * 8 + this.flows.length * 60;
  }

  private append(
    instruction: number,
    repeat: number,
    taken: 0 | 1,
    { registers, code, outputs }: Omit<LoggedCall, 'injected'>,
    depth = 0,
  ): void {
    const { columns } = this;
    columns.instruction.push(instruction);
    columns.step.push(this.lastStep + taken);
    columns.code.push(code);
    columns.repeat.push(repeat);
    columns.depth.push(depth);
    columns.looked.push(this.looks);
    columns.register.push(this.registers.length);
    for (const register of registers) this.registers.push(register);
    columns.output.push(this.registers.length);
    for (const output of outputs) this.registers.push(output);
  }

  /** A step of a kernel flow, in the call that `instruction` is; `depth` frames are on the stack after it. */
  flow(instruction: number, done: LoggedFlow, depth: number, injected: InjectInstruction | undefined): void {
    const moment = this.length;
    this.moments.push(moment);
    if (injected) this.injections.set(moment, injected);
    this.flows[moment] = done;
    const { registers = [], code = 0 } = done.command ?? {};
    this.append(instruction, 1, 1, { registers, code, outputs: [] }, depth);
  }

  /** The step of a kernel flow that led to a moment. */
  flowAt(moment: number): LoggedFlow | undefined {
    return this.flows[moment];
  }

  /** Frames of kernel flows on the stack at a moment. */
  depth(moment: number): number {
    return this.columns.depth[moment] ?? 0;
  }

  /** The call that others acted in ended in the moment that was logged last. */
  end(end: LoggedEnd): void {
    this.ends.set(this.length - 1, end);
  }

  /** The call that ended in a moment after others acted in it. */
  ended(moment: number): LoggedEnd | undefined {
    return this.ends.get(moment);
  }

  /** The instruction that led to a moment, -1 for the beginning. */
  instruction(moment: number): number {
    return this.columns.instruction[moment] ?? -1;
  }

  /** The number of the last step taken up to a moment. */
  step(moment: number): number {
    return this.columns.step[moment] ?? 0;
  }

  /** X0, or what the operation returned. */
  code(moment: number): number {
    return this.columns.code[moment] ?? 0;
  }

  /** Which page of a range the call was for, from 0. */
  repeat(moment: number): number {
    return this.columns.repeat[moment] ?? 0;
  }

  /** The arguments of the call that led to a moment. */
  arguments(moment: number): number[] {
    return this.registers.slice(this.columns.register[moment], this.columns.output[moment]);
  }

  /** What the call gave besides its result, in the order of its definition; empty where a fault was injected. */
  outputs(moment: number): number[] {
    return this.registers.slice(this.columns.output[moment], this.columns.register[moment + 1]);
  }

  /** The `inject` that made the call fail. */
  injected(moment: number): InjectInstruction | undefined {
    return this.injections.get(moment);
  }

  /** The moment right after a step; steps are numbered from 1. */
  momentOf(step: number): number {
    return this.moments[step] ?? this.length - 1;
  }

  /** Numbered steps so far. */
  get lastStep(): number {
    return this.columns.step.at(-1) ?? 0;
  }

  /** The first moment that an instruction at or behind `instruction` led to: those of a file run in its order. */
  firstFrom(instruction: number): number {
    let low = 1;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.instruction(middle) >= instruction) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Takes off what was logged from moment `from` on. */
  cut(from: number): LogPart {
    const { columns } = this;
    const register = columns.register[from] ?? this.registers.length;
    const looked = columns.looked[from - 1] ?? 0;
    const step = this.step(from - 1);
    const part: LogPart = {
      from,
      base: { step, register, looked },
      columns: Object.fromEntries(COLUMNS.map((name) => [name, columns[name].splice(from)])) as Columns,
      registers: this.registers.splice(register),
      flows: this.flows.splice(from),
      injections: takenFrom(this.injections, from),
      ends: takenFrom(this.ends, from),
    };
    this.moments.length = step + 1;
    this.looks = looked;
    return part;
  }

  /**
   * Puts on the first `count` moments of a part, the numbers of its instructions `by` further on; `standsFor` is the
   * instruction now for one then.
   */
  join(part: LogPart, count: number, by: number, standsFor: <I extends Instruction>(instruction: I) => I): void {
    const { from, base, columns } = part;
    const shifts: Readonly<Partial<Record<Column, number>>> = {
      instruction: by,
      step: this.lastStep - base.step,
      register: this.registers.length - base.register,
      output: this.registers.length - base.register,
      looked: this.looks - base.looked,
    };
    const first = this.length;
    for (const name of COLUMNS) {
      const shift = shifts[name] ?? 0;
      const [into, list] = [this.columns[name], columns[name]];
      for (let i = 0; i < count; i++) into.push((list[i] as number) + shift);
    }
    const registers = (columns.register[count] ?? Number.POSITIVE_INFINITY) - base.register;
    for (let i = 0; i < part.registers.length && i < registers; i++) this.registers.push(part.registers[i] as number);
    for (let moment = first; moment < this.length; moment++) {
      if (this.step(moment) > this.step(moment - 1)) this.moments.push(moment);
      const flow = part.flows[moment - first];
      if (flow) this.flows[moment] = flow;
    }
    for (const [at, injected] of part.injections)
      if (at < from + count) this.injections.set(at - from + first, standsFor(injected));
    for (const [at, end] of part.ends)
      if (at < from + count) this.ends.set(at - from + first, { ...end, instruction: standsFor(end.instruction) });
    this.looks = this.columns.looked.at(-1) ?? 0;
  }
}

function takenFrom<T>(map: Map<number, T>, from: number): Map<number, T> {
  const taken = new Map([...map].filter(([moment]) => moment >= from));
  for (const moment of taken.keys()) map.delete(moment);
  return taken;
}
