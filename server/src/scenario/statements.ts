// Statements: each becomes instructions in the program, or names in a scope.
import type {
  Call,
  DefStmt,
  Expr,
  ForStmt,
  InjectStmt,
  LetStmt,
  OpStmt,
  Stmt,
  WhenStmt,
} from '../../../grammar/src/index.ts';
import { INJECTABLE, nearest, OPERATIONS } from '../emulator/index.ts';
import { compileCall, overload } from './call.ts';
import type { Compiler } from './compiler.ts';
import { resolveExpected } from './expected.ts';
import { type Context, count, did, resolve } from './expression.ts';
import { LIMITS } from './limits.ts';
import type { Condition } from './program.ts';
import { refer, Scope } from './scope.ts';
import type { Caller, SourceFile } from './source.ts';
import { resolveStates } from './states.ts';
import { Typed } from './typed.ts';
import { isFault } from './value.ts';

/** Where a block stands: its file, the names it sees, and the sequence it belongs to. */
export interface Place {
  readonly file: SourceFile;
  readonly scope: Scope;
  readonly caller?: Caller;
}

export function compileBlock(compiler: Compiler, statements: readonly Stmt[], place: Place): void {
  for (const statement of statements) {
    if (compiler.instructions.length > LIMITS.instructions) return;
    compileStatement(compiler, statement, place);
  }
}

const LATER = {
  actor: 'actors are not run yet: this version runs a file from top to bottom',
  verdict: 'exists, forall and never are not decided yet: they need actors',
  schedule: 'schedule is not followed yet: it needs actors',
} as const;

export function compileStatement(compiler: Compiler, statement: Stmt, place: Place): void {
  const context = contextOf(compiler, place);
  switch (statement.kind) {
    case 'op':
      return compileOp(compiler, statement, place);
    case 'let':
      return compileLet(compiler, statement, place);
    case 'def': {
      const info = define(
        compiler,
        'def',
        place,
        statement.name,
        `def ${statement.name.text}(${statement.params.map((p) => p.text).join(', ')})`,
      );
      place.scope.set(statement.name.text, { kind: 'def', def: statement, file: place.file, info });
      return;
    }
    case 'include':
      return compiler.include(statement.path, place.file, place.scope);
    case 'for':
      return compileFor(compiler, statement, place);
    case 'when':
      return compileWhen(compiler, statement, place);
    case 'expect': {
      const condition = resolveCondition(statement.condition, context);
      if (condition) {
        const site = compiler.site(place.file, statement, place.caller);
        compiler.emit({ kind: 'expect', condition, site, scope: place.scope });
      }
      return;
    }
    case 'inject':
      return compileInject(compiler, statement, place);
    case 'actor':
    case 'verdict':
    case 'schedule':
      compiler.problems.error('CCS605', place.file, statement, LATER[statement.kind]);
  }
}

const contextOf = (compiler: Compiler, { file, scope }: Place): Context => ({
  file,
  scope,
  problems: compiler.problems,
});

/** Registers a name; a second definition in the same scope and file is an error. */
function define(
  compiler: Compiler,
  kind: 'let' | 'def' | 'parameter' | 'loop' | 'result',
  { file, scope, caller }: Place,
  name: DefStmt['name'],
  text: string,
  value?: Typed,
) {
  const before = scope.own(name.text);
  const info = compiler.names.define(kind, file, name, text, value?.constant);
  if (before && before.info !== info && kind !== 'result' && !caller) {
    const line = before.info.file.line(before.info.definition.start);
    compiler.problems.error('CCS206', file, name, `${name.text} is defined already, on line ${line}`, {
      related: [{ file: before.info.file, span: before.info.definition, message: `first definition of ${name.text}` }],
    });
  }
  return info;
}

function compileLet(compiler: Compiler, statement: LetStmt, place: Place): void {
  const value = resolve(statement.value, contextOf(compiler, place));
  const info = define(compiler, 'let', place, statement.name, place.file.slice(statement), value);
  place.scope.set(statement.name.text, { kind: 'value', info, value: tracked(value, compiler) });
}

/** A name for a bare number remembers what it is used as. */
const tracked = (value: Typed, { trail: { statement } }: Compiler): Typed =>
  value.kind === 'number' ? value.trackedBy({ use: undefined, statement }) : value;

function compileFor(compiler: Compiler, statement: ForStmt, place: Place): void {
  const context = contextOf(compiler, place);
  const range = resolve(statement.range, context);
  const step = statement.step && resolve(statement.step, context);
  if (range.kind === 'unknown' || step?.kind === 'unknown') return;
  const slot = compiler.slots++;
  const at = compiler.instructions.length;
  const site = compiler.site(place.file, statement.head, place.caller);
  const loop = { kind: 'loop' as const, slot, range, step, end: 0, site, scope: place.scope };
  compiler.emit(loop);
  const scope = new Scope(place.scope);
  const info = define(compiler, 'loop', { ...place, scope }, statement.name, place.file.slice(site.span));
  const { name } = statement;
  const value = new Typed(name, place.file, range.kind, undefined, (environment) => environment.slot(slot));
  scope.set(statement.name.text, { kind: 'value', info, value: tracked(value, compiler) });
  compileBlock(compiler, statement.block.body, { ...place, scope });
  compiler.emit({ kind: 'next', loop: at, site, scope });
  loop.end = compiler.instructions.length;
}

