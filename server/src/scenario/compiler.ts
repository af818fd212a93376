// What compiling gathers, and how it goes back to where a statement began.
import { type Parsed, parse, type Span, type Stmt } from '../../../grammar/src/index.ts';
import { includePath, LIMITS } from './limits.ts';
import { DEFAULT_MODEL, type Models } from './models.ts';
import { Names } from './names.ts';
import { Problems } from './problem.ts';
import type { Instruction } from './program.ts';
import { Scope } from './scope.ts';
import { type Caller, type Resolver, type Site, SourceFile } from './source.ts';
import { compileBlock } from './statements.ts';
import { Trail } from './trail.ts';

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
  models: Models = { rmm: DEFAULT_MODEL, linux: undefined };
  resolver: Resolver;
  /** The files that were asked for, and what came; `undefined` where nothing could be read. */
  private readonly asked = new Map<string, string | undefined>();
  private readonly including: string[] = [];

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
    const parsed = parse(loaded.text);
    if (!known) {
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
    };
  }

  /** Takes back all that was compiled since a mark, and returns the instructions. */
  backTo(mark: Mark): Instruction[] {
    this.trail.backTo(mark.trail);
    this.slots = mark.slots;
    this.injections = mark.injections;
    this.problems.all.length = mark.problems;
    this.files.length = mark.files;
    return this.instructions.splice(mark.instructions);
  }
}

/** How much of everything there was when a statement began. */
export interface Mark {
  readonly instructions: number;
  readonly slots: number;
  readonly injections: number;
  readonly problems: number;
  readonly files: number;
  readonly trail: number;
  readonly bindings: number;
}
