// What a statement did when it was run: its result, the state before and after, and why it failed.
import { describeWrite, hex, type Machine } from '../emulator/index.ts';
import { type Run, refusalAt, refused } from '../run/index.ts';
import type { CallInstruction, Instruction, SourceFile } from '../scenario/index.ts';
import type { Write } from '../store/index.ts';
import type { Analysis } from './analysis.ts';
import { code, paragraphs } from './operation-text.ts';
import { contains } from './syntax-path.ts';

/** Changes listed of one statement. */
const MOST_CHANGES = 12;

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
    const more = moments.length - 1;
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

function callText(run: Run, { operation, binds }: CallInstruction, moment: number): string {
  const result = run.log.code(moment);
  const head = `→ ${code(run.resultText(operation, result))} at step ${run.log.step(moment)}`;
  const given = binds.map((slot, i) => `${code(`${operation.outputs[i]?.name} = ${hex(run.slot(slot))}`)}`);
  return paragraphs([
    [head, ...given].join(', '),
    operation.form.succeeded(result) ? undefined : failure(run, operation, moment),
    changesText(run.machine, run.machine.store.writesOf(moment)),
  ]);
}

/** The condition that failed. */
function failure(run: Run, operation: CallInstruction['operation'], moment: number): string {
  const refusal = refusalAt(run, moment, operation);
  return refusal ? refused(run, refusal, moment).text : 'an injected fault made it fail';
}

/** The difference that a whole sequence or loop makes. */
function blockText(run: Run, block: Extract<Instruction, { end: number }>, begin: number, moment: number): string {
  let last = moment;
  while (last < run.reached && isWithin(run.log.instruction(last + 1), begin, block.end)) last++;
  const { store } = run.machine;
  const changes = store.diff(moment - 1, last);
  run.seek(last);
  const [from, to] = [run.log.step(moment - 1) + 1, run.log.step(last)];
  const steps = to < from ? 'no step' : to === from ? `step ${to}` : `steps ${from} to ${to}`;
  return paragraphs([`→ ${steps}`, changesText(run.machine, changes)]);
}

const isWithin = (pc: number, begin: number, end: number) => pc > begin && pc < end;

/** `granule 0x8800_0000: UNDELEGATED → DELEGATED`, one line each. */
function changesText(machine: Machine, writes: readonly Write[]): string | undefined {
  const lines = writes.flatMap((write) => {
    const change = describeWrite(machine, write);
    if (!change || change.before === change.after) return [];
    return [`- ${change.field} ${code(hex(change.at))}: ${change.before} → ${change.after}`];
  });
  const more = lines.length - MOST_CHANGES;
  if (more > 1) lines.splice(MOST_CHANGES, more, `- …and ${more} more changes`);
  return lines.length > 0 ? lines.join('\n') : undefined;
}