function compileWhen(compiler: Compiler, statement: WhenStmt, place: Place): void {
  const context = contextOf(compiler, place);
  const words = { cca: 1, snp: 2, tdx: 3, pkvm: 4 };
  const platform = { platform: words.cca, page: 4096, granule: 4096 };
  const condition = resolve(statement.condition, { ...context, words: { ...words, ...platform } });
  if (condition.kind === 'unknown') return;
  if (typeof condition.constant !== 'boolean') {
    context.problems.error(
      'CCS212',
      place.file,
      statement.condition,
      'when tests header values alone, as in platform == cca',
    );
  } else if (condition.constant) {
    compileBlock(compiler, statement.block.body, { ...place, scope: new Scope(place.scope) });
  }
}

function compileInject(compiler: Compiler, statement: InjectStmt, place: Place): void {
  const { problems } = compiler;
  const { file } = place;
  const operation = INJECTABLE.get(statement.op.text);
  if (!operation) return unknownOperation(compiler, statement.op, place);
  const expected = resolveExpected(statement.results, operation, contextOf(compiler, place));
  const [result] = expected.alternatives;
  const nth = Number(statement.nth.value);
  if (nth < 1) return problems.error('CCS204', file, statement.nth, 'calls are counted from 1');
  // A result that the operation never has was told already.
  if (result === undefined) return;
  if (expected.alternatives.length !== 1 || result.kind === 'any') {
    return problems.error('CCS207', file, statement.results, 'an injected fault has exactly one result');
  }
  const arg = result.kind === 'name' ? result.arg?.constant : undefined;
  const code =
    result.kind === 'code'
      ? Number(result.code)
      : operation.form.code(result.name, arg === undefined ? undefined : Number(arg));
  if (code === undefined) return;
  const site = compiler.site(file, statement, place.caller);
  compiler.emit({ kind: 'inject', operation, row: compiler.injections++, nth, code, site, scope: place.scope });
}

function unknownOperation(compiler: Compiler, name: Call['callee'], { file, scope }: Place): void {
  if (name.text === '') return;
  const near = nearest(name.text, [...OPERATIONS.keys(), ...scope.all()]);
  compiler.problems.error('CCS200', file, name, `no operation is called ${name.text}${did(near)}`, {
    fixes: near.map((found) => ({ title: `Replace by ${found}`, edits: [{ file, span: name, text: found }] })),
  });
}

function compileOp(compiler: Compiler, statement: OpStmt, place: Place): void {
  const { callee } = statement.call;
  const binding = place.scope.get(callee.text);
  if (binding?.kind === 'def') {
    refer(binding, place.file, callee, place.scope);
    return callSequence(compiler, statement, binding.def, binding.file, place);
  }
  const operation = OPERATIONS.get(callee.text);
  if (!operation) return unknownOperation(compiler, callee, place);
  compileCall(compiler, statement, overload(operation, statement.call, contextOf(compiler, place)), place);
}

/** A `def` unfolds where it is called; the names it makes stay visible there. */
function callSequence(compiler: Compiler, statement: OpStmt, def: DefStmt, file: SourceFile, place: Place): void {
  const { call, results, binds } = statement;
  const refuse = (message: string) => compiler.problems.error('CCS202', place.file, call, message);
  if (results ?? binds) return refuse(`${def.name.text} is a sequence: it has no result`);
  if (call.args.length !== def.params.length) {
    return refuse(
      `${def.name.text}(${def.params.map((param) => param.text).join(', ')}) takes ${count(def.params.length, 'argument')}`,
    );
  }
  const site = compiler.site(place.file, call, place.caller);
  let depth = 1;
  for (let caller = place.caller; caller; caller = caller.site.caller) {
    if (caller.name === def.name.text) {
      return compiler.problems.error('CCS206', place.file, call, `${def.name.text} calls itself`);
    }
    depth++;
  }
  if (depth > LIMITS.callDepth) return refuse(`sequences are called more than ${LIMITS.callDepth} deep`);
  const caller = { name: def.name.text, site };
  const scope = new Scope(place.scope);
  def.params.forEach((param, i) => {
    const arg = call.args[i];
    if (!arg) return;
    const value = resolve(arg.value, contextOf(compiler, place));
    const info = compiler.names.define('parameter', file, param, `parameter ${param.text} of ${def.name.text}`);
    scope.set(param.text, { kind: 'value', info, value: tracked(value, compiler) });
  });
  const enter = { kind: 'enter' as const, name: def.name.text, end: 0, site, scope: place.scope };
  compiler.emit(enter);
  compileBlock(compiler, def.block.body, { file, scope: new SequenceScope(scope, place.scope), caller });
  enter.end = compiler.instructions.length;
}

/** Sees the parameters, and leaves new names with the caller. */
class SequenceScope extends Scope {
  private readonly outer: Scope;

  constructor(parameters: Scope, outer: Scope) {
    super(parameters);
    this.outer = outer;
  }

  override set(name: string, binding: Parameters<Scope['set']>[1]): void {
    super.set(name, binding);
    this.outer.set(name, binding);
  }
}

/** What `expect` demands; `undefined` after an error. */
export function resolveCondition(expr: Expr, context: Context): Condition | undefined {
  if (expr.kind === 'is') {
    const test = resolveStates(expr, context);
    return test && { kind: 'is', ...test, text: context.file.slice(expr) };
  }
  const value = resolve(expr, context);
  if (value.kind === 'unknown') return undefined;
  if (value.constant !== undefined && !isFault(value.constant) && typeof value.constant !== 'boolean') {
    context.problems.error('CCS204', context.file, expr, 'expect takes something that is true or false');
    return undefined;
  }
  const sides = expr.kind === 'binary' ? [expr.left, expr.right].map((side) => resolve(side, context)) : [];
  return { kind: 'true', value, sides };
}
