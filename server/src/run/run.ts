// A run of a program: one moment an executed statement, all of its state in cells, every moment still there to go to.
import {
  type AnyOperation,
  codeText,
  type FlowOperation,
  HOST_CRASH,
  hex,
  isReference,
  type Machine,
} from '../emulator/index.ts';
import {
  type CallInstruction,
  type Environment,
  type Expression,
  type InjectInstruction,
  type Instruction,
  type LoopInstruction,
  MOST_PROBLEMS,
  type Problem,
  type Program,
  type Question,
  type Site,
  type Value,
} from '../scenario/index.ts';
import type { Ahead } from './ahead.ts';
import { type Arranged, arrange, passStructures } from './arguments.ts';
import { exhaustedBudget } from './budget.ts';
import { RunCells } from './cells.ts';
import { checkCondition } from './condition.ts';
import { keptOf } from './continue.ts';
import { Entry } from './entry.ts';
import { explainCall } from './explain.ts';
import { Faults } from './faults.ts';
import { brokenByStep, brokenInvariants } from './invariants.ts';
import { KernelCall } from './kernel-call.ts';
import { Log } from './log.ts';
import { enterLoop, isNextOf, nextTurn } from './loops.ts';
import { both, NO_PROBLEMS, problemAt } from './problem-at.ts';

const NO_OUTPUTS: readonly number[] = [];
const PC = 0;
const REPEAT = 1;
const STEP = 2;
/** The place behind a call that hangs: there is no statement, however the program is edited. */
const NOWHERE = 2 ** 40;

/** What came of a call. */
export interface CallOutcome {
  readonly instruction: CallInstruction;
  readonly registers: readonly number[];
  readonly code: number;
  /** The `inject` that made it fail. */
  readonly injected: InjectInstruction | undefined;
}

export class Run {
  readonly program: Program;
  readonly machine: Machine;
  readonly cells: RunCells;
  readonly log: Log;
  readonly faults: Faults;
  /** Problems by the moment that has them. */
  readonly found: Map<number, readonly Problem[]>;
  private readonly environment: Environment;
  private readonly entry: Entry;
  private readonly kernel: KernelCall;
  /** Statements that went wrong after the run was full of problems, and the first of them. */
  unlisted: { readonly moments: number; readonly site: Site } | undefined;
  private ahead: Ahead | undefined;
  /** Moments that were not executed: the run before an edit did the same. */
  takenOver = 0;

  /** With `from`, the run of the program before an edit is used up: the new one begins with what it did up to the edit. */
  constructor(program: Program, from?: Run) {
    const kept = from && keptOf(from, program);
    this.program = program;
    this.cells = kept?.cells ?? new RunCells(program);
    this.log = kept?.log ?? new Log();
    this.found = kept?.found ?? new Map();
    this.ahead = kept?.ahead;
    this.machine = this.cells.machine;
    this.faults = new Faults(program, this.cells.faults);
    this.environment = { machine: this.machine, slot: (index) => this.slot(index) };
    this.entry = new Entry(this);
    this.kernel = new KernelCall(this);
  }

  /** The moment that the machine is at. */
  get now(): number {
    return this.machine.store.now;
  }

  /** The last moment that was executed. */
  get reached(): number {
    return this.machine.store.reached;
  }

  /** The statement that comes next; `undefined` at the end. */
  get next(): Instruction | undefined {
    return this.program.instructions[this.cells.at.get(0, PC)];
  }

  /** The index of the statement that comes next; behind the last one at the end. */
  get pc(): number {
    return this.cells.at.get(0, PC);
  }

  /** Which page of a range the next call is for, from 0. */
  get repeat(): number {
    return this.cells.at.get(0, REPEAT);
  }

  /** The number of the last step taken. */
  get step(): number {
    return this.cells.at.get(0, STEP);
  }

  /** The run has gone through the whole program, or used its budget. */
  get finished(): boolean {
    return this.next === undefined || (this.now === this.reached && this.exhausted !== undefined);
  }

