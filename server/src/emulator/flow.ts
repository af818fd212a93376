// A kernel flow: named steps over a frame of locals that are cells, so that it can be stepped, undone and failed anywhere.
import type { Store, Table } from '../store/index.ts';
import { HOST_CRASH } from './linux/signals.ts';
import type { Machine } from './machine.ts';
import type { MachineOperation } from './operation.ts';

/** Names of the outputs of the last call that the next step may read. */
const OUTPUTS = ['out0', 'out1', 'out2', 'out3', 'out4', 'out5'] as const;
/** Outputs of one call. */
export const MOST_OUTPUTS = OUTPUTS.length;
/** Locals that a flow may have, parameters included. */
export const MOST_LOCALS = 20;
/** Calls within calls of one actor. */
const DEPTH = 24;
/** Actors where a machine does not say otherwise. */
export const ACTORS = 16;

const COLUMNS = ['flow', 'step', 'result', ...OUTPUTS, ...Array.from({ length: MOST_LOCALS }, (_, i) => `local ${i}`)];
const FLOW = 0;
const STEP = 1;
const RESULT = 2;
const OUT = 3;
const LOCALS = OUT + MOST_OUTPUTS;

/** What a local stands for, for the debugger's variables. */
export type LocalType = 'address' | 'bytes' | 'number' | 'flag' | 'errno';

/** What a step sees: the locals by name, the result of the call before it, and how to go on. */
export type Frame<L extends string = string, S extends string = string> = Record<L, number> & {
  readonly machine: Machine;
  /** Whose call stack this is. */
  readonly actor: number;
  /** What the last call returned. */
  readonly result: number;
  /** An output of the last call: X1 upwards of a command, what a flow returned beside its value. */
  output(index: number): number;
  /** Goes on with another step. Without any of these the next step in the text follows. */
  goto(step: S): void;
  /** Calls another flow and goes on with `next`. */
  call(flow: Flow, args: readonly number[], next?: S): void;
  /** Carries out a command or an atomic piece of kernel work, and goes on with `next`. */
  command(operation: MachineOperation, registers: readonly number[], next?: S): void;
  /** Does nothing: another actor holds what this step needs, and it will be tried again. */
  wait(): void;
  /** Ends the flow. One that ends with a call or a command returns what that returned; one that just ends returns 0. */
  return(value: number, ...outputs: number[]): void;
};

export interface FlowStep<L extends string = string, S extends string = string> {
  /** One line of the listing: what this step does, as the kernel would say it. */
  readonly text: string;
  run(frame: Frame<L, S>): void;
}

/** A kernel function as a flow. `locals` begin with the parameters, in the order of `call`'s arguments. */
export interface Flow {
  /** The kernel function's name. */
  readonly name: string;
  /** File and series or version that it was read from. */
  readonly reference: string;
  /** The first locals. */
  readonly params: readonly string[];
  readonly locals: Readonly<Record<string, LocalType>>;
  readonly steps: readonly (FlowStep & { readonly name: string })[];
  /** Its number among all flows, for the cells. */
  readonly index: number;
}

const NO_OUTPUTS: readonly number[] = [];

/** Names that the frame itself has, so that no local can. */
const RESERVED: ReadonlySet<string> = new Set(
  'machine actor localCount running stepNumbers result output goto call command wait return'.split(' '),
);

const flows: Flow[] = [];

/** All flows there are, in the order of their definition. */
export const FLOWS: readonly Flow[] = flows;

/** Defines a flow. Defining happens once, while modules are loaded. */
export function flow<const L extends string, const S extends string>(spec: {
  readonly name: string;
  readonly reference: string;
  readonly params: readonly NoInfer<L>[];
  readonly locals: Readonly<Record<L, LocalType>>;
  readonly steps: Readonly<Record<S, FlowStep<NoInfer<L>, NoInfer<S>>>>;
}): Flow {
  const names = Object.keys(spec.locals);
  if (names.length > MOST_LOCALS) throw new RangeError(`${spec.name}: more than ${MOST_LOCALS} locals`);
  if (spec.params.some((name, i) => names[i] !== name)) {
    throw new RangeError(`${spec.name}: the locals do not begin with the parameters`);
  }
  const hidden = names.find((name) => RESERVED.has(name));
  if (hidden !== undefined) throw new RangeError(`${spec.name}: a local cannot be called ${hidden}`);
  const steps = Object.entries<FlowStep<L, S>>(spec.steps).map(([name, step]) => ({ name, ...step }));
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
  readonly command: FlowCommand | undefined;
  /** The step could not go on: another actor holds what it needs. */
  readonly waiting: boolean;
  /** What the outermost flow returned, when it ended; its outputs are in `Flows.out`. */
  readonly ended: number | undefined;
}

