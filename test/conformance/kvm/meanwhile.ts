// Kernel work that stands still while other steps of a case go on: a guest's fault, a slot's deletion, two faults at once.
// The language has no words for it yet, so that the runner steps these flows itself, on call stacks of their own.
import type { FlowEvent, FrameView, Machine } from '../../../server/src/emulator/index.ts';
import { guestRead } from '../../../server/src/emulator/kvm/guest-access.ts';
import { kvmRun } from '../../../server/src/emulator/kvm/run.ts';
import { setUserMemoryRegion2 } from '../../../server/src/emulator/kvm/set-region.ts';
import type { Run } from '../../../server/src/run/index.ts';
import { ask, isFault } from '../../../server/src/scenario/index.ts';
import type { JsonObject } from './scenario-file.ts';

/** Stacks beside that of the scenario. */
const FAULT = 1;
const DELETION = 2;

/** Steps after which a flow is taken to hang. */
const MOST_STEPS = 100_000;
/** The guest does not say whether an access is private. */
const UNSAID = 2;

export type Meanwhile =
  | { readonly kind: 'begin fault'; readonly vcpu: string; readonly gpa: number }
  | { readonly kind: 'finish fault'; readonly vm: string; readonly gpa: string; readonly state: JsonObject }
  | { readonly kind: 'begin delete'; readonly vm: string; readonly slot: number }
  | { readonly kind: 'end delete' }
  | {
      readonly kind: 'both read';
      readonly vcpus: readonly string[];
      readonly gpa: number;
      readonly asked: number;
      readonly value: number | undefined;
    };

/** What was seen that the case expects otherwise. */
export interface Unlike {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** What was done: each step of a flow, the stack behind it, and the vCPU that it is for where several go on at once. */
export type Tell = (step: FlowEvent, frames: readonly FrameView[], vcpu?: string) => void;

/** Carries it out where the run stands, within the moment of the statement that follows. */
export function doMeanwhile(run: Run, what: Meanwhile, tell: Tell): Unlike | undefined {
  const { machine } = run;
  const { flows } = machine;
  switch (what.kind) {
    case 'begin fault': {
      const vcpu = handle(run, what.vcpu);
      startRead(machine, FAULT, vcpu, what.gpa, UNSAID);
      stepUntil(run, tell, FAULT, () => nextStep(machine, FAULT) === 'mmu_lock');
      return undefined;
    }
    case 'finish fault':
      return finishFault(run, what, tell);
    case 'begin delete': {
      const deletion = [handle(run, what.vm), what.slot, 0, 0, 0, 0, 0, 0, 0];
      flows.start(DELETION, setUserMemoryRegion2.flow, deletion);
      stepUntil(run, tell, DELETION, (step) => step === 'kvm_invalidate_memslot');
      return undefined;
    }
    case 'end delete':
      stepUntil(run, tell, DELETION, () => false);
      return undefined;
    case 'both read':
      return bothRead(run, what, tell);
  }
}

/** The fault looks whether it is stale, and says so by going to its end instead of mapping the page. */
function finishFault(
  run: Run,
  { vm, gpa, state }: Extract<Meanwhile, { kind: 'finish fault' }>,
  tell: Tell,
): Unlike | undefined {
  const { machine } = run;
  stepUntil(run, tell, FAULT, (step) => step === 'mmu_lock');
  const stale = nextStep(machine, FAULT) !== 'kvm_mmu_map';
  stepUntil(run, tell, FAULT, (step) => step === 'done');
  const mapped = answerNow(run, `stage2(${vm}, ${gpa})`) === 'mapped';
  stepUntil(run, tell, FAULT, () => false);
  const seen: Readonly<Record<string, boolean>> = { stale, mapped };
  const wrong = Object.entries(state).find(([key, value]) => seen[key] !== value);
  return wrong && { what: wrong[0], expected: String(wrong[1]), actual: String(seen[wrong[0]]) };
}

/** Both vCPUs fault step by step in turn; each must end up with what is expected. */
function bothRead(
  run: Run,
  { vcpus, gpa, asked, value }: Extract<Meanwhile, { kind: 'both read' }>,
  tell: Tell,
): Unlike | undefined {
  const { machine } = run;
  const { flows } = machine;
  const read: string[] = [];
  vcpus.forEach((name, i) => {
    startRead(machine, FAULT + i, handle(run, name), gpa, asked);
  });
  for (let steps = 0; vcpus.some((_, i) => flows.depth(FAULT + i) > 0); steps++) {
    if (steps > MOST_STEPS) throw new Error('two vCPUs wait for one another');
    vcpus.forEach((name, i) => {
      if (flows.depth(FAULT + i) === 0) return;
      const step = stepOf(run, FAULT + i);
      const { command, ended } = step;
      tell(step, flows.stack(FAULT + i), name);
      if (command?.operation === guestRead && guestRead.form.succeeded(command.code)) {
        read.push(`${name} reads ${machine.pages.words.value(command.code)}`);
      }
      if (ended !== undefined && ended !== 0) read.push(`${name}: ${kvmRun.form.text(ended)}`);
    });
  }
  const wanted = vcpus.map((name) => `${name} reads ${value ?? '*'}`).join(', ');
  const actual = (value === undefined ? read.map((one) => one.replace(/reads .*/, 'reads *')) : read).sort().join(', ');
  return actual === wanted ? undefined : { what: 'what both vCPUs read', expected: wanted, actual };
}

/** Lets a vCPU run whose guest reads one byte; the guest of the scenario goes on afterwards. */
function startRead(machine: Machine, actor: number, vcpu: number, gpa: number, asked: number): void {
  const { guest } = machine;
  let taken = false;
  machine.guest = {
    next(at, asking) {
      if (asking !== vcpu || taken) return guest.next(at, asking);
      taken = true;
      return { operation: guestRead, registers: [gpa, 1, asked] };
    },
  };
  machine.flows.start(actor, kvmRun.flow, [vcpu]);
}

const nextStep = ({ flows }: Machine, actor: number) => flows.stack(actor).at(-1)?.step;

/** Steps until `isReached` says so of a step just taken, or the flow has ended. */
function stepUntil(run: Run, tell: Tell, actor: number, isReached: (step: string) => boolean): void {
  for (let steps = 0; steps < MOST_STEPS && run.machine.flows.depth(actor) > 0; steps++) {
    const event = stepOf(run, actor);
    tell(event, run.machine.flows.stack(actor));
    if (isReached(event.step)) return;
  }
}

/** Faults of the scenario strike here as well. */
const stepOf = ({ machine, faults }: Run, actor: number): FlowEvent =>
  machine.flows.step(actor, ({ name }) => faults.take(name)?.code);

/** What a view or a name says where the run stands; `undefined` if it says nothing. */
export function answerNow(run: Run, text: string): unknown {
  const question = ask(text, run.instructionAt(run.now) ?? run.next);
  if ('problem' in question) return undefined;
  const value = run.answer(question);
  return typeof value === 'object' && isFault(value) ? undefined : value;
}

/** The row that a name of the scenario stands for. */
const handle = (run: Run, name: string): number => Number(answerNow(run, name));
