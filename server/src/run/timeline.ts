// The statements of a run in time: which one comes next at each moment, how deep it stands, what went wrong before it.
import type { Instruction } from '../scenario/index.ts';
import type { Run } from './run.ts';

/** Knows every executed moment without going there, and executes more when asked. */
export class Timeline {
  readonly run: Run;
  /** How many sequences each instruction stands in. */
  private readonly depths: Uint8Array;
  /** What comes next behind the last executed moment. */
  private frontier: { readonly pc: number; readonly repeat: number };

  constructor(run: Run) {
    this.run = run;
    this.depths = Uint8Array.from(run.program.instructions, depthOf);
    this.frontier = { pc: run.pc, repeat: run.repeat };
  }

  /** Executes one more statement behind the last executed one. False at the end of the run. */
  extend(): boolean {
    const { run } = this;
    run.seek(run.reached);
    const executed = run.advance();
    this.frontier = { pc: run.pc, repeat: run.repeat };
    return executed;
  }

  /** The index of the statement that comes next at a moment; `undefined` behind the last one. */
  pcAt(moment: number): number | undefined {
    const { run } = this;
    const pc = moment < run.reached ? run.log.instruction(moment + 1) : this.frontier.pc;
    return pc < run.program.instructions.length ? pc : undefined;
  }

  /** The statement that comes next at a moment. */
  nextAt(moment: number): Instruction | undefined {
    const pc = this.pcAt(moment);
    return pc === undefined ? undefined : this.run.program.instructions[pc];
  }

  /** The run was executed to its end. */
  get isComplete(): boolean {
    return this.pcAt(this.run.reached) === undefined || this.run.exhausted !== undefined;
  }

  /** Whether a statement begins at the moment, and not just the call for the next page of its range. */
  begins(moment: number): boolean {
    const { run } = this;
    if (run.log.depth(moment) > 0) return true;
    return (moment < run.reached ? run.log.repeat(moment + 1) : this.frontier.repeat) === 0;
  }

  /** How many sequences the statement that comes next stands in; behind the last one 0. */
  depthAt(moment: number): number {
    const pc = this.pcAt(moment);
    return pc === undefined ? 0 : (this.depths[pc] ?? 0) + this.run.log.depth(moment);
  }

  /** The same for the statement that led to a moment. */
  depthBefore(moment: number): number {
    return (this.depths[this.run.log.instruction(moment)] ?? 0) + this.run.log.depth(moment);
  }

  failsAt(moment: number): boolean {
    return this.run.problemsAt(moment).length > 0;
  }
}

function depthOf({ site }: Instruction): number {
  let depth = 0;
  for (let { caller } = site; caller; caller = caller.site.caller) depth++;
  return depth;
}