  /** Which budget of the run is used up, so that it ends at `reached`. */
  get exhausted(): string | undefined {
    return exhaustedBudget(this);
  }

  /** The statement that led to a moment. */
  instructionAt(moment: number): Instruction | undefined {
    return this.program.instructions[this.log.instruction(moment)];
  }

  /** What was wrong with the statement that led to a moment. */
  problemsAt(moment: number): readonly Problem[] {
    return this.found.get(moment) ?? NO_PROBLEMS;
  }

  /** Problems of all executed statements, in their order. */
  get problems(): readonly Problem[] {
    return [...this.found.values()].flat();
  }

  /** The moments that have problems, in order. */
  get failures(): number[] {
    return [...this.found.keys()];
  }

  /** Notes that an invariant is broken, and says whether the file allows it that often. */
  allows(invariant: string): boolean {
    const row = [...this.program.allowed.keys()].indexOf(invariant);
    if (row < 0) return false;
    const times = this.cells.breaks.get(row, 0) + 1;
    this.cells.breaks.set(row, 0, times);
    return times <= (this.program.allowed.get(invariant) ?? 0);
  }

  seek(moment: number): void {
    this.machine.store.seek(moment);
  }

  /** Executes the next statement, or goes over it if it was executed already. False at the end. */
  advance(): boolean {
    if (this.now < this.reached) {
      this.seek(this.now + 1);
      return true;
    }
    const { next, pc } = this;
    if (next === undefined || this.exhausted !== undefined) {
      this.ahead = undefined;
      return false;
    }
    if (this.ahead && this.takesOver(this.ahead)) return this.advance();
    this.machine.store.noteReads();
    const problems = this.isInKernel ? this.stepKernel(next, pc) : both(this.execute(next, pc), this.close());
    const moment = this.machine.store.commit();
    if (problems.length > 0) this.record(moment, problems, next.site);
    this.ahead?.executed(this);
    return true;
  }

  /** Behind an edit: what the run before did from here on is taken over, as far as it would be the same. */
  private takesOver(ahead: Ahead): boolean {
    const before = this.reached;
    if (!this.isInKernel && !ahead.isOver) ahead.takeOver(this);
    // It holds a copy of all that the run before did.
    if (ahead.isOver) this.ahead = undefined;
    this.takenOver += this.reached - before;
    return this.reached > before;
  }

  /** A call of the kernel goes on. */
  get isInKernel(): boolean {
    return this.kernel.isActive;
  }

  private record(moment: number, problems: readonly Problem[], site: Site): void {
    if (!this.isFull) this.found.set(moment, problems);
    else this.unlisted = { moments: (this.unlisted?.moments ?? 0) + 1, site: this.unlisted?.site ?? site };
  }

  /** So many statements went wrong that the next ones are only counted. */
  get isFull(): boolean {
    return this.found.size >= MOST_PROBLEMS;
  }

  /** Executes up to `moments` statements; those that were are gone over at once. False once there are none left. */
  advanceBy(moments: number): boolean {
    for (let left = moments; left > 0; left--) {
      const recorded = Math.min(left, this.reached - this.now);
      if (recorded > 0) {
        this.seek(this.now + recorded);
        left -= recorded - 1;
      } else if (!this.advance()) return false;
    }
    return true;
  }

  /** The value of an expression at the current moment. */
  evaluate(expression: Expression): Value {
    return expression.evaluate(this.environment);
  }

  /** What a call returned, as it is written; a value too large for a cell is looked up. */
  resultText({ form }: AnyOperation, code: number): string {
    const { words } = this.machine.pages;
    return isReference(code) ? hex(words.value(code)) : codeText(form, code);
  }

  /** A loop variable or an output that a name was bound to, at the current moment. */
  slot(index: number): number {
    return this.cells.variables.get(index, 0);
  }

