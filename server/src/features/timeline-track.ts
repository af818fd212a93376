// What is known of every executed statement without going to it: who acted, how it ended, and which sequence it stands in.
import type { Run } from '../run/index.ts';
import type { Instruction, Program } from '../scenario/index.ts';
import type { Tally } from './timeline-model.ts';

/** How a step ended; `none` for a statement that takes no step. */
export const ENDINGS = ['none', 'ok', 'expected', 'unexpected'] as const;
export type Ending = (typeof ENDINGS)[number];
/** From here on they are failures. */
const FAILED = ENDINGS.indexOf('expected');

/** A sequence, a loop or a call in which others act, as it was run: the moments `from`, where it began, to `to`. */
export interface Section {
  readonly from: number;
  to: number;
  readonly pc: number;
  /** The kernel function, where it is one. */
  readonly flow?: string;
  /** Of the actor that it belongs to, and how many others of that lane it stands in. */
  readonly lane: number;
  readonly depth: number;
}

/** What the text says of each instruction. */
export interface Shape {
  readonly depths: Uint8Array;
  /** Actors that the text names. */
  readonly actors: readonly string[];
}

/** From the one who asks down to the one who runs inside; any other actor comes last. */
const ORDER = ['VMM', 'host', 'KVM', 'RMM', 'guest'];
const rankOf = (actor: string) => (ORDER.includes(actor) ? ORDER.indexOf(actor) : ORDER.length);

/** A call that the kernel carries out as a flow of steps. */
export const isFlow = (instruction: Instruction | undefined): boolean =>
  instruction?.kind === 'call' && 'flow' in instruction.operation;

/** For an instruction that others stand in: the index behind the last of them. */
export function endOfBlock(instruction: Instruction | undefined): number | undefined {
  if (instruction?.kind === 'enter' || instruction?.kind === 'loop') return instruction.end;
  return instruction?.kind === 'call' ? instruction.leave : undefined;
}

const shapes = new WeakMap<Program, Shape>();

export function shapeOf(program: Program): Shape {
  const known = shapes.get(program);
  if (known) return known;
  const { instructions } = program;
  const depths = new Uint8Array(instructions.length);
  const ends: number[] = [];
  for (const [pc, instruction] of instructions.entries()) {
    while ((ends.at(-1) ?? Number.POSITIVE_INFINITY) <= pc) ends.pop();
    depths[pc] = ends.length;
    const end = endOfBlock(instruction);
    if (end !== undefined) ends.push(end);
  }
  const shape = { depths, actors: actorsOf(instructions) };
  shapes.set(program, shape);
  return shape;
}

/** Those that act somewhere in the text, with the host and the guest around them. */
function actorsOf(instructions: readonly Instruction[]): string[] {
  const acting = instructions.flatMap((one) => (one.kind === 'call' ? [one.operation.actor] : []));
  const all = new Set(acting);
  if (!all.has('VMM')) all.add('host');
  if (instructions.some(isFlow)) all.add('KVM');
  all.add('guest');
  return [...all].sort((a, b) => rankOf(a) - rankOf(b));
}

/** Grows with the run; a moment is looked at once. */
export class Track {
  readonly shape: Shape;
  readonly sections: Section[] = [];
  /** All actors so far; the number of a lane is a place in this list, the first one's lane holds sequences and loops too. */
  readonly actors: string[];
  private readonly run: Run;
  private endings = new Uint8Array(1024);
  private lanes = new Uint8Array(1024);
  private readonly counts = ENDINGS.map(() => 0);
  private open: { readonly section: Section; readonly end: number }[] = [];
  /** Kernel functions on the stack, outermost first. */
  private frames: Section[] = [];
  private upto = 0;

  constructor(run: Run) {
    this.run = run;
    this.shape = shapeOf(run.program);
    this.actors = [...this.shape.actors];
  }

  /** The numbers of all lanes, in the order in which they stand. */
  get order(): number[] {
    return [...this.actors.keys()].sort((a, b) => rankOf(this.actors[a] ?? '') - rankOf(this.actors[b] ?? ''));
  }

  /** The lane of the actor of a step. */
  lane(moment: number): number {
    return this.lanes[moment] as number;
  }

  /** How many sequences, loops and kernel functions a statement or step stands in. */
  depth(moment: number): number {
    const { log } = this.run;
    const flow = log.flowAt(moment);
    return (this.shape.depths[log.instruction(moment)] ?? 0) + (flow ? 1 + flow.depth : 0);
  }

  ending(moment: number): Ending {
    return ENDINGS[this.endings[moment] ?? 0] ?? 'none';
  }

