// Expressions: from syntax to something that can be evaluated, with names resolved and kinds checked.
import type { Arg, Binary, Call, Expr, Index, Name, Span } from '../../../grammar/src/index.ts';
import {
  CONVERSIONS,
  type Conversion,
  nearest,
  type Parameter,
  toRegister,
  VIEWS,
  type View,
} from '../emulator/index.ts';
import { fits, KIND_TEXT, type Kind, type Use, wantedText } from './kind.ts';
import { NO_HANDLE, pagesOf } from './pages.ts';
import { Problems } from './problem.ts';
import type { Environment } from './program.ts';
import { refer, type Scope } from './scope.ts';
import type { SourceFile } from './source.ts';
import { stateExpression } from './states.ts';
import type { Trail } from './trail.ts';
import { constant, type Tracked, Typed, unknown } from './typed.ts';
import {
  type Arithmetic,
  type Comparison,
  calculate,
  compare,
  fault,
  isFault,
  isInteger,
  isRange,
  kindOf,
  type RangeValue,
  range,
  type Value,
} from './value.ts';

/** Where an expression stands. */
export interface Context {
  readonly file: SourceFile;
  readonly scope: Scope;
  readonly problems: Problems;
  /** Words with a value at this place: the flags of a parameter. */
  readonly words?: Readonly<Record<string, number>>;
}

/** Conversions that say what a number means and leave it as it is. */
const MEANINGS: Readonly<Record<string, Kind>> = { pa: 'pa', ipa: 'ipa', gpa: 'ipa' };
const CONVERSION_NAMES = [...new Set([...Object.keys(MEANINGS), ...CONVERSIONS.map(({ name }) => name)])];
const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Resolves and checks an expression. An error is reported once; the result then has the kind `unknown` and no value. */
export function resolve(expr: Expr, context: Context): Typed {
  switch (expr.kind) {
    case 'number':
      return constant(expr, context.file, 'number', expr.value);
    case 'string':
      return constant(expr, context.file, 'word', expr.value);
    case 'name':
      return resolveName(expr, context);
    case 'unary': {
      const operand = resolve(expr.operand, context);
      if (expr.op === '!') return node(expr, context, 'bool', [operand], ([value]) => not(value as Value));
      return node(expr, context, operand.kind, [operand], ([value]) =>
        isInteger(value as Value) ? calculate('-', 0, value as number) : fault(`${kindOf(value as Value)} has no sign`),
      );
    }
    case 'binary':
      return resolveBinary(expr, context);
    case 'range': {
      const left = resolve(expr.left, context);
      const right = resolve(expr.right, context);
      const length = (base: Value, end: Value) =>
        expr.op === '+:' || !isInteger(base) || !isInteger(end) ? end : calculate('-', end as number, base as number);
      return node(
        expr,
        context,
        left.kind,
        [left, right],
        ([a, b]) => range(a as Value, length(a as Value, b as Value)),
        left,
      );
    }
    case 'call':
      return resolveCall(expr, context);
    case 'index':
      return resolvePlace(expr, context);
    case 'is':
      return stateExpression(expr, context);
    case 'record':
    case 'star':
      return refuse(expr, context, 'CCS210', MISPLACED[expr.kind]);
  }
}

const MISPLACED = {
  record: 'a record stands only where an operation takes a structure',
  star: '* stands only in conversation lines and results',
} as const;

/** Reports an error and stands in for the expression. */
export function refuse(expr: Span, { file, problems }: Context, code: string, message: string): Typed {
  problems.error(code, file, expr, message);
  return unknown(expr, file);
}

/** An operator: folded if its operands are constant. */
function node(
  span: Span,
  context: Context,
  kind: Kind,
  operands: readonly Typed[],
  compute: (values: readonly Value[]) => Value,
  tracked?: Typed,
): Typed {
  const { file } = context;
  if (operands.some(({ kind: each }) => each === 'unknown')) return unknown(span, file);
  if (operands.every(({ constant: value }) => value !== undefined)) {
    const value = compound(operands.map((operand) => operand.constant as Value));
    if (isFault(value)) return refuse(span, context, 'CCS204', value.fault);
    return constant(span, file, kind, value, tracked?.tracked);
  }
  const evaluate = (environment: Environment) => compound(operands.map((operand) => operand.evaluate(environment)));
  return new Typed(span, file, kind, undefined, evaluate, tracked?.tracked);

  function compound(values: readonly Value[]): Value {
    return values.find(isFault) ?? compute(values);
  }
}

const not = (value: Value): Value =>
  typeof value === 'boolean' ? !value : fault(`${kindOf(value)} cannot be negated`);

