// Why a call returned what it did: the condition that failed, the state that made it fail, and the step that put it there.
import { describeCell, describeWrite, HOST_CRASH, HOST_CRASH_NAME, hex, type Refusal } from '../emulator/index.ts';
import { type CallInstruction, type Expected, isInteger, type Problem } from '../scenario/index.ts';
import { NO_PROBLEMS, problemAt } from './problem-at.ts';
import type { CallOutcome, Run } from './run.ts';

/** What a demand is about. */
type Demand = Pick<CallInstruction, 'operation' | 'expected'>;

/** Problems of a call that did not return what its statement demands; run right after the call, before its commit. */
export function explainCall(run: Run, outcome: CallOutcome, outputs: readonly number[]): readonly Problem[] {
  const { instruction, code } = outcome;
  const { operation, expected, site } = instruction;
  if (!demands(run, outcome)) {
    const actual = run.resultText(operation, code);
    // Looking back for a reason takes time, and nobody reads the thousandth.
    if (run.isFull) return [problemAt('CCS301', site, `${operation.name} returned ${actual}`)];
    const why = reasonOf(run, outcome, run.now + 1);
    const argument = why.argument === undefined ? undefined : instruction.args[why.argument];
    const blamed = argument?.kind === 'value' && argument.value.file === site.file ? argument.value.span : undefined;
    const changed = operation.form.succeeded(code) ? firstChange(run) : '';
    return [
      problemAt('CCS301', site, `${operation.name} returned ${actual}`, {
        ...(blamed && !operation.form.succeeded(code) && { span: blamed }),
        expected: expected?.text ?? 'success',
        actual: actual + changed,
        because: why.text,
        related: why.related,
      }),
    ];
  }
  return expected && expected.fields.length > 0 ? wrongOutputs(run, outcome, expected, outputs) : NO_PROBLEMS;
}

/** Whether the code is one of those that the statement demands. */
export function demands(
  run: Run,
  { instruction: { operation, expected }, code }: Omit<CallOutcome, 'instruction'> & { readonly instruction: Demand },
): boolean {
  if (!expected) return operation.form.succeeded(code);
  return expected.alternatives.some((alternative) => {
    if (alternative.kind === 'any') return true;
    if (alternative.kind === 'name' && alternative.name === HOST_CRASH_NAME) return code === HOST_CRASH;
    if (alternative.kind === 'code') return BigInt(alternative.code) === run.machine.pages.words.value(code);
    const arg = alternative.arg && run.evaluate(alternative.arg);
    return operation.form.matches(
      code,
      alternative.name,
      arg !== undefined && isInteger(arg) ? Number(arg) : undefined,
    );
  });
}

function wrongOutputs(
  run: Run,
  { instruction }: CallOutcome,
  expected: Expected,
  outputs: readonly number[],
): readonly Problem[] {
  return expected.fields.flatMap(({ output, name, value }) => {
    const wanted = run.evaluate(value);
    const actual = run.machine.pages.words.value(outputs[output] ?? 0);
    if (isInteger(wanted) && BigInt.asUintN(64, BigInt(wanted)) === actual) return [];
    const text = isInteger(wanted) ? hex(wanted) : value.text;
    const message = `${instruction.operation.name} gave ${name} = ${hex(actual)}`;
    return [problemAt('CCS302', instruction.site, message, { span: value.span, expected: text, actual: hex(actual) })];
  });
}

export interface Reason {
  readonly text: string;
  readonly argument: number | undefined;
  readonly related: NonNullable<Problem['related']>;
}

/** Why the call that led to a moment returned what it did; the machine stands at that moment. */
export function reasonAt(run: Run, moment: number): Reason | undefined {
  const instruction = run.instructionAt(moment);
  if (instruction?.kind !== 'call') return undefined;
  const { log } = run;
  const outcome = { registers: log.arguments(moment), code: log.code(moment), injected: log.injected(moment) };
  return reasonOf(run, { instruction, ...outcome }, moment);
}

