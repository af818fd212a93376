// The statement that led to a moment, as a step bar tells it: the call, its result and whether the file says so.
import { hex, isHandle, type Parameter, registersOf } from '../emulator/index.ts';
import { type FlowAct, flowActAt, type Run, refusalAt } from '../run/index.ts';
import type { Argument, CallInstruction, Instruction, SourceFile } from '../scenario/index.ts';
import type { PlaceNames } from './moment-names.ts';
import type { Failure, Status, Step } from './panel-model.ts';

export type PathOf = (file: SourceFile) => string;

/** The statement that led to `moment`; the run stands there, or inside it when it is still `open`. */
export function stepOf(run: Run, moment: number, names: PlaceNames, pathOf: PathOf, open = false): Step {
  const instruction = run.instructionAt(moment);
  if (!instruction) {
    return { n: 0, actor: 'scenario', depth: 0, call: run.program.title, result: 'nothing ran yet', status: 'ok' };
  }
  const { file, span } = instruction.site;
  const common = {
    n: run.log.step(moment),
    depth: stackOf(instruction).length,
    source: { path: pathOf(file), line: file.line(span.start) },
  };
  if (instruction.kind !== 'call') return { ...common, actor: 'scenario', ...otherStep(run, moment, instruction) };
  const { operation } = instruction;
  const call = callText(instruction, run.log.arguments(moment), names);
  const told = { ...common, actor: operation.actor, call };
  const act = flowActAt(run, moment);
  if (act) return { ...common, ...flowStep(run, moment, act) };
  if ('flow' in operation) return { ...told, result: '…', status: statusOf(run, moment, true) };
  if (open) return { ...told, result: '…', status: 'open' };
  if (run.log.step(moment) === run.log.step(moment - 1)) return { ...told, result: 'not made', status: 'unexpected' };
  const status = statusOf(run, moment, operation.form.succeeded(run.log.code(moment)));
  const why = whyOf(run, moment, instruction, status);
  return { ...told, result: run.resultText(operation, run.log.code(moment)), status, ...(why && { why }) };
}

/** A step of a kernel flow. The one that ends the call tells what the call returned. */
function flowStep(run: Run, moment: number, { actor, call, result, succeeded }: FlowAct): Omit<Step, 'n' | 'depth'> {
  const end = run.log.ended(moment);
  const status = statusOf(run, moment, succeeded);
  const ended = end && `${end.instruction.operation.name} = ${run.resultText(end.instruction.operation, end.code)}`;
  return { actor, call, result: result ?? (ended ? 'returns' : 'goes on'), status, ...(ended && { why: ended }) };
}

function statusOf(run: Run, moment: number, succeeded: boolean): Status {
  if (run.problemsAt(moment).length > 0) return 'unexpected';
  return succeeded ? 'ok' : 'expected';
}

/** What a statement that takes no step says when it went well, and when it did not. */
const SAID: Partial<Record<Instruction['kind'], readonly [string, string]>> = {
  expect: ['holds', 'does not hold'],
  inject: ['armed', 'not armed'],
  loop: ['begins', 'cannot begin'],
  enter: ['begins', 'cannot begin'],
};

function otherStep(run: Run, moment: number, { kind, site }: Exclude<Instruction, CallInstruction>) {
  const status = statusOf(run, moment, true);
  const [well, badly] = SAID[kind] ?? ['goes on', 'cannot go on'];
  const wrong = run.problemsAt(moment)[0]?.message;
  const call = plain(site.file.slice(site.span));
  return { call, result: status === 'ok' ? well : badly, status, ...(wrong !== undefined && { why: wrong }) };
}

/** `as line 26 expects`, `but line 26 expects RMI_SUCCESS`, `refused: rtt_walk, as line 26 expects`. */
function whyOf(run: Run, moment: number, instruction: CallInstruction, status: Status): string {
  const { operation, expected, site } = instruction;
  const line = `line ${site.file.line(expected?.span.start ?? site.span.start)}`;
  const injected = run.log.injected(moment);
  const reason = injected
    ? `injected by line ${injected.site.file.line(injected.site.span.start)}`
    : refusalAt(run, moment, operation)?.check.id;
  const refused = reason && (injected ? reason : `refused: ${reason}`);
  const demand =
    status === 'unexpected' ? `but ${line} expects ${expected?.text ?? 'success'}` : expected && `as ${line} expects`;
  return [refused, demand].filter(Boolean).join(', ');
}

/**
 * `RMI_GRANULE_DELEGATE(RTT0 + 4K)`: arguments as written where that says it, else the place by its name. Within a sequence
 * what is written are the names of its parameters.
 */
export function callText(instruction: CallInstruction, registers: readonly number[], names: PlaceNames): string {
  const { operation, args, site } = instruction;
  let first = 0;
  const texts = args.flatMap((arg, i) => {
    if (arg.kind !== 'value') first += registersOf(operation.params[i]?.type ?? 'u64');
    if (arg.kind === 'absent') return [];
    if (arg.kind === 'structure') return [structureText(arg, site.caller !== undefined, names)];
    const param = operation.params[i];
    const register = registers[first] ?? 0;
    first += registersOf(param?.type ?? 'u64');
    if (param && (isHandle(param.type) || registersOf(param.type) > 1)) return [plain(arg.value.text)];
    const written = site.caller ? flagText(arg, param) : writtenText(arg);
    return [written ?? valueText(param, register, names)];
  });
  return `${operation.name}(${texts.join(', ')})`;
}

type Given = Extract<Argument, { kind: 'value' }>;

function structureText(
  { fields }: Extract<Argument, { kind: 'structure' }>,
  inSequence: boolean,
  names: PlaceNames,
): string {
  const texts = fields.map(({ name, value: { text, constant } }) => {
    const computed = inSequence && typeof constant === 'number' && !/^[A-Z0-9_]+$/.test(text);
    return `${name}: ${computed ? numberText(constant, names) : plain(text)}`;
  });
  return `{${texts.join(', ')}}`;
}

/** A number that nothing is known of: a place if it has a name, else as people write such numbers. */
const numberText = (value: number, names: PlaceNames) =>
  names.name(value, 'pa') ?? (value < 4096 ? String(value) : hex(value));

/** As written, if that is one value and more than a bare address. */
function writtenText({ value: { constant, text } }: Given): string | undefined {
  const isOne = constant !== undefined && typeof constant !== 'object';
  return isOne && !/^0x[0-9a-f_]+$/i.test(text) ? plain(text) : undefined;
}

const flagText = ({ value: { text } }: Given, param: Parameter | undefined) =>
  param?.flags && text.split('|').every((flag) => Object.hasOwn(param.flags ?? {}, flag.trim()))
    ? plain(text)
    : undefined;

function valueText(param: Parameter | undefined, register: number, names: PlaceNames): string {
  if (param?.type === 'pa' || param?.type === 'ipa') return names.text(register, param.type);
  return param?.type === 'level' ? String(register) : hex(register);
}

const plain = (text: string) => text.replace(/\s+/g, ' ').trim();

/** The sequences and loops around a statement, outermost first. */
export function stackOf({ site }: Instruction): string[] {
  const stack: string[] = [];
  for (let { caller } = site; caller; caller = caller.site.caller) {
    stack.unshift(plain(caller.site.file.slice(caller.site.span)));
  }
  return stack;
}

export function failureOf(run: Run, moment: number): Failure | undefined {
  const [problem] = run.problemsAt(moment);
  if (!problem) return undefined;
  const { code, message, expected = '', actual = '', because = '' } = problem;
  return { code, message, expected, actual, because };
}
