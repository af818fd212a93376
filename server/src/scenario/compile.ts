// From a parsed file to a program: headers, includes, and the statements laid out flat.
import { type File, type Header, type Parsed, parse, type Span, type Stmt } from '../../../grammar/src/index.ts';
import type { MachineOptions } from '../emulator/index.ts';
import { allowedOf } from './allowed.ts';
import { resolve } from './expression.ts';
import { includePath, LIMITS } from './limits.ts';
import { checkPlatforms, DEFAULT_MODEL, type Models, pinnedModels } from './models.ts';
import { Names } from './names.ts';
import { Problems, withoutEchoes } from './problem.ts';
import type { Instruction, Program } from './program.ts';
import { Scope } from './scope.ts';
import { type Caller, type Resolver, type Site, SourceFile } from './source.ts';
import { compileBlock } from './statements.ts';
import { isRange } from './value.ts';

/** Everything that compiling gathers. Compiling a text twice gives the same program. */
export class Compiler {
  readonly problems: Problems = new Problems();
  readonly names: Names = new Names();
  readonly instructions: Instruction[] = [];
  readonly files: SourceFile[] = [];
  slots = 0;
  injections = 0;
  models: Models = { rmm: DEFAULT_MODEL, linux: undefined };
  private readonly resolver: Resolver;
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
}

/** Compiles a scenario. Never throws; what is wrong is in the program's problems, and the rest still runs. */
export function compile(path: string, text: string, resolver: Resolver): Program {
  const compiler = new Compiler(resolver);
  const file = new SourceFile(path, text);
  compiler.files.push(file);
  const parsed = parse(text);
  compiler.addSyntaxProblems(parsed, file);
  const machine = machineOptions(compiler, parsed.file, file);
  compileBlock(compiler, parsed.file.statements, { file, scope: new Scope() });
  const xfail = parsed.file.headers.find((header) => header.kind === 'xfail');
  return {
    main: file,
    files: compiler.files,
    tree: parsed.file,
    title: parsed.file.scenario?.value ?? path,
    description: parsed.file.description,
    machine,
    instructions: compiler.instructions,
    slots: compiler.slots,
    injections: compiler.injections,
    xfail: xfail?.kind === 'xfail' ? (xfail.values[0]?.value ?? '') : undefined,
    allowed: allowedOf(parsed.file.headers, file, compiler.problems),
    problems: withoutEchoes(compiler.problems.all),
    names: compiler.names.all,
  };
}

function machineOptions(compiler: Compiler, { headers }: File, file: SourceFile): MachineOptions {
  const { problems } = compiler;
  const platforms = checkPlatforms(headers, file, problems);
  for (const header of headers) checkHeader(header, file, problems);
  const dram = dramOf(headers, file, problems);
  compiler.models = pinnedModels(headers, file, problems);
  const { rmm, linux: profile } = compiler.models;
  const page = headers.find((header) => header.kind === 'page');
  const pageSize = page?.kind === 'page' ? Number(page.size.value) : 4096;
  const arch = platforms.includes('cca') || profile?.includes('cca') ? 'arm64' : 'x86';
  const line = headers.find((header) => header.kind === 'nodes');
  const nodes = Math.min(Math.max(1, line?.kind === 'nodes' ? Number(line.size.value) : 1), MOST_NODES);
  return { rmm, ...(dram && { dram }), linux: { arch, pageSize, nodes, ...(profile !== undefined && { profile }) } };
}

/** NUMA nodes of a machine: a policy's nodes are bits of a number. */
const MOST_NODES = 16;
const PAGE_SIZES: readonly (number | bigint)[] = [4096, 16384, 65536];

function checkHeader(header: Header, file: SourceFile, problems: Problems): void {
  if (header.kind === 'matrix') {
    problems.error('CCS605', file, header, 'matrix is not run yet: this version makes one run of a file');
  } else if (header.kind === 'page' && !PAGE_SIZES.includes(header.size.value)) {
    problems.error('CCS604', file, header.size, 'pages of the host are 4K, 16K or 64K');
  } else if (header.kind === 'nodes' && (header.size.value < 1 || header.size.value > MOST_NODES)) {
    problems.error('CCS604', file, header.size, `a machine has 1 to ${MOST_NODES} NUMA nodes`);
  } else if (header.kind === 'granule' && header.size.value !== 4096) {
    problems.error('CCS604', file, header.size, 'RMM 1.0 has granules of 4K only');
  }
}

/** The DRAM that a `memory` header gives the machine. */
function dramOf(headers: readonly Header[], file: SourceFile, problems: Problems): MachineOptions['dram'] {
  const header = headers.find((candidate) => candidate.kind === 'memory');
  if (header?.kind !== 'memory') return undefined;
  const { constant: value } = resolve(header.range, { file, problems, scope: new Scope() });
  // What is no range was reported with the header's syntax.
  if (value === undefined || !isRange(value)) return undefined;
  if (value.base % 4096 !== 0 || value.length % 4096 !== 0 || value.length === 0 || value.length > LIMITS.dram) {
    problems.error('CCS205', file, header.range, 'memory is made of whole 4K pages, at least one and at most 16G');
    return undefined;
  }
  return { base: value.base, size: value.length };
}
