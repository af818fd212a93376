// What was executed, moment by moment: enough to print a step without going back to it.

/** Grows with the run; moment `m` is the one that the instruction led to. Entry 0 is the beginning. */
export class Log {
  private readonly instructions: number[] = [-1];
  private readonly steps: number[] = [0];
  private readonly codes: number[] = [0];
  private readonly repeats: number[] = [0];
  private readonly firstRegister: number[] = [0];
  private readonly registers: number[] = [];
  /** The moment in which each numbered step was taken; step 0 is the beginning. */
  private readonly moments: number[] = [0];

  /** `step` is the number of the step that was taken, or that of the last one for a statement that takes none. */
  append(instruction: number, step: number, code: number, repeat: number, registers: readonly number[]): void {
    if (step !== this.steps.at(-1)) this.moments.push(this.steps.length);
    this.instructions.push(instruction);
    this.steps.push(step);
    this.codes.push(code);
    this.repeats.push(repeat);
    this.firstRegister.push(this.registers.length);
    for (const register of registers) this.registers.push(register);
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
    return this.registers.slice(this.firstRegister[moment], this.firstRegister[moment + 1]);
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
