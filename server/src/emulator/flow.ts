// A kernel flow: named steps over a frame of locals that are cells, so that it can be stepped, undone and failed anywhere.
import type { Store, Table } from '../store/index.ts';
import type { Machine } from './machine.ts';
import type { MachineOperation } from './operation.ts';

/** Names of the outputs of the last call that the next step may read. */
const OUTPUTS = ['out0', 'out1', 'out2', 'out3'] as const;
/** Locals that a flow may have, parameters included. */
export const MOST_LOCALS = 14;
/** Calls within calls of one actor. */
const DEPTH = 24;

const COLUMNS = ['flow', 'step', 'result', ...OUTPUTS, ...Array.from({ length: MOST_LOCALS }, (_, i) => `local ${i}`)];
const FLOW = 0;
const STEP = 1;
const RESULT = 2;
const OUT = 3;
const LOCALS = 7;

/** What a local stands for, for the debugger's variables. */
export type LocalType = 'address' | 'bytes' | 'number' | 'flag' | 'errno';

/** What a step sees: the locals by name, the result of the call before it, and how to go on. */
export type Frame<L extends string> = Record<L, number> & {
  readonly machine: Machine;
  /** What the last call returned. */
  readonly result: number;
  /** X1 to X4, or the outputs, of the last call. */
  readonly outputs: readonly [number, number, number, number];
  /** Goes on with another step. Without any of these the next step in the text follows. */
  goto(step: string): void;
  /** Calls another flow and goes on with `next`. */
  call(flow: Flow, args: readonly number[], next?: string): void;
  /** Carries out a command or an atomic piece of kernel work, and goes on with `next`. */
  command(operation: MachineOperation, registers: readonly number[], next?: string): void;
  /** Ends the flow. */
  return(value: number): void;
};

export interface FlowStep<L extends string> {
  /** One line of the listing: what this step does, as the kernel would say it. */
  readonly text: string;
  run(frame: Frame<L>): void;
}

/** A kernel function as a flow. `locals` begin with the parameters, in the order of `call`'s arguments. */
export interface Flow {
  /** The kernel function's name. */
  readonly name: string;
  /** File and series or version that it was read from. */
  readonly reference: string;
  readonly params: readonly string[];
  readonly locals: Readonly<Record<string, LocalType>>;
  readonly steps: readonly (FlowStep<string> & { readonly name: string })[];
  /** Its number among all flows, for the cells. */
  readonly index: number;
}

const flows: Flow[] = [];

/** Defines a flow. Defining happens once, while modules are loaded. */
export function flow<const L extends string>(spec: {
  readonly name: string;
  readonly reference: string;
  readonly params: readonly NoInfer<L>[];
  readonly locals: Readonly<Record<L, LocalType>>;
  readonly steps: Readonly<Record<string, FlowStep<NoInfer<L>>>>;
}): Flow {
  const names = Object.keys(spec.locals);
  if (names.length > MOST_LOCALS) throw new RangeError(`${spec.name}: more than ${MOST_LOCALS} locals`);
  const steps = Object.entries<FlowStep<L>>(spec.steps).map(([name, step]) => ({ name, ...step }));
  const defined = { ...spec, steps: steps as unknown as Flow['steps'], index: flows.length };
  flows.push(defined);
  return defined;
}

/** What one step of a flow did. */
export interface FlowEvent {
  readonly flow: Flow;
  readonly step: string;
  /** How deep the frame was that took the step, from 0. */
  readonly depth: number;
  /** The command that the step carried out. */
  readonly command?: {
    readonly operation: MachineOperation;
    readonly registers: readonly number[];
    readonly code: number;
  };
  /** Set when the outermost flow ended. */
  readonly ended?: number;
}

/** A frame of the call stack as a debugger shows it. */
export interface FrameView {
  readonly flow: Flow;
  /** The step that comes next. */
  readonly step: string;
  readonly locals: Readonly<Record<string, number>>;
  readonly result: number;
}

/** Called before a command: the code with which an injected fault replaces it. */
export type Intercept = (operation: MachineOperation, registers: readonly number[]) => number | undefined;

/** The call stacks of all actors. */
export class Flows {
  private readonly machine: Machine;
  private readonly frames: Table;
  private readonly depths: Table<'depth'>;
  private readonly views = new Map<Flow, ActiveFrame>();

  constructor(store: Store, machine: Machine, actors: number) {
    this.machine = machine;
    this.frames = store.table('frame', COLUMNS, actors * DEPTH);
    this.depths = store.table('call stack', ['depth'], actors);
  }

  /** Frames on an actor's stack. */
  depth(actor: number): number {
    return this.depths.get(actor, 0);
  }

  /** Puts a flow on an actor's stack; `step` then carries it out. */
  start(actor: number, called: Flow, args: readonly number[]): void {
    const depth = this.depth(actor);
    if (depth === DEPTH) throw new RangeError(`${called.name}: the call stack is deeper than ${DEPTH}`);
    const row = actor * DEPTH + depth;
    this.frames.set(row, FLOW, called.index + 1);
    this.frames.set(row, STEP, 0);
    this.frames.set(row, RESULT, 0);
    const locals = Object.keys(called.locals).length;
    for (let i = 0; i < locals; i++) this.frames.set(row, LOCALS + i, args[i] ?? 0);
    this.depths.set(actor, 0, depth + 1);
  }

