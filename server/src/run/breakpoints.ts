// Breakpoints: places of a program at which a movement stops, with a condition or a count of arrivals where one is set.
import { ask, type Instruction, type Program, type Question } from '../scenario/index.ts';
import type { Timeline } from './timeline.ts';

/** What a user asks for: a line of a file, or the name of an operation or a `def`. */
export interface Wanted {
  /** Kept as it is; numbered when left out. */
  readonly id?: number;
  readonly place: { readonly path: string; readonly line: number } | { readonly name: string };
  /** An expression of the language that must be true. */
  readonly condition?: string;
  /** `5`: at the fifth arrival; also `> 5`, `>= 5`, `== 5` and `% 5`. */
  readonly hits?: string;
}

export interface Breakpoint {
  readonly id: number;
  /** Of a line: the one where it stands, which may be below the wanted one. */
  readonly line: number | undefined;
  /** Why it can never stop; `undefined` when it is in place. */
  readonly problem: string | undefined;
}

interface Armed extends Breakpoint {
  readonly pcs: ReadonlySet<number>;
  readonly condition: string | undefined;
  readonly conditions: Map<number, Question>;
  readonly counts: ((arrival: number) => boolean) | undefined;
  /** Executed moments at which the statement begins, as far as they were looked through. */
  readonly arrivals: number[];
  searched: number;
}

export class Breakpoints {
  private readonly timeline: Timeline;
  private readonly groups = new Map<string, readonly Armed[]>();
  private byPc = new Map<number, Armed[]>();
  private nextId = 1;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  /** Replaces the breakpoints of a group (one file, or all names). */
  set(group: string, wanted: readonly Wanted[]): readonly Breakpoint[] {
    const armed = wanted.map((one) => this.arm(one));
    this.groups.set(group, armed);
    this.byPc = new Map();
    for (const breakpoint of [...this.groups.values()].flat()) {
      if (breakpoint.problem !== undefined) continue;
      for (const pc of breakpoint.pcs) this.byPc.set(pc, [...(this.byPc.get(pc) ?? []), breakpoint]);
    }
    return armed;
  }

  /** Those that stop at an executed moment, where a statement begins; goes there to try a condition. */
  at(moment: number): readonly Breakpoint[] {
    if (this.byPc.size === 0 || !this.timeline.begins(moment)) return [];
    const pc = this.timeline.pcAt(moment);
    const found = pc === undefined ? undefined : this.byPc.get(pc);
    return found && pc !== undefined ? found.filter((one) => this.stops(one, pc, moment)) : [];
  }

  private stops(breakpoint: Armed, pc: number, moment: number): boolean {
    const { run } = this.timeline;
    if (breakpoint.counts && !breakpoint.counts(this.arrival(breakpoint, moment))) return false;
    if (breakpoint.condition === undefined) return true;
    const known = breakpoint.conditions.get(pc);
    const compiled = known ?? ask(breakpoint.condition, run.program.instructions[pc]);
    if ('problem' in compiled) return false;
    if (!known) breakpoint.conditions.set(pc, compiled);
    run.seek(moment);
    return run.answer(compiled) === true;
  }

  /** The how manieth arrival this is, from 1. */
  private arrival(breakpoint: Armed, moment: number): number {
    const { timeline } = this;
    for (; breakpoint.searched <= moment; breakpoint.searched++) {
      const pc = timeline.pcAt(breakpoint.searched);
      const arrives = pc !== undefined && breakpoint.pcs.has(pc) && timeline.begins(breakpoint.searched);
      if (arrives) breakpoint.arrivals.push(breakpoint.searched);
    }
    return breakpoint.arrivals.findLastIndex((arrival) => arrival <= moment) + 1;
  }

  private arm({ id = this.nextId++, place, condition, hits }: Wanted): Armed {
    const { program } = this.timeline.run;
    const counts = hits === undefined ? undefined : hitRule(hits);
    const found = 'name' in place ? named(program, place.name) : onLine(program, place.path, place.line);
    const at = program.instructions[[...found.pcs][0] ?? -1];
    const compiled = condition === undefined || at === undefined ? undefined : ask(condition, at);
    const wrongHits =
      hits !== undefined && counts === undefined ? `"${hits}" is no count: write 5, >= 5 or % 5` : undefined;
    const problem = found.problem ?? wrongHits ?? (compiled && 'problem' in compiled ? compiled.problem : undefined);
    const common = { id, condition, counts, problem, conditions: new Map(), arrivals: [], searched: 0 };
    return { ...common, line: found.line, pcs: found.pcs };
  }
}

interface Found {
  readonly pcs: ReadonlySet<number>;
  readonly line: number | undefined;
  readonly problem: string | undefined;
}

/** The first line from `line` on where a statement begins. A sequence's line stands once for every call of it. */
function onLine({ instructions }: Program, path: string, line: number): Found {
  let best = Number.POSITIVE_INFINITY;
  for (const instruction of instructions) {
    const at = lineOf(instruction, path);
    if (at !== undefined && at >= line && at < best) best = at;
  }
  const pcs = new Set(instructions.flatMap((instruction, pc) => (lineOf(instruction, path) === best ? [pc] : [])));
  if (pcs.size > 0) return { pcs, line: best, problem: undefined };
  return { pcs, line: undefined, problem: 'no statement that is executed stands on this line or below' };
}

function lineOf({ kind, site }: Instruction, path: string): number | undefined {
  return STATEMENTS.has(kind) && site.file.path === path ? site.file.line(site.span.start) : undefined;
}

/** Instructions that begin a statement; the others are how it goes on. */
const STATEMENTS: ReadonlySet<Instruction['kind']> = new Set(['call', 'expect', 'inject', 'loop', 'enter']);

/** The lines of a file where a breakpoint may stand, from `from` to `to`. */
export function breakpointLines({ instructions }: Program, path: string, from: number, to: number): number[] {
  const lines = instructions.map((instruction) => lineOf(instruction, path));
  const inside = lines.filter((line): line is number => line !== undefined && line >= from && line <= to);
  return [...new Set(inside)].sort((a, b) => a - b);
}

function named({ instructions }: Program, name: string): Found {
  const isMeant = (instruction: Instruction) =>
    (instruction.kind === 'call' && instruction.operation.name === name) ||
    (instruction.kind === 'enter' && instruction.name === name);
  const pcs = new Set(instructions.flatMap((instruction, pc) => (isMeant(instruction) ? [pc] : [])));
  const problem = pcs.size > 0 ? undefined : `the scenario never calls ${name}`;
  return { pcs, line: undefined, problem };
}

/** Which arrivals a written count means. */
function hitRule(text: string): ((arrival: number) => boolean) | undefined {
  const [, operator = '==', digits = ''] = /^\s*(==|=|>=|>|%)?\s*(\d{1,15})\s*$/.exec(text) ?? [];
  const count = Number(digits);
  if (digits === '' || count === 0) return undefined;
  switch (operator) {
    case '>':
      return (arrival) => arrival > count;
    case '>=':
      return (arrival) => arrival >= count;
    case '%':
      return (arrival) => arrival % count === 0;
    default:
      return (arrival) => arrival === count;
  }
}
