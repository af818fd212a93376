// What a statement did when it was run: its result, the state before and after, and why it failed.
import { describeWrite, hex, type Machine } from '../emulator/index.ts';
import { type Run, reasonOf } from '../run/index.ts';
import type { CallInstruction, Instruction, SourceFile } from '../scenario/index.ts';
import type { Write } from '../store/index.ts';
import type { Analysis } from './analysis.ts';
import { code, paragraphs } from './operation-text.ts';
import { contains } from './syntax-path.ts';

/** Changes listed of one statement. */
const MOST_CHANGES = 12;
/** Writes that are looked at for them: splitting a page of 1G makes a million. */
const MOST_WRITES = 2000;

/** The executions of one statement: its instructions (several where a sequence unfolds) and the moments they led to. */
export interface Executions {
  readonly instruction: Instruction;
  readonly moments: readonly number[];
}

/** What was executed for the statement at `offset` of a file; `undefined` where nothing is run. */
export function executionsAt({ program, run }: Analysis, source: SourceFile, offset: number): Executions | undefined {
  const here = program.instructions.flatMap((instruction, pc) => {
    const { file, span } = instruction.site;
    return instruction.kind !== 'next' && file === source && contains(span, offset) ? [{ instruction, pc, span }] : [];
  });
  const smallest = Math.min(...here.map(({ span }) => span.end - span.start));
  const found = here.filter(({ span }) => span.end - span.start === smallest);
  const [first] = found;
  if (!first) return undefined;
  const counters = new Set(found.map(({ pc }) => pc));
  const moments: number[] = [];
  for (let moment = 1; moment <= run.reached; moment++)
    if (counters.has(run.log.instruction(moment))) moments.push(moment);
  return { instruction: first.instruction, moments };
}

/** In Markdown, for the first time that the statement ran. */
export function outcomeText(analysis: Analysis, { instruction, moments }: Executions): string {
  const [moment] = moments;
  if (moment === undefined) return 'Not run: the scenario does not come here.';
  const { run } = analysis;
  try {
    const text = executed(analysis, instruction, moment);
    const more = moments.filter((one) => !isWithinCall(run, one)).length - 1;
    return more > 0 ? paragraphs([text, `…and ${more} more ${more === 1 ? 'time' : 'times'}`]) : text;
  } finally {
    run.seek(run.reached);
  }
}

function executed({ program, run }: Analysis, instruction: Instruction, moment: number): string {
  run.seek(moment);
  switch (instruction.kind) {
    case 'call':
      return callText(run, instruction, moment);
    case 'expect': {
      const holds = run.problemsAt(moment).length === 0 ? 'Holds' : 'Does not hold';
      return `${holds} after step ${run.log.step(moment)}`;
    }
    case 'inject':
      return `Armed after step ${run.log.step(moment)}`;
    case 'enter':
    case 'loop':
      return blockText(run, instruction, program.instructions.indexOf(instruction), moment);
    case 'next':
    case 'leave':
      return '';
  }
}

/** A moment behind the first one of a call of the kernel. */
const isWithinCall = (run: Run, moment: number) => {
  const instruction = run.instructionAt(moment);
  return instruction?.kind === 'call' && 'flow' in instruction.operation && run.log.repeat(moment) > 0;
};

/** The moment in which a call was over: for one of the kernel the last of those that it went on for. */
function lastOf({ log, reached }: Run, instruction: CallInstruction, first: number): number {
  if (!('flow' in instruction.operation)) return first;
  let last = first;
  while (last < reached && log.ended(last)?.instruction !== instruction) last++;
  return last;
}

function callText(run: Run, instruction: CallInstruction, moment: number): string {
  const { operation, binds } = instruction;
  const { log, machine } = run;
  const last = lastOf(run, instruction, moment);
  run.seek(last);
  const result = log.ended(last)?.code ?? log.code(moment);
  const [from, to] = [log.step(moment), log.step(last)];
  const steps = from === to ? `step ${from}` : `steps ${from} to ${to}`;
  const head = `→ ${code(run.resultText(operation, result))} at ${steps}`;
  const given = binds.map((slot, i) => `${code(`${operation.outputs[i]?.name} = ${hex(run.slot(slot))}`)}`);
  const outcome = { instruction, registers: log.arguments(moment), code: result, injected: log.injected(moment) };
  return paragraphs([
    [head, ...given].join(', '),
    operation.form.succeeded(result) ? undefined : reasonOf(run, outcome, last).text,
    changesText(machine, moment - 1, last),
  ]);
}

/** The difference that a whole sequence or loop makes. */
function blockText(run: Run, block: Extract<Instruction, { end: number }>, begin: number, moment: number): string {
  let last = moment;
  while (last < run.reached && isWithin(run.log.instruction(last + 1), begin, block.end)) last++;
  run.seek(last);
  const [from, to] = [run.log.step(moment - 1) + 1, run.log.step(last)];
  const steps = to < from ? 'no step' : to === from ? `step ${to}` : `steps ${from} to ${to}`;
  return paragraphs([`→ ${steps}`, changesText(run.machine, moment - 1, last)]);
}

const isWithin = (pc: number, begin: number, end: number) => pc > begin && pc < end;

/** `granule 0x8800_0000: UNDELEGATED → DELEGATED`, one line each; the machine is at the later moment. */
function changesText(machine: Machine, from: number, to: number): string | undefined {
  const writes: Write[] = [];
  let all = 0;
  machine.store.eachDifference(from, to, (cell, before, after) => {
    if (++all <= MOST_WRITES) writes.push({ cell, before, after });
  });
  const lines = writes.flatMap((write) => {
    const change = describeWrite(machine, write);
    if (!change || change.before === change.after) return [];
    return [`- ${change.field} ${code(hex(change.at))}: ${change.before} → ${change.after}`];
  });
  const more = lines.length - MOST_CHANGES;
  const atLeast = all > MOST_WRITES ? 'at least ' : '';
  if (more > 1) lines.splice(MOST_CHANGES, more, `- …and ${atLeast}${more} more changes`);
  return lines.length > 0 ? lines.join('\n') : undefined;
}