  /** Carries out one step of the innermost flow of an actor. */
  step(actor: number, intercept: Intercept): FlowEvent {
    const depth = this.depth(actor) - 1;
    const row = actor * DEPTH + depth;
    const running = this.flowAt(row);
    const number = this.frames.get(row, STEP);
    const step = running.steps[number] as Flow['steps'][number];
    const frame = this.active(running);
    frame.enter(row, number);
    step.run(frame as unknown as Frame<string>);
    const event = { flow: running, step: step.name, depth };
    const { pending, returned } = frame;
    if (pending) return { ...event, command: this.carryOut(row, frame.next, pending, intercept) };
    if (frame.called) {
      this.frames.set(row, STEP, frame.next);
      this.start(actor, frame.called.flow, frame.called.args);
      return event;
    }
    if (returned === undefined && frame.next < running.steps.length) {
      this.frames.set(row, STEP, frame.next);
      return event;
    }
    return this.leave(actor, depth, returned ?? 0, event);
  }

  /** The stack of an actor, outermost first. */
  stack(actor: number): FrameView[] {
    return Array.from({ length: this.depth(actor) }, (_, depth) => {
      const row = actor * DEPTH + depth;
      const running = this.flowAt(row);
      const locals = Object.keys(running.locals).map((name, i) => [name, this.frames.get(row, LOCALS + i)] as const);
      const step = running.steps[this.frames.get(row, STEP)]?.name ?? 'return';
      return { flow: running, step, locals: Object.fromEntries(locals), result: this.frames.get(row, RESULT) };
    });
  }

  private carryOut(
    row: number,
    next: number,
    { operation, registers }: { operation: MachineOperation; registers: readonly number[] },
    intercept: Intercept,
  ): NonNullable<FlowEvent['command']> {
    const injected = intercept(operation, registers);
    const code = injected ?? operation.call(this.machine, registers);
    const outputs = injected === undefined ? operation.readOutputs(this.machine) : [];
    this.frames.set(row, RESULT, code);
    for (let i = 0; i < operation.outputs.length; i++) this.frames.set(row, OUT + i, outputs[i] ?? 0);
    this.frames.set(row, STEP, next);
    return { operation, registers, code };
  }

  private leave(actor: number, depth: number, value: number, event: FlowEvent): FlowEvent {
    this.depths.set(actor, 0, depth);
    if (depth === 0) return { ...event, ended: value };
    this.frames.set(actor * DEPTH + depth - 1, RESULT, value);
    return event;
  }

  private flowAt(row: number): Flow {
    return flows[this.frames.get(row, FLOW) - 1] as Flow;
  }

  /** The object through which the steps of a flow see their frame; one a flow, moved to the frame's row. */
  private active(running: Flow): ActiveFrame {
    let view = this.views.get(running);
    if (!view) {
      view = new ActiveFrame(this.frames, running, this.machine);
      this.views.set(running, view);
    }
    return view;
  }
}

/** Holds nothing between steps: what a step decides is in cells when it is over. */
class ActiveFrame {
  readonly machine: Machine;
  pending: { operation: MachineOperation; registers: readonly number[] } | undefined;
  called: { flow: Flow; args: readonly number[] } | undefined;
  returned: number | undefined;
  next = 0;
  private row = 0;
  private readonly frames: Table;
  private readonly running: Flow;

  constructor(frames: Table, running: Flow, machine: Machine) {
    this.frames = frames;
    this.running = running;
    this.machine = machine;
    Object.keys(running.locals).forEach((name, i) => {
      Object.defineProperty(this, name, {
        get: () => this.frames.get(this.row, LOCALS + i),
        set: (value: number) => this.frames.set(this.row, LOCALS + i, value),
      });
    });
  }

  enter(row: number, step: number): void {
    this.row = row;
    this.pending = undefined;
    this.called = undefined;
    this.returned = undefined;
    this.next = step + 1;
  }

  get result(): number {
    return this.frames.get(this.row, RESULT);
  }

  get outputs(): readonly number[] {
    return OUTPUTS.map((_, i) => this.frames.get(this.row, OUT + i));
  }

  goto(step: string): void {
    this.next = this.indexOf(step);
  }

  call(called: Flow, args: readonly number[], next?: string): void {
    this.called = { flow: called, args };
    if (next !== undefined) this.goto(next);
  }

  command(operation: MachineOperation, registers: readonly number[], next?: string): void {
    this.pending = { operation, registers };
    if (next !== undefined) this.goto(next);
  }

  return(value: number): void {
    this.returned = value;
  }

  private indexOf(step: string): number {
    const index = this.running.steps.findIndex((candidate) => candidate.name === step);
    if (index < 0) throw new RangeError(`${this.running.name} has no step ${step}`);
    return index;
  }
}