  /** The answer to a question at the current moment; what `expect` would refuse to judge is a fault. */
  answer(question: Question): Value {
    if (question.kind === 'value') return this.evaluate(question.value);
    const { looks } = this.log;
    const problem = checkCondition(this, question, this.environment);
    this.log.looks = looks; // a reader's questions cost the run nothing
    return problem?.code === 'CCS402' ? { fault: problem.message } : problem === undefined;
  }

  /** The arguments of a call as registers, for the page of a range that `repeat` counts. */
  arrange(instruction: CallInstruction, repeat: number): Arranged {
    return arrange(instruction, repeat, this.environment);
  }

  private execute(instruction: Instruction, pc: number): readonly Problem[] {
    switch (instruction.kind) {
      case 'call':
        return this.call(instruction, pc);
      case 'expect': {
        const problem = checkCondition(this, instruction, this.environment);
        this.goto(pc, pc + 1);
        return problem ? [problem] : NO_PROBLEMS;
      }
      case 'inject':
        this.faults.arm(instruction);
        this.goto(pc, pc + 1);
        return NO_PROBLEMS;
      case 'loop':
        return this.enter(instruction, pc);
      case 'enter':
        this.goto(pc, pc + 1);
        return NO_PROBLEMS;
      case 'next':
      case 'leave':
        throw new Error(`${instruction.kind} belongs to the moment of the statement before it`);
    }
  }

  /** Logs a statement that takes no step, and moves on. */
  private goto(pc: number, target: number): void {
    this.log.pass(pc);
    this.cells.at.set(0, PC, target);
  }

  private call(instruction: CallInstruction, pc: number): readonly Problem[] {
    if (this.machine.linux.isDead) return this.refuse(instruction, pc);
    const repeat = this.cells.at.get(0, REPEAT);
    const arranged = this.arrange(instruction, repeat);
    const { leave } = instruction;
    if ('fault' in arranged) {
      this.cells.at.set(0, REPEAT, 0);
      this.goto(pc, (leave ?? pc) + 1);
      return [problemAt('CCS204', instruction.site, arranged.fault, { span: arranged.span })];
    }
    const { registers, times } = arranged;
    if (leave !== undefined && times > 1) {
      this.goto(pc, leave + 1);
      return [problemAt('CCS205', instruction.site, `${instruction.operation.name} runs one at a time, not a range`)];
    }
    passStructures(instruction, registers, this.environment);
    if ('flow' in instruction.operation) return this.beginKernel(instruction.operation, registers, pc);
    const injected = this.faults.take(instruction.operation.name);
    const code = injected?.code ?? this.entry.whole(instruction.operation, registers, instruction.within !== undefined);
    const outputs =
      injected || leave !== undefined ? NO_OUTPUTS : instruction.operation.readOutputs(this.machine, registers);
    this.bind(instruction, outputs);
    this.cells.at.set(0, STEP, this.step + 1);
    this.advanceRepeat(pc, times);
    this.log.call(pc, repeat, { registers, code, outputs, injected });
    const outcome = { instruction, registers, code, injected };
    if (leave !== undefined) return this.endAt(this.entry.begin(outcome, pc), pc, leave);
    const judged = explainCall(this, outcome, outputs);
    const problems = both(judged, brokenInvariants(this, instruction.operation, instruction.site));
    if (!instruction.within) return problems;
    const around = this.program.instructions[instruction.within.call] as CallInstruction;
    return both(problems, this.endAt(this.entry.isOver(around), pc, around.leave ?? pc));
  }

  /** A dead host is asked for something: once for all pages of a range, and nothing below the line runs. */
  private refuse(instruction: CallInstruction, pc: number): readonly Problem[] {
    const arranged = this.arrange(instruction, 0);
    const registers = 'registers' in arranged ? arranged.registers : [];
    const outcome = { instruction, registers, code: HOST_CRASH, injected: undefined };
    this.cells.at.set(0, STEP, this.step + 1);
    this.cells.at.set(0, REPEAT, 0);
    this.cells.at.set(0, PC, (instruction.leave ?? pc) + 1);
    this.log.call(pc, 0, { ...outcome, outputs: [] });
    return explainCall(this, outcome, []);
  }

