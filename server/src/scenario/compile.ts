// From a parsed file to a program: headers, includes, and the statements laid out flat. After an edit, from the first
// statement on that it touched.
import { type Parsed, parse } from '../../../grammar/src/index.ts';
import { allowedOf } from './allowed.ts';
import { Compiler, type Mark } from './compiler.ts';
import { machineOptions } from './head.ts';
import { LIMITS } from './limits.ts';
import { MOST_PROBLEMS, type Problem, withoutEchoes } from './problem.ts';
import type { Continuation, Instruction, Program } from './program.ts';
import { type Resolver, SourceFile } from './source.ts';
import { compileStatement } from './statements.ts';

/** What compiling an edited text begins with. */
export interface Compiled {
  readonly compiler: Compiler;
  readonly parsed: Parsed;
  /** For each statement of the file, and behind the last one. */
  readonly marks: readonly Mark[];
}

/**
 * Compiles a scenario. Never throws; what is wrong is in the program's problems, and the rest still runs.
 *
 * `before` is the program of the text before an edit. It is used up; the new one is the same as without it.
 */
export function compile(path: string, text: string, resolver: Resolver, before?: Program): Program {
  const parsed = parse(text, before?.compiled.parsed);
  return (before && recompile(parsed, resolver, before)) ?? compileWhole(path, parsed, resolver);
}

function compileWhole(path: string, parsed: Parsed, resolver: Resolver): Program {
  const compiler = new Compiler(resolver);
  const { headers, scenario, description } = parsed.file;
  const main = new SourceFile(path, parsed.text);
  compiler.files.push(main);
  const machine = machineOptions(compiler, parsed.file, main);
  const allowed = allowedOf(headers, main, compiler.problems);
  const xfail = headers.find((header) => header.kind === 'xfail');
  return programOf(
    { compiler, parsed, marks: compileFrom(compiler, parsed, 0) },
    {
      main,
      title: scenario?.value ?? path,
      description,
      machine,
      xfail: xfail?.kind === 'xfail' ? (xfail.values[0]?.value ?? '') : undefined,
      allowed,
      continues: undefined,
    },
  );
}

/** From the first statement on that the edit touched. `undefined` if that is the first, or the rest cannot be trusted. */
function recompile(parsed: Parsed, resolver: Resolver, before: Program): Program | undefined {
  const { compiler, marks } = before.compiled;
  const first = marks[parsed.kept.before];
  const isCut = compiler.problems.all.length >= MOST_PROBLEMS || compiler.instructions.length > LIMITS.instructions;
  if (parsed.kept.before === 0 || !first || isCut || !compiler.foundAlike(resolver)) return undefined;
  const old = { marks, problems: compiler.problems.all.length, instructions: compiler.backTo(first) };
  compiler.resolver = resolver;
  before.main.edit(parsed.text);
  const compiled = {
    compiler,
    parsed,
    marks: [...marks.slice(0, parsed.kept.before), ...compileFrom(compiler, parsed, parsed.kept.before)],
  };
  const continues = { from: first.instructions, rest: restOf(compiled, old) };
  return programOf(compiled, { ...before, continues });
}

type Head = Pick<Program, 'main' | 'title' | 'description' | 'machine' | 'xfail' | 'allowed' | 'continues'>;

function programOf(compiled: Compiled, head: Head): Program {
  const { compiler, parsed } = compiled;
  const syntax = parsed.problems.map(
    ({ code, message, start, end }): Problem => ({
      code,
      severity: 'error',
      file: head.main,
      span: { start, end },
      message,
    }),
  );
  return {
    ...head,
    files: [...compiler.files],
    tree: parsed.file,
    instructions: compiler.instructions,
    slots: compiler.slots,
    injections: compiler.injections,
    problems: withoutEchoes([...syntax, ...compiler.problems.all].slice(0, MOST_PROBLEMS)),
    names: compiler.names.all,
    compiled,
  };
}

/** Compiles the statements from one on; the marks before each of them and behind the last. */
function compileFrom(compiler: Compiler, { file }: Parsed, first: number): Mark[] {
  const place = { file: compiler.files[0] as SourceFile, scope: compiler.scope };
  const marks: Mark[] = [];
  for (const statement of file.statements.slice(first)) {
    marks.push(compiler.mark());
    if (compiler.instructions.length <= LIMITS.instructions) compileStatement(compiler, statement, place);
  }
  marks.push(compiler.mark());
  return marks;
}

interface Old {
  readonly marks: readonly Mark[];
  readonly problems: number;
  /** From the first statement on that the edit touched. */
  readonly instructions: readonly Instruction[];
}

/**
 * The instructions behind the edit, if they are what they were: the edit left no name, no slot and no fault behind that was
 * not there before, and the same was wrong with the statements that follow.
 */
function restOf({ compiler, parsed, marks }: Compiled, old: Old): Continuation['rest'] {
  const { before, after } = parsed.kept;
  const [first, is, was] = [marks[before], marks.at(-1 - after), old.marks.at(-1 - after)];
  if (!first || !is || !was) return undefined;
  const isSame =
    is.bindings === first.bindings &&
    was.bindings === first.bindings &&
    is.slots === was.slots &&
    is.injections === was.injections &&
    compiler.problems.all.length - is.problems === old.problems - was.problems;
  if (!isSame) return undefined;
  const wasThere = old.instructions.slice(was.instructions - first.instructions);
  const isThere = compiler.instructions.slice(is.instructions);
  const alike = wasThere.length === isThere.length && wasThere.every((one, i) => isAlike(one, isThere[i]));
  return alike ? { from: was.instructions, to: is.instructions, was: wasThere } : undefined;
}

function isAlike(a: Instruction, b: Instruction | undefined): boolean {
  if (a.kind !== b?.kind) return false;
  return a.kind !== 'call' || (b.kind === 'call' && a.operation === b.operation && a.talk.length === b.talk.length);
}
