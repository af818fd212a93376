// The trace of a run as data: one entry a statement that was executed, with its result and every state change.
import { type CellText, describeWrite, hex, registersOf } from '../emulator/index.ts';
import { type FlowAct, flowActAt, type LoggedEnd, ObjectNames, type Run, reasonAt } from '../run/index.ts';
import type { CallInstruction, Instruction, Problem, Site } from '../scenario/index.ts';
import type { Write } from '../store/index.ts';
import { inWords, writtenArgument, writtenStructure } from './words.ts';

/** Something that changed, or a run of entries beside one another that changed alike. */
export interface Change {
  /** `granule`, `GPT`, `realm`, `RTT L3[0 .. 512]`. */
  readonly field: string;
  /** The address of the first one, in bytes: a PA for a granule, an IPA for an entry, an offset in a guest_memfd or a mapping. */
  readonly at: number;
  /** Where that is, in words, unless its address says it: `gm[0 .. 64K]`, `0x9000_0000 .. 0x9001_0000`. */
  readonly place?: string;
  readonly before: string;
  readonly after: string;
  /** How many entries or pages changed alike. */
  readonly count: number;
}

export interface TraceEntry {
  readonly kind: 'step' | 'expect' | 'inject' | 'sequence';
  /** The number of the step; statements that check or prepare take none. */
  readonly step: number | undefined;
  readonly site: Site;
  /** The statement as it was carried out: places are addresses. */
  readonly text: string;
  /** `RMI_SUCCESS`; of a step only. */
  readonly result: string | undefined;
  readonly outputs: readonly { readonly name: string; readonly text: string }[];
  readonly changes: readonly Change[];
  /** Why a call failed. */
  readonly because: string | undefined;
  /** How the call around it ended, if that was in this moment: its result and what the exit says. */
  readonly ended: string | undefined;
  readonly problems: readonly Problem[];
}

/** Runs to the end and gives an entry for each statement as it goes by. */
export function* trace(run: Run): Generator<TraceEntry> {
  let reasons = 0;
  while (run.advance()) {
    const entry = entryAt(run, run.now, reasons < MOST_REASONS);
    if (entry?.because !== undefined) reasons++;
    if (entry) yield entry;
  }
}

/** Failed calls of one trace that are explained: looking back for a reason takes time, and nobody reads the thousandth. */
const MOST_REASONS = 1000;

/** What happened at a moment; the run must stand there. `undefined` for a loop that begins, unless it cannot. */
export function entryAt(run: Run, moment: number, explained = true): TraceEntry | undefined {
  const instruction = run.instructionAt(moment);
  if (!instruction) return undefined;
  const problems = run.problemsAt(moment);
  const common = { site: instruction.site, problems };
  const act = flowActAt(run, moment);
  if (act) return { ...common, ...flowStepAt(run, moment, act) };
  // A call whose arguments have no value takes no step: its problem says why.
  const isStep = instruction.kind === 'call' && run.log.step(moment) > run.log.step(moment - 1);
  if (isStep) return { ...common, ...stepAt(run, moment, instruction, explained) };
  const kind = KINDS[instruction.kind];
  if (kind === undefined && problems.length === 0) return undefined;
  return { ...common, ...NOTHING, kind: kind ?? 'sequence', text: writtenStatement(instruction) };
}

/** A step of a kernel flow, indented by how deep it is below the call. */
function flowStepAt(run: Run, moment: number, act: FlowAct): Omit<TraceEntry, 'site' | 'problems'> {
  const end = run.log.ended(moment);
  return {
    ...NOTHING,
    kind: 'step',
    step: run.log.step(moment),
    text: '  '.repeat(act.depth + 1) + act.call,
    result: act.result,
    changes: changesAt(run, moment),
    ended: end && writtenEnd(run, end),
  };
}

const KINDS = {
  expect: 'expect',
  inject: 'inject',
  enter: 'sequence',
  loop: undefined,
  next: undefined,
  leave: undefined,
  call: undefined,
} as const;
const NOTHING = {
  step: undefined,
  result: undefined,
  outputs: [],
  changes: [],
  because: undefined,
  ended: undefined,
} as const;

const writtenStatement = ({ site: { file, span } }: Instruction): string =>
  file.slice(span).replace(/\s+/g, ' ').trim();

function stepAt(
  run: Run,
  moment: number,
  instruction: CallInstruction,
  explained: boolean,
): Omit<TraceEntry, 'site' | 'problems'> {
  const { log } = run;
  const { operation } = instruction;
  const code = log.code(moment);
  const succeeded = operation.form.succeeded(code);
  const values = log.outputs(moment);
  const shown = operation.outputs.map((output, i) => ({ output, value: values[i] }));
  const end = log.ended(moment);
  return {
    kind: 'step',
    ended: end && (end.instruction !== instruction || succeeded) ? writtenEnd(run, end) : undefined,
    step: log.step(moment),
    text: writtenSide(instruction) + writtenCall(run, moment, instruction),
    // What the kernel returns is known when its flow has ended.
    result: 'flow' in operation ? undefined : run.resultText(operation, code),
    outputs: shown.flatMap(({ output, value }) =>
      value !== undefined && (succeeded || output.valid === 'always')
        ? [{ name: output.name, text: inWords(output.type, run.machine.pages.words.value(value)) }]
        : [],
    ),
    changes: changesAt(run, moment),
    because: succeeded || !explained ? undefined : reasonAt(run, moment)?.text || undefined,
  };
}

