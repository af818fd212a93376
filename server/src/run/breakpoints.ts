// Breakpoints: places of a program at which a movement stops, and things whose changes stop it, with a condition or a count
// where one is set.
import { ask, type Instruction, type Program, type Question } from '../scenario/index.ts';
import type { Timeline } from './timeline.ts';

/**
 * Which executed moments changed one thing. Behind what is executed there may be more, and a moment may turn out to be one
 * only later: the frame that a page gets is taken before it is the page's.
 */
export interface Changes {
  /** How many moments changed it up to and including this one. */
  count(moment: number): number;
  /** The moment of the nth change, from 1. */
  moment(nth: number): number;
  /** `A: granule UNDELEGATED -> DELEGATED`; the run is left where it is. */
  text(moment: number): string;
  /** Why there is nothing to watch yet. */
  readonly missing: string | undefined;
}

/** What a user asks for: a line of a file, the name of an operation or a `def`, or something that changes. */
export interface Wanted {
  /** Kept as it is; numbered when left out. */
  readonly id?: number;
  readonly place:
    | { readonly path: string; readonly line: number }
    | { readonly name: string }
    | { readonly data: string };
  /** An expression of the language that must be true. */
  readonly condition?: string;
  /** `5`: at the fifth arrival or change; also `> 5`, `>= 5`, `== 5` and `% 5`. */
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
  problem: string | undefined;
  readonly changes: Changes | undefined;
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
  private watching: Armed[] = [];
  private nextId = 1;
  /** Grows whenever others are set. */
  version = 0;
  private readonly changesOf: (data: string) => Changes | undefined;

  /** `changesOf` knows what `data` of a wanted place stands for. */
  constructor(timeline: Timeline, changesOf: (data: string) => Changes | undefined = () => undefined) {
    this.timeline = timeline;
    this.changesOf = changesOf;
  }

  /** Replaces the breakpoints of a group (one file, all names, or all data of a kind). */
  set(group: string, wanted: readonly Wanted[]): readonly Breakpoint[] {
    const armed = wanted.map((one) => this.arm(one));
    this.groups.set(group, armed);
    this.version++;
    this.byPc = new Map();
    const all = [...this.groups.values()].flat();
    this.watching = all.filter(({ changes, problem }) => changes && problem === changes.missing);
    for (const breakpoint of all) {
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

  /** Something that changes stops a movement. */
  get isWatching(): boolean {
    return this.watching.length > 0;
  }

  /** Any is set that may stop a movement. */
  get isSet(): boolean {
    return this.byPc.size > 0 || this.isWatching;
  }

  /** Those that stop right after an executed moment because of what it changed. */
  changedAt(moment: number): readonly Breakpoint[] {
    return this.watching.filter((one) => {
      const nth = one.changes?.count(moment) ?? 0;
      return nth > 0 && one.changes?.moment(nth) === moment && this.stopsAtChange(one, nth, moment);
    });
  }

  /** What such a moment changed, in a line. */
  changesAt(moment: number): string {
    const ids = new Set(this.changedAt(moment).map(({ id }) => id));
    const hit = this.watching.filter(({ id }) => ids.has(id));
    return [...new Set(hit.map(({ changes }) => changes?.text(moment) ?? ''))].join('; ');
  }

  /** The first such moment behind `from`, up to and including `to`, which is executed. */
  firstChange(from: number, to: number): number | undefined {
    const found = this.watching.flatMap((one) => this.changeIn(one, from, to, 1) ?? []);
    return found.length > 0 ? Math.min(...found) : undefined;
  }

  /** The last one. */
  lastChange(from: number, to: number): number | undefined {
    const found = this.watching.flatMap((one) => this.changeIn(one, from, to, -1) ?? []);
    return found.length > 0 ? Math.max(...found) : undefined;
  }

  /** Those that were set before there was anything to watch, and watch it now; each is told once. */
  found(): readonly Breakpoint[] {
    const found = this.watching.filter(({ problem, changes }) => problem !== undefined && !changes?.missing);
    for (const one of found) one.problem = undefined;
    return found;
  }

  private changeIn(one: Armed, from: number, to: number, direction: 1 | -1): number | undefined {
    const { changes } = one;
    if (!changes) return undefined;
    const last = changes.count(to);
    const first = changes.count(from) + 1;
    for (let nth = direction > 0 ? first : last; nth >= first && nth <= last; nth += direction) {
      const moment = changes.moment(nth);
      if (this.stopsAtChange(one, nth, moment)) return moment;
    }
    return undefined;
  }

  private stopsAtChange(one: Armed, nth: number, moment: number): boolean {
    if (one.counts && !one.counts(nth)) return false;
    return this.holds(one, this.timeline.run.log.instruction(moment), moment);
  }

  private stops(breakpoint: Armed, pc: number, moment: number): boolean {
    if (breakpoint.counts && !breakpoint.counts(this.arrival(breakpoint, moment))) return false;
    return this.holds(breakpoint, pc, moment);
  }

  /** Whether its condition does, with the names that a statement sees; goes to the moment to try it. */
  private holds(breakpoint: Armed, pc: number, moment: number): boolean {
    const { run } = this.timeline;
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
    const changes = 'data' in place ? this.changesOf(place.data) : undefined;
    const found = foundIn(program, place, changes);
    const sees = changes ? withScopes(program) : program.instructions.filter((_, pc) => found.pcs.has(pc)).slice(0, 1);
    const compiled = condition === undefined ? undefined : firstThatReads(condition, sees);
    const wrongHits =
      hits !== undefined && counts === undefined ? `"${hits}" is no count: write 5, >= 5 or % 5` : undefined;
    const problem = found.problem ?? wrongHits ?? (compiled && 'problem' in compiled ? compiled.problem : undefined);
    const common = { id, condition, counts, problem, changes, conditions: new Map(), arrivals: [], searched: 0 };
    return { ...common, line: found.line, pcs: found.pcs };
  }
}

interface Found {
  readonly pcs: ReadonlySet<number>;
  readonly line: number | undefined;
  readonly problem: string | undefined;
}

/** An instruction for each set of names that some statement sees, those at the end of the text first. */
const withScopes = ({ instructions }: Program): Instruction[] =>
  [...new Map(instructions.map((one) => [one.scope, one])).values()].reverse();

/** A condition with the names of the first instruction for which it means something. */
function firstThatReads(condition: string, instructions: readonly Instruction[]): ReturnType<typeof ask> | undefined {
  let first: ReturnType<typeof ask> | undefined;
  for (const instruction of instructions) {
    const read = ask(condition, instruction);
    first ??= read;
    if (!('problem' in read)) return read;
  }
  return first;
}

function foundIn(program: Program, place: Wanted['place'], changes: Changes | undefined): Found {
  if ('path' in place) return onLine(program, place.path, place.line);
  if ('name' in place) return named(program, place.name);
  return { pcs: new Set(), line: undefined, problem: changes ? changes.missing : `${place.data} is no place` };
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
