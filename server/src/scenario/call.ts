// A call of an operation: its arguments, its demand, and the names that take its outputs.
import type { Arg, OpStmt, RecordLit, Talk } from '../../../grammar/src/index.ts';
import { type AnyOperation, nearest, OPERATIONS, type Parameter } from '../emulator/index.ts';
import type { Compiler } from './compiler.ts';
import { resolveExpected } from './expected.ts';
import { argument, type Context, count, did, probe, resolve } from './expression.ts';
import { fits, kindOfType } from './kind.ts';
import { checkModel } from './models.ts';
import type { Argument, CallInstruction, Pattern, TalkLine } from './program.ts';
import type { Place } from './statements.ts';
import { Typed } from './typed.ts';
import { integer } from './value.ts';

const NO_TALK: readonly TalkLine[] = [];
const NO_SLOTS: readonly number[] = [];

export function compileCall(compiler: Compiler, statement: OpStmt, operation: AnyOperation, place: Place): void {
  const call = callOf(compiler, statement, operation, place);
  if (operation.conversation) return compileEntry(compiler, statement, operation, place, call);
  const talk = statement.talk.flatMap((line) => flowLine(compiler, line, operation, place) ?? []);
  if (call) compiler.emit(talk.length === 0 ? call : { ...call, talk });
}

/** A call during which others act: its lines are calls of their own, between it and the `leave` that ends it. */
function compileEntry(
  compiler: Compiler,
  { talk }: OpStmt,
  operation: AnyOperation,
  place: Place,
  call: CallInstruction | undefined,
): void {
  const at = compiler.instructions.length;
  const { site, scope } = call ?? {
    site: compiler.site(place.file, { start: 0, end: 0 }, place.caller),
    scope: place.scope,
  };
  if (call) compiler.emit(call);
  const inside = { ...place, caller: { name: operation.name, site } };
  for (const line of talk) {
    const spoken = lineOperation(compiler, line, operation, place);
    if (!spoken || !line.call) continue;
    const said = { call: line.call, results: line.results, head: line.head };
    const one = callOf(compiler, said, overload(spoken, line.call, contextOf(compiler, place)), inside);
    if (one && call) compiler.emit({ ...one, within: { call: at, guest: line.direction === '<' } });
  }
  if (!call) return;
  call.leave = compiler.instructions.length;
  compiler.emit({ kind: 'leave', call: at, site, scope });
}

const contextOf = (compiler: Compiler, { file, scope }: Place): Context => ({
  file,
  scope,
  problems: compiler.problems,
});

/** A call with its arguments and its demand; `undefined` after an error. */
function callOf(
  compiler: Compiler,
  statement: Pick<OpStmt, 'call' | 'results' | 'head'> & { readonly binds?: OpStmt['binds'] },
  operation: AnyOperation,
  place: Place,
): CallInstruction | undefined {
  const context: Context = { file: place.file, scope: place.scope, problems: compiler.problems };
  checkModel(operation, compiler.models, place.file, statement.call.callee, compiler.problems);
  const args = resolveArguments(statement, operation, context);
  const expected = statement.results && resolveExpected(statement.results, operation, context);
  const binds = bindOutputs(compiler, statement.binds, operation, place);
  if (args === undefined) return undefined;
  const site = compiler.site(place.file, statement.head, place.caller);
  const name = statement.call.callee;
  return { kind: 'call', operation, name, args, expected, binds, talk: NO_TALK, site, scope: place.scope };
}

/** The operation of a line below a call; `undefined` for `...` and after an error. */
function lineOperation(compiler: Compiler, line: Talk, outer: AnyOperation, { file }: Place): AnyOperation | undefined {
  const guest = 'flow' in outer ? outer.guest : outer.conversation?.guest;
  const refuse = (message: string) => void compiler.problems.error('CCS212', file, line, message);
  if (line.direction === '<' && !guest) return refuse(`nothing runs while ${outer.name} does`);
  if (line.direction === '>' && !('flow' in outer) && !outer.conversation) {
    return refuse(`${outer.name} sends nothing down: it is one command`);
  }
  if (!line.call) return 'flow' in outer ? undefined : refuse('> ... stands only where lines are checked');
  const known: ReadonlyMap<string, AnyOperation> = (line.direction === '<' && guest) || OPERATIONS;
  const { callee } = line.call;
  const operation = known.get(callee.text);
  if (!operation && callee.text !== '') {
    const near = did(nearest(callee.text, known.keys()));
    compiler.problems.error('CCS200', file, callee, `no operation is called ${callee.text} here${near}`);
  }
  return operation;
}

/** A line below a call of the kernel; `undefined` after an error. */
function flowLine(compiler: Compiler, line: Talk, outer: AnyOperation, place: Place): TalkLine | undefined {
  const site = compiler.site(place.file, line, place.caller);
  const operation = lineOperation(compiler, line, outer, place);
  if (!line.call) return 'flow' in outer ? { kind: 'skip', site } : undefined;
  if (!operation) return undefined;
  if (line.direction === '<') {
    const call = callOf(compiler, { call: line.call, results: line.results, head: line.head }, operation, place);
    return call && { kind: 'guest', call, site };
  }
  const context = contextOf(compiler, place);
  const args = line.call.args.map((arg, i) => pattern(arg, operation, i, context));
  const expected = line.results && resolveExpected(line.results, operation, context);
  return { kind: 'sends', operation, args, expected, site };
}

