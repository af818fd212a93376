// Loops: what keeps one from running, its first turn and those that follow. Where a loop stands is a cell, its variable.
import {
  type Instruction,
  isFault,
  isInteger,
  isRange,
  LIMITS,
  type LoopInstruction,
  type Problem,
  type RangeValue,
  type Value,
} from '../scenario/index.ts';
import { problemAt } from './problem-at.ts';
import type { Run } from './run.ts';

const stepOf = (run: Run, { step }: LoopInstruction): Value => (step ? run.evaluate(step) : 1);

/** Gives the variable of a loop its first value. Answers whether there is a turn to take, or with what is wrong. */
export function enterLoop(run: Run, loop: LoopInstruction): boolean | Problem {
  const range = run.evaluate(loop.range);
  const found = rangeOf(range, stepOf(run, loop));
  if ('code' in found) {
    const { code, message, ofStep } = found;
    return problemAt(code, loop.site, message, { span: (ofStep && loop.step?.span) || loop.range.span });
  }
  run.cells.variables.set(loop.slot, 0, found.base);
  return found.length > 0;
}

/** Moves the variable of a loop on; false behind its last value. */
export function nextTurn(run: Run, loop: LoopInstruction): boolean {
  const range = run.evaluate(loop.range);
  const value = run.slot(loop.slot) + Number(stepOf(run, loop));
  const more = isRange(range) && value < range.base + range.length;
  if (more) run.cells.variables.set(loop.slot, 0, value);
  return more;
}

/** Whether an instruction closes the loop at `pc`. */
export const isNextOf = (instruction: Instruction | undefined, pc: number): boolean =>
  instruction?.kind === 'next' && instruction.loop === pc;

/** Why a loop cannot run, or the range that it goes over. */
function rangeOf(
  range: Value,
  step: Value,
): RangeValue | { readonly code: string; readonly message: string; readonly ofStep?: true } {
  if (isFault(range)) return { code: 'CCS204', message: range.fault };
  if (!isRange(range)) return { code: 'CCS205', message: 'for goes over a range, as in 0 .. 64K or base +: 2M' };
  if (!isInteger(step) || step <= 0)
    return { code: 'CCS205', message: 'the step of a loop is a number above 0', ofStep: true };
  if (!Number.isSafeInteger(range.base + range.length))
    return { code: 'CCS204', message: 'the range does not fit 53 bits' };
  const times = Math.ceil(range.length / Number(step));
  if (times <= LIMITS.steps) return range;
  return { code: 'CCS209', message: `the loop would run ${times} times; a run has at most ${LIMITS.steps} steps` };
}
