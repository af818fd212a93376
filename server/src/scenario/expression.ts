// Expressions: from syntax to something that can be evaluated, with names resolved and kinds checked.
import type { Arg, Binary, Call, Expr, Name, Span } from '../../../grammar/src/index.ts';
import { nearest, VIEWS, type View } from '../emulator/index.ts';
import type { Kind } from './kind.ts';
import type { Problems } from './problem.ts';
import type { Environment } from './program.ts';
import { refer, type Scope, type Typed } from './scope.ts';
import type { SourceFile } from './source.ts';
import {
  type Arithmetic,
  type Comparison,
  calculate,
  compare,
  fault,
  isFault,
  isInteger,
  kindOf,
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

const CONVERSIONS: Readonly<Record<string, Kind>> = { pa: 'pa', ipa: 'ipa', gpa: 'ipa' };
const TRUTH: Readonly<Record<string, boolean>> = { true: true, false: false };

/** Resolves and checks an expression. An error is reported once; the result then has the kind `unknown` and no value. */
export function resolve(expr: Expr, context: Context): Typed {
  switch (expr.kind) {
    case 'number':
      return constant(expr, context, 'number', expr.value);
    case 'string':
      return constant(expr, context, 'word', expr.value);
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
    case 'is':
    case 'index':
    case 'record':
    case 'star':
      return refuse(expr, context, 'CCS210', MISPLACED[expr.kind]);
  }
}

const MISPLACED = {
  is: '`is` compares a view with states and stands in expect only',
  index: 'no guest_memfd or mapping is known to this machine; write a physical address or an IPA',
  record: 'a record stands only where an operation takes a structure',
  star: '* stands only in conversation lines and results',
} as const;

/** Reports an error and stands in for the expression. */
export function refuse(expr: Span, { file, problems }: Context, code: string, message: string): Typed {
  problems.error(code, file, expr, message);
  return unknown(expr, file);
}

export function unknown(span: Span, file: SourceFile): Typed {
  const nothing = fault('');
  return { span, file, text: file.slice(span), kind: 'unknown', constant: nothing, evaluate: () => nothing };
}

export function constant(span: Span, { file }: { file: SourceFile }, kind: Kind, value: Value): Typed {
  return { span, file, text: file.slice(span), kind, constant: value, evaluate: () => value };
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
  if (operands.some((operand) => operand.kind === 'unknown')) return unknown(span, file);
  const compound = (values: readonly Value[]) => values.find(isFault) ?? compute(values);
  const track = tracked?.tracked && { tracked: tracked.tracked };
  const values = operands.map((operand) => operand.constant);
  if (values.every((value) => value !== undefined)) {
    const value = compound(values as Value[]);
    if (isFault(value)) return refuse(span, context, 'CCS204', value.fault);
    return { ...constant(span, context, kind, value), ...track };
  }
  const evaluate = (environment: Environment) => compound(operands.map((operand) => operand.evaluate(environment)));
  return { span, file, text: file.slice(span), kind, constant: undefined, evaluate, ...track };
}

const not = (value: Value): Value =>
  typeof value === 'boolean' ? !value : fault(`${kindOf(value)} cannot be negated`);

function resolveName(name: Name, context: Context): Typed {
  const { scope, file, words } = context;
  const [first, field] = name.text.split('.', 2) as [string, string | undefined];
  const word = words?.[name.text];
  if (word !== undefined) return constant(name, context, 'number', word);
  const truth = TRUTH[name.text];
  if (truth !== undefined) return constant(name, context, 'bool', truth);
  const binding = scope.get(first);
  if (binding === undefined) {
    const near = nearest(name.text, [...scope.all(), ...Object.keys(words ?? {})]);
    return refuse(name, context, 'CCS201', `${name.text} is not known here${did(near)}`);
  }
  refer(binding, file, name);
  switch (binding.kind) {
    case 'value':
      if (field === undefined) return { ...binding.value, span: name, file, text: name.text };
      return refuse(name, context, 'CCS201', `${first} is a value; it has no ${field}`);
    case 'outputs': {
      const output = binding.outputs.get(field ?? '');
      if (output) return { ...output, span: name, file, text: name.text };
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

function resolveCall(expr: Call, context: Context): Typed {
  const { file } = context;
  const name = expr.callee.text;
  const conversion = CONVERSIONS[name];
  if (conversion !== undefined) {
    const [arg] = expr.args;
    if (!arg || expr.args.length !== 1) return refuse(expr, context, 'CCS202', `${name}(x) takes one number`);
    const value = resolve(arg.value, context);
    return node(expr, context, conversion, [value], ([x]) => x as Value);
  }
  const view = VIEWS.get(name);
  if (view === undefined) {
    const near = nearest(name, [...VIEWS.keys(), ...Object.keys(CONVERSIONS)]);
    return refuse(expr.callee, context, 'CCS210', `${name} is not a view${did(near)}`);
  }
  const args = viewArguments(view, expr, context);
  if (args === undefined) return unknown(expr, file);
  const evaluate = (environment: Environment): Value => {
    const values = args.map((arg) => arg.evaluate(environment));
    const bad = values.find((value) => !isInteger(value));
    if (bad !== undefined) return isFault(bad) ? bad : fault(`${name} takes one page here, not a range`);
    return view.read(environment.machine, values.map(Number)) ?? fault(view.absent);
  };
  return { span: expr, file, text: file.slice(expr), kind: 'word', constant: undefined, evaluate };
}

/** The arguments of a view, checked; `undefined` after an error. */
export function viewArguments(view: View, expr: Call, context: Context): Typed[] | undefined {
  if (expr.args.length !== view.params.length) {
    const wanted = view.params.map((param) => param.name).join(', ');
    refuse(expr, context, 'CCS202', `${view.name}(${wanted}) takes ${count(view.params.length, 'argument')}`);
    return undefined;
  }
  const args = expr.args.map((arg, i) => argument(arg, view.name, view.params[i] as View['params'][number], context));
  return args.some((arg) => arg.kind === 'unknown') ? undefined : args;
}

export const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

/** An argument where an address or a number is wanted. */
export function argument(arg: Arg, by: string, param: View['params'][number], context: Context): Typed {
  const value = resolve(arg.value, { ...context, ...(param.flags && { words: param.flags }) });
  const { type } = param;
  if (value.kind === 'unknown' || (type !== 'pa' && type !== 'ipa')) return value;
  const used = value.tracked?.use;
  const kind = value.kind === 'number' ? (used?.kind ?? 'number') : value.kind;
  if (kind === type) return value;
  if (kind === 'number') {
    if (value.tracked)
      value.tracked.use = { kind: type, site: { file: context.file, span: arg.value }, by: `${by}(${param.name})` };
    return value;
  }
  const since =
    used && value.kind === 'number' ? ` (line ${used.site.file.line(used.site.span.start)}: ${used.by})` : '';
  const is = kind === 'ipa' ? 'an IPA' : kind === 'pa' ? 'a physical address' : KIND_WORDS[kind];
  const wanted = type === 'ipa' ? 'an IPA' : 'a physical address';
  const convert = kind === 'pa' || kind === 'ipa' ? `; write ${type}(${value.text}) if it is meant` : '';
  return refuse(
    arg.value,
    context,
    'CCS203',
    `${value.text} is ${is}${since}, but ${by} takes ${wanted} as ${param.name}${convert}`,
  );
}

const KIND_WORDS = { bool: 'a truth value', word: 'a word', unknown: 'unknown' } as const;