function pattern(arg: Arg, operation: AnyOperation, index: number, context: Context): Pattern {
  if (arg.value.kind === 'star') return 'any';
  const param = operation.params[index];
  if (param) return argument(arg, operation.name, param, context);
  context.problems.error('CCS202', context.file, arg, `${signature(operation)} has no argument ${index + 1}`);
  return 'any';
}

/** One argument a parameter, in the order of the parameters; `undefined` after an error. */
function resolveArguments(
  { call }: Pick<OpStmt, 'call'>,
  operation: AnyOperation,
  context: Context,
): Argument[] | undefined {
  const { params } = operation;
  const given = assigned(call, operation, context);
  if (!given) return undefined;
  const args = params.map((param, i) => {
    const arg = given[i];
    return arg ? resolveArgument(arg, param, operation, context) : ABSENT;
  });
  return args.includes(undefined) ? undefined : (args as Argument[]);
}

const ABSENT: Argument = { kind: 'absent' };

/** Which argument goes to each parameter; `undefined` after an error. */
function assigned(
  call: OpStmt['call'],
  operation: AnyOperation,
  context: Context,
): readonly (Arg | undefined)[] | undefined {
  const { params, name } = operation;
  // All of them in order is how nearly every call is written.
  if (call.args.length === params.length && call.args.every((arg) => arg.name === undefined)) return call.args;
  const given: (Arg | undefined)[] = params.map(() => undefined);
  let failed = false;
  const refuse = (span: Arg | typeof call, message: string) => {
    context.problems.error('CCS202', context.file, span, message);
    failed = true;
  };
  const names = params.map((param) => param.name);
  call.args.forEach((arg, i) => {
    const to = arg.name ? names.indexOf(arg.name.text) : i;
    if (arg.name && to < 0)
      refuse(arg, `${name} has no parameter ${arg.name.text}${did(nearest(arg.name.text, names))}`);
    else if (given[to]) refuse(arg, `${names[to]} is given twice`);
    else if (to < params.length) given[to] = arg;
  });
  const missing = params.filter((param, i) => !param.optional && !given[i]).map((param) => param.name);
  if (call.args.length > params.length || (!failed && missing.length > 0)) {
    const wanted = `${signature(operation)} takes ${count(params.length, 'argument')}`;
    refuse(
      call,
      missing.length > 0 ? `${wanted}; ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing` : wanted,
    );
  }
  return failed ? undefined : given;
}

const signature = ({ name, params }: AnyOperation) =>
  `${name}(${params.map((param) => (param.optional ? `[${param.name}]` : param.name)).join(', ')})`;

/** The operation of that name that takes a first argument of this kind. */
export function overload(named: AnyOperation, call: OpStmt['call'], context: Context): AnyOperation {
  const [first] = call.args;
  if (!named.overloads || !first) return named;
  const kind = probe(first.value, context);
  return [named, ...named.overloads].find(({ params: [param] }) => param && fits(kind, param.type)) ?? named;
}

function resolveArgument(arg: Arg, param: Parameter, { name }: AnyOperation, context: Context): Argument | undefined {
  if (arg.value.kind === 'record') return resolveStructure(arg.value, param, name, context);
  const value = argument(arg, name, param.type === 'structure' ? { ...param, type: 'pa' } : param, context);
  return value.kind === 'unknown' ? undefined : { kind: 'value', value };
}

function resolveStructure(
  record: RecordLit,
  param: Parameter,
  operation: string,
  context: Context,
): Argument | undefined {
  const { file, problems } = context;
  const { structure } = param;
  if (!structure) {
    problems.error('CCS202', file, record, `${operation} takes no structure as ${param.name}`);
    return undefined;
  }
  const fields: { name: string; value: Typed }[] = [];
  for (const { name, value } of record.fields) {
    const field = structure.fields[name.text];
    if (!field) {
      const near = did(nearest(name.text, Object.keys(structure.fields)));
      problems.error(
        'CCS211',
        file,
        name,
        `${structure.name} has no field ${name.text}${near || `; it has ${Object.keys(structure.fields).join(', ')}`}`,
      );
      continue;
    }
    const resolved = resolve(value, { ...context, ...(field.flags && { words: field.flags }) });
    if (resolved.kind !== 'unknown') fields.push({ name: name.text, value: resolved });
  }
  return fields.length === record.fields.length ? { kind: 'structure', span: record, fields } : undefined;
}

/** `x := …` gives each output a slot: `x.data`, `x.top`, and `x` alone where there is only one. */
function bindOutputs(
  compiler: Compiler,
  binds: OpStmt['binds'],
  operation: AnyOperation,
  place: Place,
): readonly number[] {
  if (!binds) return NO_SLOTS;
  const { file, scope } = place;
  if (operation.outputs.length === 0) {
    compiler.problems.error('CCS211', file, binds, `${operation.name} gives no output to name`);
    return NO_SLOTS;
  }
  const slots = operation.outputs.map(() => compiler.slots++);
  const outputs = new Map<string, Typed>();
  operation.outputs.forEach((output, i) => {
    const kind = kindOfType(output.type);
    const slot = slots[i] as number;
    const value = new Typed(binds, file, kind, undefined, ({ slot: read, machine }) =>
      output.type === 'word' ? integer(machine.pages.words.value(read(slot))) : read(slot),
    );
    outputs.set(output.name, value);
    if (operation.outputs.length === 1) outputs.set('', value);
  });
  const info = compiler.names.define('result', file, binds, `outputs of ${operation.name}`);
  scope.set(binds.text, { kind: 'outputs', outputs, info });
  return slots;
}