  /** A call of the kernel begins; its steps follow, each a moment. */
  private beginKernel(operation: FlowOperation, registers: readonly number[], pc: number): readonly Problem[] {
    this.kernel.begin(operation, registers);
    this.cells.at.set(0, STEP, this.step + 1);
    this.log.call(pc, this.repeat, { registers, code: 0, outputs: [], injected: undefined }, this.kernel.depth);
    return NO_PROBLEMS;
  }

  /** One step of the kernel's flow; the last one judges the call. */
  private stepKernel(instruction: Instruction, pc: number): readonly Problem[] {
    if (instruction.kind !== 'call') throw new Error('the kernel runs only in a call');
    const { event, injected, problems } = this.kernel.step(instruction);
    this.cells.at.set(0, STEP, this.step + 1);
    this.log.flow(pc, event, this.kernel.depth, injected);
    const sofar = both(problems, brokenByStep(this, event, instruction.site));
    if (event.waiting) this.cells.at.set(0, PC, NOWHERE);
    if (event.ended === undefined) return sofar;
    const arranged = this.arrange(instruction, this.repeat);
    const { registers, times } = 'registers' in arranged ? arranged : { registers: [], times: 1 };
    const outputs = instruction.operation.readOutputs(this.machine, registers);
    this.bind(instruction, outputs);
    this.advanceRepeat(pc, times);
    this.log.end({ instruction, code: event.ended, outputs });
    const outcome = { instruction, registers, code: event.ended, injected: undefined };
    return both(sofar, both(explainCall(this, outcome, outputs), this.close()));
  }

  /** On to the call for the next page of a range, or to the next statement. */
  private advanceRepeat(pc: number, times: number): void {
    const next = this.repeat + 1;
    this.cells.at.set(0, REPEAT, next < times ? next : 0);
    if (next >= times) this.cells.at.set(0, PC, pc + 1);
  }

  private bind({ binds }: CallInstruction, outputs: readonly number[]): void {
    for (let i = 0; i < binds.length; i++) this.cells.variables.set(binds[i] as number, 0, outputs[i] ?? 0);
  }

  /** Goes to the end of a call that others acted in, if it is over, and says which lines of the guest never ran. */
  private endAt(over: 'goes on' | 'refused' | 'over', pc: number, leave: number): readonly Problem[] {
    if (over === 'goes on') return NO_PROBLEMS;
    this.cells.at.set(0, PC, leave);
    const lines = this.program.instructions.slice(pc + 1, leave);
    const left = lines.find((line) => line.kind === 'call' && line.within?.guest);
    if (!left || over === 'refused') return NO_PROBLEMS;
    return [problemAt('CCS303', left.site, 'this never ran: the guest had exited before it')];
  }

  private enter(loop: LoopInstruction, pc: number): readonly Problem[] {
    const entered = enterLoop(this, loop);
    const isEmpty = entered !== true || isNextOf(this.program.instructions[pc + 1], pc);
    this.goto(pc, isEmpty ? loop.end : pc + 1);
    return typeof entered === 'object' ? [entered] : NO_PROBLEMS;
  }

  /** What ends in the moment of the statement before it: a call that others acted in, a turn of a loop. */
  private close(): readonly Problem[] {
    let problems = NO_PROBLEMS;
    for (let { next } = this; next?.kind === 'next' || next?.kind === 'leave'; next = this.next) {
      if (next.kind === 'leave') {
        this.cells.at.set(0, PC, this.pc + 1);
        const { outcome, outputs } = this.entry.end(this.program.instructions[next.call] as CallInstruction);
        this.bind(outcome.instruction, outputs);
        this.log.end({ instruction: outcome.instruction, code: outcome.code, outputs });
        problems = both(problems, explainCall(this, outcome, outputs));
        continue;
      }
      const loop = this.program.instructions[next.loop] as LoopInstruction;
      this.cells.at.set(0, PC, nextTurn(this, loop) ? next.loop + 1 : loop.end);
    }
    return problems;
  }
}