/** `RMI_REC_ENTER = RMI_SUCCESS {exit_reason: RMI_EXIT_SYNC, esr: 0x9000_0007}`: outputs that are 0 are left out. */
function writtenEnd(run: Run, { instruction: { operation }, code, outputs }: LoggedEnd): string {
  const { words } = run.machine.pages;
  const fields = operation.outputs.flatMap(({ name, type }, i) => {
    const value = outputs[i];
    if (value === undefined) return [];
    return value === 0 && type !== 'exit_reason' ? [] : [`${name}: ${inWords(type, words.value(value))}`];
  });
  return `${operation.name} = ${run.resultText(operation, code)}${fields.length > 0 ? ` {${fields.join(', ')}}` : ''}`;
}

/** `<` for what the guest does while a call runs, `>` for what the host does meanwhile. */
const writtenSide = ({ within }: CallInstruction) => (within === undefined ? '' : within.guest ? '  < ' : '  > ');

/** The call with its places as addresses. */
function writtenCall(run: Run, moment: number, { operation, args, site, name }: CallInstruction): string {
  const registers = run.log.arguments(moment);
  // What a structure's fields were is known where the call began: in a loop, the variable has gone on since.
  if (args.some(({ kind }) => kind === 'structure')) run.seek(moment - 1);
  let first = 0;
  const texts = args.flatMap((arg, i) => {
    const param = operation.params[i];
    const register = registers[first] ?? 0;
    first += registersOf(param?.type ?? 'u64');
    if (arg.kind === 'absent') return [];
    if (arg.kind === 'value') return [writtenArgument(arg.value, param, register)];
    return [writtenStructure(arg, param?.structure, (field) => run.evaluate(field))];
  });
  run.seek(moment);
  return `${site.file.slice(name)}(${texts.join(', ')})`;
}

/** What the step changed, each cell once, entries that changed alike as one. */
function changesAt(run: Run, moment: number): Change[] {
  const merged = new Map<number, Write>();
  for (const write of run.machine.store.writesOf(moment)) {
    const first = merged.get(write.cell);
    merged.set(write.cell, first ? { ...write, before: first.before } : write);
  }
  const changes: GrowingChange[] = [];
  const last = new Map<string, GrowingChange>();
  for (const write of merged.values()) {
    const text = write.before === write.after ? undefined : describeWrite(run.machine, write);
    if (!text || joins(last.get(alike(text)), text)) continue;
    const change = started(text);
    changes.push(change);
    last.set(alike(text), change);
  }
  const names = new ObjectNames(run);
  return changes.map((change) => finished(change, names));
}

/** Only of what lies beside one another the field may differ, by its index. */
const alike = ({ kind, object, level, field, length, before, after }: CellText) =>
  `${kind}/${object}/${level}/${length === undefined ? '' : field}/${length}/${before}/${after}`;

interface GrowingChange {
  readonly text: CellText;
  readonly entry: { readonly table: string; readonly index: number } | undefined;
  count: number;
}

/** Bytes of the smallest page. */
const PAGE = 4096;
const ENTRY = /^(.*)\[(\d+)\]$/;

function started(text: CellText): GrowingChange {
  const [, table, index] = ENTRY.exec(text.field) ?? [];
  return { text, entry: table === undefined ? undefined : { table, index: Number(index) }, count: 1 };
}

/** Whether a change goes on where the last one like it stopped; it is counted then. */
function joins(last: GrowingChange | undefined, text: CellText): boolean {
  if (!last) return false;
  const next = last.entry
    ? text.field === `${last.entry.table}[${last.entry.index + last.count}]`
    : text.length !== undefined && text.at === last.text.at + last.count * text.length;
  if (!next) return false;
  last.count++;
  return true;
}

function finished({ text, entry, count }: GrowingChange, names: ObjectNames): Change {
  const { at, before, after, length = 0, kind } = text;
  const field = entry && count > 1 ? `${entry.table}[${entry.index} .. ${entry.index + count}]` : text.field;
  // One page is told by its first byte; a range that changed as one write is told whole.
  const isRange = count > 1 || kind === 'gmem' || kind === 'gpa';
  const place = names.placeOf(text, isRange && !entry ? length * count : 0, isRange ? PAGE : 0);
  return { field, at, ...(place !== hex(at) && { place }), before, after, count };
}

/** `granule 0x8800_0000  UNDELEGATED -> DELEGATED` */
export const changeText = ({ field, at, place = hex(at), before, after }: Change): string =>
  `${field} ${place}: ${before} -> ${after}`;
