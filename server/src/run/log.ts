// What was executed, moment by moment: enough to print a step without going back to it.
import type { AnyOperation, Flow } from '../emulator/index.ts';
import type { CallInstruction, InjectInstruction, Instruction } from '../scenario/index.ts';
import { grown } from '../store/index.ts';

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

// Numbers of a moment, side by side; moment 0 is the beginning.
/** The instruction that led to it. */
const INSTRUCTION = 0;
/** The number of the last step taken. */
const STEP = 1;
/** X0, or what the operation returned. */
const CODE = 2;
/** Which page of a range the call was for; 1 for what a call of the kernel does behind its first moment. */
const REPEAT = 3;
/** Where its arguments begin in `registers`, and its outputs behind them. */
const REGISTER = 4;
const OUTPUT = 5;
/** Frames of kernel flows on the stack. */
const DEPTH = 6;
/** Pages that expectations had looked at. */
const LOOKED = 7;
const WIDTH = 8;

const FIRST_ROOM = 256 * WIDTH;

/** What was logged between two moments. */
export interface LogPart {
  /** The first of its moments, and the numbers that its own are counted from. */
  readonly from: number;
  readonly base: { readonly step: number; readonly register: number; readonly looked: number };
  readonly numbers: Float64Array;
  readonly registers: readonly number[];
  readonly flows: readonly (LoggedFlow | undefined)[];
  readonly injections: ReadonlyMap<number, InjectInstruction>;
  readonly ends: ReadonlyMap<number, LoggedEnd>;
}