function resolveName(name: Name, context: Context): Typed {
  const { scope, file, words } = context;
  const dot = name.text.indexOf('.');
  const first = dot < 0 ? name.text : name.text.slice(0, dot);
  const word = words?.[name.text];
  if (word !== undefined) return constant(name, file, 'number', word);
  const truth = TRUTH.get(name.text);
  if (truth !== undefined) return constant(name, file, 'bool', truth);
  const binding = scope.get(first);
  if (binding === undefined) {
    const near = nearest(name.text, [...scope.all(), ...Object.keys(words ?? {})]);
    return refuse(name, context, 'CCS201', `${name.text} is not known here${did(near)}`);
  }
  refer(binding, file, name, scope);
  switch (binding.kind) {
    case 'value':
      if (dot < 0) return binding.value.under({ file, name });
      return refuse(name, context, 'CCS201', `${first} is a value; it has no ${name.text.slice(dot + 1)}`);
    case 'outputs': {
      const output = binding.outputs.get(dot < 0 ? '' : name.text.slice(dot + 1));
      if (output) return output.under({ file, name });
      const fields = [...binding.outputs.keys()].filter((key) => key !== '').map((key) => `${first}.${key}`);
      return refuse(name, context, 'CCS201', `${name.text} is no output; there are ${fields.join(', ') || 'none'}`);
    }
    case 'def':
      return refuse(name, context, 'CCS201', `${first} is a sequence; call it in a statement of its own`);
  }
}

/** `; did you mean A or B?`, or nothing. */
export const did = (near: readonly string[]): string => (near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '');

function resolveBinary(expr: Binary, context: Context): Typed {
  const left = resolve(expr.left, context);
  const right = resolve(expr.right, context);
  const { op } = expr;
  switch (op) {
    case '&&':
    case '||':
      return node(expr, context, 'bool', [left, right], ([a, b]) =>
        typeof a === 'boolean' && typeof b === 'boolean'
          ? op === '&&'
            ? a && b
            : a || b
          : fault(`${op} joins truth values`),
      );
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return node(expr, context, 'bool', [left, right], ([a, b]) => compare(op as Comparison, a as Value, b as Value));
    default:
      return node(
        expr,
        context,
        sumKind(op, left.kind, right.kind),
        [left, right],
        ([a, b]) =>
          isInteger(a as Value) && isInteger(b as Value)
            ? calculate(op as Arithmetic, a as number, b as number)
            : fault(`${op} takes two numbers`),
        left.kind === 'number' && right.tracked === undefined ? left : undefined,
      );
  }
}

/** An address and an offset are an address; the difference of two addresses is a number. */
function sumKind(op: string, left: Kind, right: Kind): Kind {
  if (op === '-' && left === right) return 'number';
  return left === 'number' ? right : left;
}

/** `gm[off]`, `m[base +: length]`. */
function resolvePlace(expr: Index, context: Context): Typed {
  const object = resolve(expr.object, context);
  const index = resolve(expr.index, context);
  if (object.kind === 'unknown' || index.kind === 'unknown') return unknown(expr, context.file);
  if (object.kind !== 'gmem' && object.kind !== 'mapping') {
    const message = `${object.text} is ${KIND_TEXT[object.kind]}; only a guest_memfd or a mapping has places`;
    return refuse(expr.object, context, 'CCS203', message);
  }
  return node(expr, context, object.kind === 'gmem' ? 'gmem_at' : 'mapping_at', [object, index], ([of, at]) => {
    if (isRange(at as Value)) {
      const { base, length } = at as RangeValue;
      return { object: Number(of), at: base, length };
    }
    return isInteger(at as Value)
      ? { object: Number(of), at: Number(at) }
      : fault(`${kindOf(at as Value)} is no offset`);
  });
}

function resolveCall(expr: Call, context: Context): Typed {
  const name = expr.callee.text;
  if (CONVERSION_NAMES.includes(name)) return resolveConversion(expr, context);
  const named = VIEWS.get(name);
  if (named === undefined) {
    const near = nearest(name, [...VIEWS.keys(), ...CONVERSION_NAMES]);
    return refuse(expr.callee, context, 'CCS210', `${name} is not a view${did(near)}`);
  }
  const call = viewCall(named, expr, context);
  if (call === undefined) return unknown(expr, context.file);
  const evaluate = (environment: Environment): Value => {
    const pages = pagesOf(call.view.params, call.args, environment);
    if ('fault' in pages) return pages;
    const [registers] = pages.pages;
    if (registers === undefined || pages.pages.length > 1) return fault(`${name} takes one page here, not a range`);
    return call.view.read(environment.machine, registers) ?? fault(call.view.absent);
  };
  return new Typed(expr, context.file, 'word', undefined, evaluate);
}

function resolveConversion(expr: Call, context: Context): Typed {
  const name = expr.callee.text;
  const [arg] = expr.args;
  if (!arg || expr.args.length !== 1) return refuse(expr, context, 'CCS202', `${name}(x) takes one argument`);
  const value = resolve(arg.value, context);
  if (value.kind === 'unknown') return value;
  const meaning = MEANINGS[name];
  if (meaning !== undefined && ['number', 'pa', 'ipa'].includes(value.kind)) {
    return node(expr, context, meaning, [value], ([x]) => x as Value);
  }
  const conversion = CONVERSIONS.find((candidate) => candidate.name === name && fits(value.kind, candidate.from));
  if (!conversion)
    return refuse(arg.value, context, 'CCS203', `${name} takes no ${KIND_TEXT[value.kind].replace(/^an? /, '')}`);
  return converted(expr, context.file, conversion, value);
}

