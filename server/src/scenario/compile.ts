// From a parsed file to a program: headers, includes, and the statements laid out flat. After an edit, from the first
// statement on that it touched.
import { type Parsed, parse } from '../../../grammar/src/index.ts';
import { allowedOf } from './allowed.ts';
import { Compiler, compileFrom, type Mark } from './compiler.ts';
import { machineOptions } from './head.ts';
import { LIMITS } from './limits.ts';
import { checkPlatforms } from './models.ts';
import { MOST_PROBLEMS, type Problem, withoutEchoes } from './problem.ts';
import type { Program } from './program.ts';
import { recompiled } from './recompile.ts';
import { type Resolver, SourceFile } from './source.ts';

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
  const platforms = checkPlatforms(headers, main, compiler.problems);
  const machine = machineOptions(compiler, parsed.file, main, platforms);
  const allowed = allowedOf(headers, main, compiler.problems);
  const xfail = headers.find((header) => header.kind === 'xfail');
  return programOf(
    { compiler, parsed, marks: compileFrom(compiler, parsed, 0) },
    {
      main,
      title: scenario?.value ?? path,
      description,
      machine,
      models: compiler.models.names,
      platforms: [...new Set(platforms)],
      xfail: xfail?.kind === 'xfail' ? (xfail.values[0]?.value ?? '') : undefined,
      allowed,
      continues: undefined,
    },
  );
}

/** What an edit left. `undefined` if that is nothing, or the rest cannot be trusted. */
function recompile(parsed: Parsed, resolver: Resolver, before: Program): Program | undefined {
  const { compiler, marks } = before.compiled;
  const first = marks[parsed.kept.before];
  const isCut = compiler.problems.all.length >= MOST_PROBLEMS || compiler.instructions.length > LIMITS.instructions;
  if (parsed.kept.before === 0 || !first || isCut || !compiler.foundAlike(resolver)) return undefined;
  compiler.resolver = resolver;
  before.main.edit(parsed.text);
  const { made, rest } = recompiled(before.compiled, parsed, first);
  const kept = marks.slice(0, parsed.kept.before);
  const continues = { from: first.instructions, rest };
  const { main, title, description, machine, models, platforms, xfail, allowed } = before;
  const head = { main, title, description, machine, models, platforms, xfail, allowed, continues };
  return programOf({ compiler, parsed, marks: [...kept, ...made] }, head);
}

type Head = Pick<
  Program,
  'main' | 'title' | 'description' | 'machine' | 'models' | 'platforms' | 'xfail' | 'allowed' | 'continues'
>;

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
    // An edit that nobody asks for names after does not put them in order.
    get names() {
      return compiler.names.all(compiler.files);
    },
    compiled,
  };
}