  /** The same as an index of `ENDINGS`. */
  endingNumber(moment: number): number {
    return this.endings[moment] as number;
  }

  get tally(): Tally {
    const [, ok = 0, expected = 0, unexpected = 0] = this.counts;
    return { ok, expected, unexpected };
  }

  /** The section that began in a moment. */
  sectionAt(moment: number): Section | undefined {
    const index = firstFrom(this.sections.length, (i) => (this.sections[i] as Section).from >= moment);
    const found = this.sections[index];
    return found?.from === moment ? found : undefined;
  }

  /** Looks at what was executed since the last time. */
  sync(): this {
    const { run, upto } = this;
    const { reached } = run;
    if (this.endings.length <= reached) {
      this.endings = grown(this.endings, reached + 1);
      this.lanes = grown(this.lanes, reached + 1);
    }
    for (let moment = upto + 1; moment <= reached; moment++) this.add(moment);
    this.upto = reached;
    return this;
  }

  private add(moment: number): void {
    const { log, program } = this.run;
    const pc = log.instruction(moment);
    const instruction = program.instructions[pc];
    const flow = log.flowAt(moment);
    const isOver = ({ section, end }: (typeof this.open)[number]) =>
      pc < section.pc || (pc === section.pc ? !flow : pc >= end);
    for (let top = this.open.at(-1); top && isOver(top); top = this.open.at(-1)) this.open.pop();
    for (const { section } of this.open) section.to = moment;
    const actor = flow ? (flow.command?.operation.actor ?? 'KVM') : undefined;
    const lane = this.laneOf(actor ?? (instruction?.kind === 'call' ? instruction.operation.actor : undefined));
    this.lanes[moment] = lane;
    this.addFrames(moment, pc);
    const end = endOfBlock(instruction) ?? (isFlow(instruction) ? pc + 1 : undefined);
    if (end !== undefined && !flow) {
      const depth = this.open.filter(({ section }) => section.lane === lane).length;
      const section = { from: moment, to: moment, pc, lane, depth };
      this.sections.push(section);
      this.open.push({ section, end });
    }
    const ending = this.endingOf(moment, instruction);
    this.endings[moment] = ending;
    if (instruction?.kind === 'call') this.counts[ending] = (this.counts[ending] ?? 0) + 1;
  }

  private laneOf(actor: string | undefined): number {
    if (actor === undefined) return 0;
    const known = this.actors.indexOf(actor);
    return known >= 0 ? known : this.actors.push(actor) - 1;
  }

  /** The kernel functions that a step stands in, each from its first step to its last. */
  private addFrames(moment: number, pc: number): void {
    const { log } = this.run;
    const flow = log.flowAt(moment);
    if (!flow) {
      this.frames = [];
      return;
    }
    const { depth } = flow;
    this.frames.length = Math.min(this.frames.length, depth + 1);
    if (!this.frames[depth]) {
      const section = { from: moment, to: moment, pc, flow: flow.flow.name, lane: this.laneOf('KVM'), depth };
      this.sections.push(section);
      this.frames[depth] = section;
    }
    for (const section of this.frames) if (section) section.to = moment;
    this.frames.length = Math.min(this.frames.length, log.depth(moment));
  }

  private endingOf(moment: number, instruction: Instruction | undefined): number {
    const { run } = this;
    const { log } = run;
    if (instruction?.kind !== 'call' || log.step(moment) === log.step(moment - 1)) return 0;
    if (run.problemsAt(moment).length > 0) return 3;
    const flow = log.flowAt(moment);
    if (flow) {
      const { command } = flow;
      const end = log.ended(moment);
      const failed = command
        ? !command.operation.form.succeeded(command.code)
        : end && !end.instruction.operation.form.succeeded(end.code);
      return failed ? 2 : 1;
    }
    if (isFlow(instruction)) return 1;
    if (instruction.operation.form.succeeded(log.code(moment))) return 1;
    // Of a run full of problems only the first ones are listed, but no failure is expected where the text names none.
    return instruction.expected ? 2 : 3;
  }
}

function grown(array: Uint8Array<ArrayBuffer>, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(least, array.length * 2));
  larger.set(array);
  return larger;
}

const tracks = new WeakMap<Run, Track>();

/** What is known of a run, up to what it has executed. */
export function trackOf(run: Run): Track {
  const known = tracks.get(run) ?? new Track(run);
  tracks.set(run, known);
  return known.sync();
}

/** Whether the step that led to a moment failed, as expected or not. */
export const isFailure = (run: Run, moment: number): boolean => trackOf(run).endingNumber(moment) >= FAILED;

/** The first of `count` ascending things for which `holds`, `count` if there is none. */
export function firstFrom(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