/** A place in another address space, as it is at the moment of asking. */
function converted(span: Span, file: SourceFile, conversion: Conversion, value: Typed): Typed {
  const param = { name: 'x', type: conversion.from, text: '' };
  const evaluate = (environment: Environment): Value => {
    const places = pagesOf([param], [value], environment);
    if ('fault' in places) return places;
    const pages = places.pages.map((registers) => conversion.read(environment.machine, registers));
    if (pages.some((page) => page === undefined)) return fault(conversion.absent);
    return pages.length === 1 ? (pages[0] as number) : { pages: pages as number[] };
  };
  return new Typed(span, file, conversion.to, undefined, evaluate);
}

/** A view with its arguments checked; between views of one name the kind of the first argument decides. */
export function viewCall(named: View, expr: Call, context: Context): { view: View; args: Typed[] } | undefined {
  const { overloads } = named;
  const [arg] = expr.args;
  const first = arg && overloads ? resolve(arg.value, context) : undefined;
  const takes = ({ params: [param] }: View) => first && param && fits(first.kind, param.type);
  const view = first && overloads && !takes(named) ? (overloads.find(takes) ?? named) : named;
  const args = viewArguments(view, expr, context, first);
  return args && { view, args };
}

/** The kind of an expression, without reporting what is wrong with it. */
export function probe(expr: Expr, context: Context): Kind {
  return resolve(expr, { ...context, problems: new Problems() }).kind;
}

/** The arguments of a view, checked, the first of which may be resolved already; `undefined` after an error. */
function viewArguments(view: View, expr: Call, context: Context, first: Typed | undefined): Typed[] | undefined {
  const needed = view.params.filter(({ optional }) => !optional).length;
  if (expr.args.length < needed || expr.args.length > view.params.length) {
    const wanted = view.params.map((param) => param.name).join(', ');
    refuse(expr, context, 'CCS202', `${view.name}(${wanted}) takes ${count(view.params.length, 'argument')}`);
    return undefined;
  }
  const args = expr.args.map((arg, i) =>
    argument(arg, view.name, view.params[i] as Parameter, context, i === 0 ? first : undefined),
  );
  return args.some((arg) => arg.kind === 'unknown') ? undefined : args;
}

export const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

/** An argument of the kind that a parameter wants; `resolved` is its value where that is known already. */
export function argument(arg: Arg, by: string, param: Parameter, context: Context, resolved?: Typed): Typed {
  const value = resolved ?? resolve(arg.value, param.flags ? { ...context, words: param.flags } : context);
  const { type } = param;
  const { trail } = context.scope;
  if (value.kind === 'unknown') return value;
  const isPlace = value.kind === 'number' && (type === 'pa' || type === 'ipa' || type === 'rd');
  const before = isPlace ? value.tracked?.use : undefined;
  const used = before && trail.sees(before.statement) ? before : undefined;
  const kind = used?.kind ?? value.kind;
  if (fits(kind, type)) {
    if (kind === 'number' && value.tracked && (type === 'pa' || type === 'ipa')) {
      const site = { file: context.file, span: arg.value };
      note(value.tracked, { kind: type, site, by: `${by}(${param.name})`, statement: trail.statement }, trail);
    }
    return asParameter(value, type, context);
  }
  const since = used ? ` (line ${used.site.file.line(used.site.span.start)}: ${used.by})` : '';
  const convert = isAddress(kind) && isAddress(type) ? `; write ${type}(${value.text}) if it is meant` : '';
  const message = `${value.text} is ${KIND_TEXT[kind]}${since}, but ${by} takes ${wantedText(type)} as ${param.name}${convert}`;
  return refuse(arg.value, context, 'CCS203', message);
}

function note(tracked: Tracked, use: Use, trail: Trail): void {
  const before = tracked.use;
  tracked.use = use;
  if (tracked.statement !== trail.statement) trail.notes.push({ name: tracked, kind: use.kind });
  trail.did(() => {
    tracked.use = before;
  });
}

/** A value that a parameter takes in another form than its own: a VM where its realm is wanted, a bare host address. */
function asParameter(value: Typed, type: Parameter['type'], context: Context): Typed {
  if (type === 'mapping_at' && value.kind === 'number') {
    const bare = (at: Value): Value => (isInteger(at) ? { object: NO_HANDLE, at: toRegister(at, 'u64') } : at);
    return node(value.span, context, 'mapping_at', [value], ([at]) => bare(at as Value));
  }
  if (type !== 'rd' || value.kind !== 'vm') return value;
  const conversion = CONVERSIONS.find(({ name, from }) => name === 'rd' && from === 'vm');
  return conversion ? converted(value.span, context.file, conversion, value) : unknown(value.span, context.file);
}

const isAddress = (kind: string) => kind === 'pa' || kind === 'ipa';
