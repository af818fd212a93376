// What compiling gathers, and how it goes back to where a statement began.
import { type Parsed, parse, type Span, type Stmt } from '../../../grammar/src/index.ts';
import { includePath, LIMITS } from './limits.ts';
import { DEFAULT_MODEL, type Models } from './models.ts';
import { Names } from './names.ts';
import { Problems } from './problem.ts';
import type { Instruction } from './program.ts';
import { Scope } from './scope.ts';
import { type Caller, type Resolver, type Site, SourceFile } from './source.ts';
import { compileBlock, compileStatement } from './statements.ts';
import { type Note, Trail, takeBack, type Undo } from './trail.ts';

/** Everything that compiling gathers. Compiling a text twice gives the same program. */
export class Compiler {
  readonly problems: Problems = new Problems();
  readonly trail: Trail = new Trail();
  readonly names: Names = new Names(this.trail);
  /** Of the file itself: the names that its statements see. */
  readonly scope: Scope = new Scope(undefined, this.trail);
  readonly instructions: Instruction[] = [];
  readonly files: SourceFile[] = [];
  slots = 0;
  injections = 0;
  models: Models = { rmm: DEFAULT_MODEL, linux: undefined, names: [DEFAULT_MODEL] };
  resolver: Resolver;
  /** The files that were asked for, and what came; `undefined` where nothing could be read. */
  private readonly asked = new Map<string, string | undefined>();
  private readonly including: string[] = [];
  /** Of included files: one that is included again defines the same names. */
  private readonly trees = new WeakMap<SourceFile, Parsed>();

  constructor(resolver: Resolver) {
    this.resolver = resolver;
  }

  /** Where instructions that come from `span` stand. */
  site(file: SourceFile, span: Span, caller: Caller | undefined): Site {
    return caller ? { file, span, caller } : { file, span };
  }

  /** Adds an instruction, up to the limit, and says whether there was room. */
  emit(instruction: Instruction): boolean {
    if (this.instructions.length === LIMITS.instructions) {
      const { file, span } = instruction.site;
      this.problems.error('CCS209', file, span, `the sequences unfold to more than ${LIMITS.instructions} statements`);
    }
    return this.instructions.push(instruction) <= LIMITS.instructions;
  }

  /** Reads a file's `let`s and `def`s into `scope`. */
  include(path: { readonly value: string } & Span, from: SourceFile, scope: Scope): void {
    const target = includePath(from.path, path.value);
    const refuse = (why: string) => this.problems.error('CCS208', from, path, why);
    if (target === undefined) return refuse(`"${path.value}" lies outside the folder of the scenario`);
    if (this.including.includes(target) || target === this.files[0]?.path)
      return refuse(`"${path.value}" includes itself`);
    if (this.including.length >= LIMITS.includeDepth) {
      return refuse(`files are included more than ${LIMITS.includeDepth} deep`);
    }
    const loaded = this.resolver(target);
    this.asked.set(target, 'text' in loaded ? loaded.text : undefined);
    if ('problem' in loaded) return refuse(`"${path.value}" cannot be read: ${loaded.problem}`);
    const known = this.files.find((file) => file.path === target);
    const file = known ?? new SourceFile(target, loaded.text);
    const parsed = this.trees.get(file) ?? parse(loaded.text);
    if (!known) {
      this.trees.set(file, parsed);
      this.files.push(file);
      this.addSyntaxProblems(parsed, file);
    }
    this.including.push(target);
    compileBlock(
      this,
      parsed.file.statements.filter((stmt) => this.mayBeIncluded(stmt, file)),
      { file, scope },
    );
    this.including.pop();
  }

  addSyntaxProblems({ problems }: Parsed, file: SourceFile): void {
    for (const { code, message, start, end } of problems) this.problems.error(code, file, { start, end }, message);
  }

  private mayBeIncluded(stmt: Stmt, file: SourceFile): boolean {
    if (stmt.kind === 'let' || stmt.kind === 'def' || stmt.kind === 'include') return true;
    this.problems.error('CCS212', file, stmt, 'an included file holds let, def and include only; this is not run');
    return false;
  }

  /** Whether every file that was asked for is still what it was. */
  foundAlike(resolver: Resolver): boolean {
    return [...this.asked].every(([target, text]) => {
      const loaded = resolver(target);
      return text === ('text' in loaded ? loaded.text : undefined);
    });
  }

  /** How far compiling has come, to go back to. */
  mark(): Mark {
    const { instructions, slots, injections, problems, files, trail, scope } = this;
    return {
      instructions: instructions.length,
      slots,
      injections,
      problems: problems.all.length,
      files: files.length,
      trail: trail.length,
      bindings: scope.bindings,
      notes: [],
    };
  }

  /** Takes back all that was compiled since a mark, and returns the instructions. */
  backTo(mark: Mark): readonly Instruction[] {
    const cut = this.cut(mark);
    this.takeBack(cut);
    return cut.instructions;
  }

  /** Takes back what was cut off. */
  takeBack({ trail, bindings }: Cut): void {
    this.scope.bindings += bindings;
    takeBack(trail);
  }

  /** Takes off what was compiled since a mark, without taking it back: names stay bound. */
  cut(mark: Mark): Cut {
    const cut = {
      instructions: this.instructions.splice(mark.instructions),
      files: this.files.splice(mark.files),
      trail: this.trail.cut(mark.trail),
      slots: this.slots,
      injections: this.injections,
      bindings: this.scope.bindings - mark.bindings,
    };
    this.scope.bindings = mark.bindings;
    this.problems.all.length = mark.problems;
    [this.slots, this.injections] = [mark.slots, mark.injections];
    return cut;
  }

  /** Puts on again what was cut off. */
  join({ instructions, files, trail, slots, injections, bindings }: Cut): void {
    this.scope.bindings += bindings;
    for (const instruction of instructions) this.instructions.push(instruction);
    this.files.push(...files);
    this.trail.join(trail);
    this.slots = slots;
    this.injections = injections;
  }
}

interface Cut {
  readonly instructions: Instruction[];
  readonly files: SourceFile[];
  readonly trail: Undo[];
  readonly slots: number;
  readonly injections: number;
  readonly bindings: number;
}

/** How much of everything there was when a statement began. */
export interface Mark {
  readonly instructions: number;
  readonly slots: number;
  readonly injections: number;
  readonly problems: number;
  readonly files: number;
  readonly trail: number;
  /** How often the file bound a name. */
  readonly bindings: number;
  /** What the statement behind it used names of others as. */
  notes: readonly Note[];
}

/** Compiles the statements between two; the marks before each of them and behind the last. */
export function compileFrom(compiler: Compiler, { file }: Parsed, first: number, end?: number): Mark[] {
  const place = { file: compiler.files[0] as SourceFile, scope: compiler.scope };
  const marks: Mark[] = [];
  for (const statement of file.statements.slice(first, end)) {
    const mark = compiler.mark();
    marks.push(mark);
    compiler.trail.statement = statement;
    compiler.trail.notes = [];
    if (compiler.instructions.length <= LIMITS.instructions) compileStatement(compiler, statement, place);
    mark.notes = compiler.trail.notes;
  }
  marks.push(compiler.mark());
  return marks;
}