/** The same of a call that went on until a moment. */
export function reasonOf(run: Run, outcome: CallOutcome, moment: number): Reason {
  const { instruction, registers, code, injected } = outcome;
  const { operation } = instruction;
  if (injected) {
    const line = injected.site.file.line(injected.site.span.start);
    const related = [{ file: injected.site.file, span: injected.site.span, message: 'the fault was injected here' }];
    return { text: `a fault injected on line ${line} made this call fail`, argument: undefined, related };
  }
  if (code === HOST_CRASH) return dead(run, moment);
  const result = run.resultText(operation, code);
  if (result.startsWith('RMI_EXIT_')) return { text: 'the realm exited to the host', argument: undefined, related: [] };
  if (result === 'SEA' || result === 'UNDEF') {
    return { text: 'the realm takes an exception, and the host sees nothing of it', argument: undefined, related: [] };
  }
  // The entry ended in the same moment: what the machine says now is not what the guest met.
  if (instruction.within?.guest && run.log.ended(moment)) return { text: '', argument: undefined, related: [] };
  const refusal = operation.form.succeeded(code) ? undefined : operation.refusal(run.machine, registers);
  if (!refusal) {
    const text = `all ${operation.checks.length} conditions hold: ${operation.checks.map((check) => check.id).join(', ')}`;
    return { text: operation.checks.length > 0 ? text : 'it has no conditions', argument: undefined, related: [] };
  }
  return refused(run, refusal, moment);
}

/** When the host died: before the call, or in it, at the step that was just taken. */
function dead(run: Run, moment: number): Reason {
  const { store, linux } = run.machine;
  if (store.lastWrite(linux.deathCell, moment - 1) === 0) {
    const text = `the host died in this call, in step ${run.log.step(moment)}`;
    return { text, argument: undefined, related: [] };
  }
  const { text, related } = since(run, [linux.deathCell], moment - 1);
  return { text: `the host is dead ${text}`, argument: undefined, related };
}

/** `gran_state requires that granule addr is UNDELEGATED; granule 0x8800_0000 is DELEGATED since step 1 (line 9)`. */
export function refused(run: Run, { check, cells, argument }: Refusal, moment: number): Reason {
  const required = `${check.id} requires that ${check.text}`;
  const [cell] = cells;
  const state = cell === undefined ? undefined : describeCell(run.machine, cell);
  if (cell === undefined || state === undefined) return { text: required, argument, related: [] };
  const origin = since(run, cells, moment - 1);
  const text = `${required}; ${state.field} ${hex(state.at)} is ${state.after} ${origin.text}`;
  return { text, argument, related: origin.related };
}

/** `since step 3 (line 12)`: the step up to `moment` that wrote the first of the cells that was written at all. */
export function since(
  run: Run,
  cells: readonly number[],
  moment: number,
): { text: string; related: NonNullable<Problem['related']> } {
  let written = 0;
  for (let i = 0; written === 0 && i < cells.length; i++) {
    written = run.machine.store.lastWrite(cells[i] as number, moment);
  }
  const instruction = run.instructionAt(written);
  if (written === 0 || !instruction) return { text: 'since the beginning', related: [] };
  const { file, span } = instruction.site;
  const step = run.log.step(written);
  const place = file === run.program.main ? `line ${file.line(span.start)}` : `${file.path}:${file.line(span.start)}`;
  return { text: `since step ${step} (${place})`, related: [{ file, span, message: `step ${step} left it so` }] };
}

/** What a call that should have failed changed first. */
function firstChange(run: Run): string {
  for (const write of run.machine.store.pendingWrites) {
    const change = describeWrite(run.machine, write);
    if (change) return `; ${change.field} ${hex(change.at)} ${change.before} -> ${change.after} at step ${run.step}`;
  }
  return '';
}