export interface FlowCommand {
  readonly operation: MachineOperation;
  readonly registers: readonly number[];
  readonly code: number;
  /** The code is an injected fault; the operation was not carried out. */
  readonly injected: boolean;
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

/** No fault is injected. */
export const noFaults: Intercept = () => undefined;

/** The call stacks of all actors. */
export class Flows {
  /** Outputs of the last flow that ended as the outermost of its actor. Scratch: valid until the next step. */
  readonly out: number[] = Array.from({ length: MOST_OUTPUTS }, () => 0);
  private readonly machine: Machine;
  private readonly store: Store;
  private readonly frames: Table;
  private readonly depths: Table<'depth'>;

  constructor(store: Store, machine: Machine, actors: number = ACTORS) {
    this.machine = machine;
    this.store = store;
    this.frames = store.table('frame', COLUMNS, actors * DEPTH);
    this.depths = store.table('call stack', ['depth'], actors);
  }

  /** Whether any actor is in the middle of a flow. */
  get busy(): boolean {
    for (let actor = 0; actor < this.depths.rows; actor++) if (this.depth(actor) > 0) return true;
    return false;
  }

  /** Frames on an actor's stack. */
  depth(actor: number): number {
    return this.depths.get(actor, 0);
  }

  /** Puts a flow on an actor's stack; `step` then carries it out. */
  start(actor: number, called: Flow, args: readonly number[]): void {
    const depth = this.depth(actor);
    if (depth === DEPTH) throw new RangeError(`${called.name}: the call stack is deeper than ${DEPTH}`);
    const { store } = this;
    const base = this.frameBase(actor, depth);
    store.write(base + FLOW, called.index + 1);
    store.write(base + STEP, 0);
    store.write(base + RESULT, 0);
    const locals = viewOf(called).localCount;
    for (let i = 0; i < locals; i++) store.write(base + LOCALS + i, args[i] ?? 0);
    this.depths.set(actor, 0, depth + 1);
  }

  /** Carries out one step of the innermost flow of an actor. On a dead host it is not made, and the call ends with HOST_CRASH. */
  step(actor: number, intercept: Intercept = noFaults): FlowEvent {
    const depth = this.depth(actor) - 1;
    const base = this.frameBase(actor, depth);
    const running = this.flowAt(base);
    const number = this.store.read(base + STEP);
    const step = running.steps[number] as Flow['steps'][number];
    const { linux } = this.machine;
    if (linux.isDead) {
      return { flow: running, step: step.name, depth, command: undefined, waiting: false, ended: this.abandon(actor) };
    }
    const at = begun(this.machine, actor, base, number);
    step.run(viewOf(running) as unknown as Frame);
    const { done, next } = at;
    let command: FlowCommand | undefined;
    let ended: number | undefined;
    const isLast = next === running.steps.length;
    if (done === 'command') command = this.carryOut(base, at, intercept);
    if (command && linux.isDead) ended = this.abandon(actor);
    else if (done === 'return') ended = this.leave(actor, depth, at.value, at.args);
    else if (isLast && done === 'command') ended = this.leave(actor, depth, command?.code ?? 0, NO_OUTPUTS);
    else if (isLast && done === 'on') ended = this.leave(actor, depth, 0, NO_OUTPUTS);
    else if (done !== 'wait') this.store.write(base + STEP, next);
    if (done === 'call' && at.flow) this.start(actor, at.flow, at.args);
    return { flow: running, step: step.name, depth, command, waiting: done === 'wait', ended };
  }

  /** The stack of an actor, outermost first. */
  stack(actor: number): FrameView[] {
    return Array.from({ length: this.depth(actor) }, (_, depth) => {
      const { store } = this;
      const base = this.frameBase(actor, depth);
      const running = this.flowAt(base);
      const locals = Object.keys(running.locals).map((name, i) => [name, store.read(base + LOCALS + i)] as const);
      const step = running.steps[store.read(base + STEP)]?.name ?? 'return';
      return { flow: running, step, locals: Object.fromEntries(locals), result: store.read(base + RESULT) };
    });
  }

  private carryOut(base: number, { operation, args }: At, intercept: Intercept): FlowCommand | undefined {
    if (!operation) return undefined;
    const fault = intercept(operation, args);
    const code = fault ?? operation.call(this.machine, args);
    this.store.write(base + RESULT, code);
    if (operation.outputs.length > 0) {
      const outputs = fault === undefined ? operation.readOutputs(this.machine, args) : [];
      const kept = Math.min(operation.outputs.length, MOST_OUTPUTS);
      for (let i = 0; i < kept; i++) this.store.write(base + OUT + i, outputs[i] ?? 0);
    }
    return { operation, registers: args, code, injected: fault !== undefined };
  }