/** Grows with the run; moment `m` is the one that the instruction led to. Entry 0 is the beginning. */
export class Log {
  private numbers = new Float64Array(FIRST_ROOM).fill(-1, INSTRUCTION, STEP);
  /** Moments that are logged, the beginning among them. */
  private length = 1;
  /** Arguments and, behind them, outputs of one call after the other. */
  private readonly registers: number[] = [];
  private readonly injections = new Map<number, InjectInstruction>();
  private readonly flows: (LoggedFlow | undefined)[] = [];
  private readonly ends = new Map<number, LoggedEnd>();
  /** The moment in which each numbered step was taken; step 0 is the beginning. */
  private readonly moments: number[] = [0];
  /** Pages that expectations looked at so far. */
  looks = 0;

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
    const at = this.length * WIDTH;
    this.makeRoom(at + WIDTH);
    const { numbers, registers: all } = this;
    numbers[at + INSTRUCTION] = instruction;
    numbers[at + STEP] = (numbers[at - WIDTH + STEP] as number) + taken;
    numbers[at + CODE] = code;
    numbers[at + REPEAT] = repeat;
    numbers[at + REGISTER] = all.length;
    for (let i = 0; i < registers.length; i++) all.push(registers[i] as number);
    numbers[at + OUTPUT] = all.length;
    for (let i = 0; i < outputs.length; i++) all.push(outputs[i] as number);
    numbers[at + DEPTH] = depth;
    numbers[at + LOOKED] = this.looks;
    this.length++;
  }

  private makeRoom(needed: number): void {
    if (needed > this.numbers.length) this.numbers = grown(this.numbers, (n) => new Float64Array(n), needed);
  }

  /** A number of a moment; `undefined` where none is logged. */
  private at(moment: number, column: number): number | undefined {
    return moment >= 0 && moment < this.length ? this.numbers[moment * WIDTH + column] : undefined;
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
    return this.at(moment, DEPTH) ?? 0;
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
    return this.at(moment, INSTRUCTION) ?? -1;
  }

  /** The number of the last step taken up to a moment. */
  step(moment: number): number {
    return this.at(moment, STEP) ?? 0;
  }

  /** X0, or what the operation returned. */
  code(moment: number): number {
    return this.at(moment, CODE) ?? 0;
  }

  /** Which page of a range the call was for, from 0. */
  repeat(moment: number): number {
    return this.at(moment, REPEAT) ?? 0;
  }

  /** The arguments of the call that led to a moment. */
  arguments(moment: number): number[] {
    return this.registers.slice(this.at(moment, REGISTER), this.at(moment, OUTPUT));
  }

  /** What the call gave besides its result, in the order of its definition; empty where a fault was injected. */
  outputs(moment: number): number[] {
    return this.registers.slice(this.at(moment, OUTPUT), this.at(moment + 1, REGISTER));
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
    return this.step(this.length - 1);
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
    const register = this.at(from, REGISTER) ?? this.registers.length;
    const looked = this.at(from - 1, LOOKED) ?? 0;
    const step = this.step(from - 1);
    const part: LogPart = {
      from,
      base: { step, register, looked },
      numbers: this.numbers.slice(from * WIDTH, this.length * WIDTH),
      registers: this.registers.splice(register),
      flows: this.flows.splice(from),
      injections: takenFrom(this.injections, from),
      ends: takenFrom(this.ends, from),
    };
    this.length = Math.min(this.length, from);
    this.moments.length = step + 1;
    this.looks = looked;
    return part;
  }

  /**
   * Puts on the moments [start, end) of a part, the numbers of its instructions `by` further on; `standsFor` is the
   * instruction now for one then.
   */
  join(
    part: LogPart,
    start: number,
    end: number,
    by: number,
    standsFor: <I extends Instruction>(instruction: I) => I,
  ): void {
    const { base, numbers } = part;
    const before = (column: number, otherwise: number) =>
      start === 0 ? otherwise : (numbers[(start - 1) * WIDTH + column] as number);
    const registers = (numbers[start * WIDTH + REGISTER] as number) - base.register;
    const registersEnd = (numbers[end * WIDTH + REGISTER] ?? Number.POSITIVE_INFINITY) - base.register;
    const first = this.length;
    const shifts = new Float64Array(WIDTH);
    shifts[INSTRUCTION] = by;
    shifts[STEP] = this.lastStep - before(STEP, base.step);
    shifts[REGISTER] = shifts[OUTPUT] = this.registers.length - registers - base.register;
    shifts[LOOKED] = this.looks - before(LOOKED, base.looked);
    this.makeRoom((first + end - start) * WIDTH);
    for (let i = start * WIDTH, at = first * WIDTH; i < end * WIDTH; i++, at++) {
      this.numbers[at] = (numbers[i] as number) + (shifts[i % WIDTH] as number);
    }
    for (let i = registers; i < part.registers.length && i < registersEnd; i++)
      this.registers.push(part.registers[i] as number);
    this.length += end - start;
    for (let moment = first, then = start; moment < this.length; moment++, then++) {
      if (this.step(moment) > this.step(moment - 1)) this.moments.push(moment);
      const flow = part.flows[then];
      if (flow) this.flows[moment] = flow;
      const injected = part.injections.get(part.from + then);
      if (injected) this.injections.set(moment, standsFor(injected));
      const ended = part.ends.get(part.from + then);
      if (ended) this.ends.set(moment, { ...ended, instruction: standsFor(ended.instruction) });
    }
    this.looks = this.at(this.length - 1, LOOKED) ?? 0;
  }
}

/** Of a moment of a part: its instruction, which page of a range it was for, and how deep in the kernel it ended. */
export function placeIn({ numbers }: LogPart, moment: number): { instruction: number; repeat: number; depth: number } {
  const at = moment * WIDTH;
  return {
    instruction: numbers[at + INSTRUCTION] as number,
    repeat: numbers[at + REPEAT] as number,
    depth: numbers[at + DEPTH] as number,
  };
}

function takenFrom<T>(map: Map<number, T>, from: number): Map<number, T> {
  const taken = new Map([...map].filter(([moment]) => moment >= from));
  for (const moment of taken.keys()) map.delete(moment);
  return taken;
}
