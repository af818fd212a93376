// A call of the kernel: a flow that runs step by step, what it sends down held against the lines below the call.
import type { FlowEvent, FlowOperation, Machine } from '../emulator/index.ts';
import type { CallInstruction, InjectInstruction, Problem } from '../scenario/index.ts';
import type { Table } from '../store/index.ts';
import { judgeGuest } from './guest-line.ts';
import { problemAt } from './problem-at.ts';
import type { Run } from './run.ts';
import { Sends } from './sends.ts';

/** The actor whose call stack a scenario without actors uses. */
const ACTOR = 0;

const ACTIVE = 0;
const GUEST = 1;

/** Actors below the kernel: what they are sent is what `>` lines are about. */
const FIRMWARE: ReadonlySet<string> = new Set(['RMM']);

/** What one step of a flow came to. */
export interface KernelStep {
  readonly event: FlowEvent;
  readonly injected: InjectInstruction | undefined;
  readonly problems: Problem[];
}

export class KernelCall {
  private readonly run: Run;
  private readonly machine: Machine;
  /** Whether a call is going on, and which `<` line the guest does next. */
  private readonly cells: Table<'active' | 'guest line'>;
  private readonly sends: Sends;

  constructor(run: Run) {
    this.run = run;
    this.machine = run.machine;
    this.cells = run.cells.kernel;
    this.sends = new Sends(run);
    this.machine.guest = { next: () => this.nextAction(), leavesUndone: () => this.leavesUndone() };
  }

  get isActive(): boolean {
    return this.cells.get(0, ACTIVE) !== 0;
  }

  /** Frames on the stack. */
  get depth(): number {
    return this.machine.flows.depth(ACTOR);
  }

  begin({ flow }: FlowOperation, registers: readonly number[]): void {
    this.cells.set(0, ACTIVE, 1);
    this.cells.set(0, GUEST, 0);
    this.sends.begin();
    this.machine.flows.start(ACTOR, flow, registers);
  }

  /** One step of the innermost flow. */
  step(instruction: CallInstruction): KernelStep {
    let injected: InjectInstruction | undefined;
    const event = this.machine.flows.step(ACTOR, (operation) => {
      injected = this.run.faults.take(operation.name);
      return injected?.code;
    });
    const { command } = event;
    const problems: Problem[] = [];
    if (command && FIRMWARE.has(command.operation.actor)) problems.push(...this.sends.sent(instruction, command));
    if (event.waiting) problems.push(this.deadlock(instruction, event));
    if (command) problems.push(...judgeGuest(this.run, this.lastLine(instruction), command));
    if (event.ended !== undefined) {
      this.cells.set(0, ACTIVE, 0);
      problems.push(...this.sends.end(instruction));
    }
    return { event, injected, problems };
  }

  /** The step waits for what another actor would have to do, and there is none: told at the guest's line, if it is at one. */
  private deadlock(instruction: CallInstruction, { flow, step }: FlowEvent): Problem {
    const { site } = this.lastLine(instruction) ?? instruction;
    const message = `${instruction.operation.name} never returns: ${flow.name} waits in ${step}`;
    const actual = flow.steps.find(({ name }) => name === step)?.text ?? step;
    const because = 'nobody else runs who could end the wait, and what follows is not run';
    return problemAt('CCS305', site, message, { actual, because });
  }

  /** The `<` line that the guest is at. */
  private lastLine({ talk }: CallInstruction): CallInstruction | undefined {
    const lines = talk.filter((line) => line.kind === 'guest');
    return lines[this.cells.get(0, GUEST) - 1]?.call;
  }

  /** Whether the first `<` line, which comes next, is an interrupt. */
  private leavesUndone(): boolean {
    const current = this.run.next;
    if (current?.kind !== 'call' || this.cells.get(0, GUEST) > 0) return false;
    const first = current.talk.find((line) => line.kind === 'guest');
    return first !== undefined && 'leavesUndone' in first.call.operation;
  }

  /** What the guest does next: the next `<` line, in registers. */
  private nextAction(): ReturnType<Machine['guest']['next']> {
    const current = this.run.next;
    if (current?.kind !== 'call') return undefined;
    const lines = current.talk.filter((line) => line.kind === 'guest');
    const line = lines[this.cells.get(0, GUEST)]?.call;
    if (!line || 'flow' in line.operation) return undefined;
    const arranged = this.run.arrange(line, 0);
    if ('fault' in arranged) return undefined;
    this.cells.set(0, GUEST, this.cells.get(0, GUEST) + 1);
    return { operation: line.operation, registers: arranged.registers };
  }
}