  /**
   * Takes a frame off the stack, and those whose last step was to call it: they return what it returned. The value of the
   * outermost flow if that ended, too.
   */
  private leave(actor: number, depth: number, value: number, outputs: readonly number[]): number | undefined {
    let left = depth;
    while (left > 0) {
      const caller = this.frameBase(actor, left - 1);
      if (this.store.read(caller + STEP) < this.flowAt(caller).steps.length) {
        this.depths.set(actor, 0, left);
        this.store.write(caller + RESULT, value);
        for (let i = 0; i < outputs.length; i++) this.store.write(caller + OUT + i, outputs[i] as number);
        return undefined;
      }
      left--;
    }
    this.depths.set(actor, 0, 0);
    for (let i = 0; i < MOST_OUTPUTS; i++) this.out[i] = outputs[i] ?? 0;
    return value;
  }

  /** Ends all that an actor was doing: the host is dead. */
  private abandon(actor: number): number {
    this.depths.set(actor, 0, 0);
    this.out.fill(0);
    return HOST_CRASH;
  }

  /** The first cell of a frame. */
  private frameBase(actor: number, depth: number): number {
    return this.frames.cell(actor * DEPTH + depth, 0);
  }

  private flowAt(base: number): Flow {
    return flows[this.store.read(base + FLOW) - 1] as Flow;
  }
}

type Done = 'on' | 'call' | 'command' | 'wait' | 'return';

/** The step that is being made: its frame, and what it decides. */
interface At {
  machine: Machine;
  store: Store;
  actor: number;
  firstCell: number;
  done: Done;
  /** The number of the step that follows. */
  next: number;
  flow: Flow | undefined;
  operation: MachineOperation | undefined;
  /** Of the call or command, or the outputs of a return. */
  args: readonly number[];
  value: number;
}

/**
 * One object for the steps of all flows and machines, as one is made at a time: engines run what looks at it several times
 * faster when it always has the same shape. What a step decides is in cells when it is over.
 */
const AT = { actor: 0, firstCell: 0, done: 'on', next: 0, flow: undefined, operation: undefined, value: 0 } as At;

function begun(machine: Machine, actor: number, firstCell: number, step: number): At {
  AT.machine = machine;
  AT.store = machine.store;
  AT.actor = actor;
  AT.firstCell = firstCell;
  AT.done = 'on';
  AT.next = step + 1;
  return AT;
}

/** The objects through which the steps of each flow see their frame. */
const views: FrameOf[] = [];

function viewOf(running: Flow): FrameOf {
  const known = views[running.index];
  if (known) return known;
  const view = new (frameClass(running))(running);
  views[running.index] = view;
  return view;
}

/** A class of frames with the flow's locals as properties. */
function frameClass({ locals }: Flow): typeof FrameOf {
  class FlowFrame extends FrameOf {}
  Object.keys(locals).forEach((name, i) => {
    Object.defineProperty(FlowFrame.prototype, name, {
      get: () => AT.store.read(AT.firstCell + LOCALS + i),
      set: (value: number) => AT.store.write(AT.firstCell + LOCALS + i, value),
    });
  });
  return FlowFrame;
}

class FrameOf {
  /** How many locals the flow has. */
  readonly localCount: number;
  private readonly running: Flow;
  private readonly stepNumbers: ReadonlyMap<string, number>;

  constructor(running: Flow) {
    this.localCount = Object.keys(running.locals).length;
    this.running = running;
    this.stepNumbers = new Map(running.steps.map(({ name }, i) => [name, i]));
  }

  get machine(): Machine {
    return AT.machine;
  }

  get actor(): number {
    return AT.actor;
  }

  get result(): number {
    return AT.store.read(AT.firstCell + RESULT);
  }

  output(index: number): number {
    return AT.store.read(AT.firstCell + OUT + index);
  }

  goto(step: string): void {
    const index = this.stepNumbers.get(step);
    if (index === undefined) throw new RangeError(`${this.running.name} has no step ${step}`);
    AT.next = index;
  }

  call(called: Flow, args: readonly number[], next?: string): void {
    AT.done = 'call';
    AT.flow = called;
    AT.args = args;
    if (next !== undefined) this.goto(next);
  }

  command(operation: MachineOperation, registers: readonly number[], next?: string): void {
    AT.done = 'command';
    AT.operation = operation;
    AT.args = registers;
    if (next !== undefined) this.goto(next);
  }

  wait(): void {
    AT.done = 'wait';
  }

  return(value: number, ...outputs: number[]): void {
    AT.done = 'return';
    AT.value = value;
    AT.args = outputs;
  }
}
