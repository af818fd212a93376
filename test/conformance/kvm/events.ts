// What happened in a step, in the words of the cases: pieces of kernel work and commands to firmware, from the log of the run.
import type { FlowEvent, FrameView } from '../../../server/src/emulator/index.ts';
import type { Run } from '../../../server/src/run/index.ts';
import { number as sizeText } from './writer.ts';

type LoggedFlow = NonNullable<ReturnType<Run['log']['flowAt']>>;
type Frames = readonly FrameView[];

export interface Event {
  readonly name: string;
  /** What stands behind the name: a granule, a size, a half. */
  readonly words: readonly string[];
}

/** Pieces that the vocabulary of the cases has no word for. */
const SILENT: ReadonlySet<string> = new Set(['set_pte', 'clear_pte', 'remove_folio', 'copy_page']);

/** Words of the vocabulary; a command that it does not name is called as it is, in small letters. */
export const COMMANDS: Readonly<Record<string, string>> = {
  RMI_GRANULE_DELEGATE: 'delegate',
  RMI_GRANULE_UNDELEGATE: 'undelegate',
  RMI_DATA_CREATE: 'data_create',
  RMI_DATA_CREATE_UNKNOWN: 'data_create_unknown',
  RMI_DATA_DESTROY: 'data_destroy',
  RMI_RTT_SET_RIPAS: 'ripas_set',
  RMI_RTT_INIT_RIPAS: 'ripas_set',
  RMI_REALM_CREATE: 'realm_create',
  RMI_REALM_ACTIVATE: 'activate',
  RMI_REC_CREATE: 'rec_create',
};

/** Which argument of a command names the granule. */
export const GRANULE_OF: Readonly<Record<string, number>> = {
  delegate: 0,
  undelegate: 0,
  data_create: 1,
  data_create_unknown: 1,
  data_destroy: 1,
};

const HALVES: Readonly<Record<number, string>> = { 1: 'SHARED', 2: 'PRIVATE' };
const GRANULE = 4096;

/** A flow that is the zap of a platform whose second stage firmware keeps. */
const ZAP = '__unmap_stage2_range';

/** What a granule is that a flow delegates or takes back beside data. */
const ROLES: readonly (readonly [flow: RegExp, role: string])[] = [
  [/^realm_(create_rtt_levels|tear_down_rtt_level|fold_rtt_level|destroy_private_granule)$/, 'RTT'],
  [/^kvm_(create|destroy)_rec$/, 'REC'],
];

/** Commands that are about a VM or a vCPU as a whole. */
const OF_OBJECT: ReadonlySet<string> = new Set([
  'realm_create',
  'realm_destroy',
  'activate',
  'rec_create',
  'rec_destroy',
]);

/** The events of each step. `stepAt` is the step of a line of the scenario, counted from 1; `names` says what rows are called. */
export function eventsOf(
  run: Run,
  stepAt: (line: number) => number,
  names: Names = NAMELESS,
): ReadonlyMap<number, Event[]> {
  const { log, program, now } = run;
  const found = new Map<number, Event[]>();
  for (let moment = 1; moment <= run.reached; moment++) {
    const { command, flow, step: at } = log.flowAt(moment) ?? {};
    const site = program.instructions[log.instruction(moment)]?.site;
    const isZap = flow?.name === ZAP && at === flow.steps[0]?.name;
    if (!site || (!isZap && (!command || SILENT.has(command.operation.name)))) continue;
    const step = stepAt(site.file.line(site.span.start));
    const events = found.get(step) ?? [];
    if (isZap) events.push({ name: 'zap', words: halfOf(framesAt(run, moment).at(-1)?.locals.halves) });
    if (command)
      events.push(...eventOf(run, command, log.injected(moment) !== undefined, () => framesAt(run, moment), names));
    if (events.length > 0) found.set(step, events);
  }
  run.seek(now);
  return found;
}

/** The flows of the architectures that resolve a guest's fault. */
const FAULTS = /^(kvm_tdp_page_fault|kvm_handle_guest_abort)$/;

/** What a step of kernel work does that the scenario has no line for; `frames` is the stack behind it. */
export function besideEvents(run: Run, { flow, step, command }: FlowEvent, frames: Frames, vcpu?: string): Event[] {
  const events = command ? eventOf(run, command, command.injected, () => frames, NAMELESS) : [];
  // Another vCPU was faster, or an invalidation came between: the guest tries again.
  const isLost = flow.name === 'realm_map_protected' && step === 'rmi_data_create_unknown' && command === undefined;
  const isStale = FAULTS.test(flow.name) && step === 'mmu_lock' && frames.at(-1)?.step === 'kvm_release_page';
  if (isLost || isStale) events.push({ name: 'retry', words: [] });
  return events.map(({ name, words }) => ({ name, words: vcpu === undefined ? words : [...words, vcpu] }));
}

/** A command in the words of the cases; none if they have no word for it. */
function eventOf(
  run: Run,
  { operation, registers, code }: NonNullable<LoggedFlow['command']>,
  injected: boolean,
  frames: () => Frames,
  names: Names,
): Event[] {
  if ((operation.actor !== 'KVM' && operation.actor !== 'RMM') || SILENT.has(operation.name)) return [];
  const name = COMMANDS[operation.name] ?? operation.name.replace(/^RMI_/, '').toLowerCase();
  const failed = injected || !operation.form.succeeded(code);
  return [{ name, words: [...wordsOf(run, name, registers, frames, names), ...(failed ? ['FAIL'] : [])] }];
}

/** The names that a case gives to the rows of VMs and vCPUs. */
export interface Names {
  readonly vm: (row: number) => string | undefined;
  readonly vcpu: (row: number) => string | undefined;
}
const NAMELESS: Names = { vm: () => undefined, vcpu: () => undefined };

/** The stack from which a moment came. */
function framesAt(run: Run, moment: number): Frames {
  run.seek(moment - 1);
  return run.machine.flows.stack(0);
}

const halfOf = (halves = 0): string[] => (HALVES[halves] === undefined ? [] : [HALVES[halves]]);

function wordsOf(
  { machine }: Run,
  name: string,
  registers: readonly number[],
  frames: () => Frames,
  names: Names,
): string[] {
  const granule = GRANULE_OF[name];
  if (granule !== undefined) {
    const address = registers[granule] ?? 0;
    const number = Math.floor(address / GRANULE) % (machine.linux.pageSize / GRANULE);
    return [String(number), ...(granule === 0 ? roleOf(frames(), address) : [])];
  }
  // A realm that is being made begins with RAM; later it says itself what it wants.
  if (name === 'ripas_set') return [frames().at(-1)?.locals.ripas === 0 ? 'EMPTY' : 'RAM'];
  const { linux } = machine;
  if (name === 'alloc') return [sizeText(linux.pageSize * 2 ** (registers[0] ?? 0))];
  if (name === 'split') return partsOf(machine, linux.gmem.inodes.get(registers[0] ?? 0, 'order'));
  if (name === 'merge') return partsOf(machine, registers[2] ?? 0);
  if (OF_VM.has(name)) return [...(name === 'zap' ? halfOf(registers[3]) : []), ...vmOf(names, registers)];
  return OF_OBJECT.has(name) ? objectOf(frames(), names) : [];
}

/** `RD`, `PGD`, `RTT`, `REC`; nothing where a granule is data. */
function roleOf(frames: Frames, address: number): string[] {
  const flows = frames.map(({ flow }) => flow.name);
  const known = ROLES.find(([flow]) => flows.some((name) => flow.test(name)));
  if (known) return [known[1]];
  const first = frames.find(({ flow }) => flow.name === 'realm_create_rd' || flow.name === 'kvm_destroy_realm');
  if (!first) return [];
  const { pgd = 0, tables = 0 } = first.locals;
  return [address >= pgd && address < pgd + tables * GRANULE ? 'PGD' : 'RD'];
}

/** The VM and the vCPU that the innermost flow is about. */
function objectOf(frames: Frames, names: Names): string[] {
  const { vm = 0, vcpu = 0 } = frames.at(-1)?.locals ?? {};
  return [names.vcpu(vcpu), names.vm(vm)].filter((name) => name !== undefined);
}

/** What a large folio is split into or merged from: its size, and how many pages. */
const partsOf = ({ linux }: Run['machine'], order: number) => [
  sizeText(linux.pageSize * 2 ** order),
  String(2 ** order),
];

/** Pieces of work on one VM, which is their first register. */
const OF_VM: ReadonlySet<string> = new Set(['inv_begin', 'inv_end', 'zap', 'flush', 'map', 'vm_bugged']);

const vmOf = (names: Names, [vm = 0]: readonly number[]): string[] =>
  [names.vm(vm)].filter((name) => name !== undefined);

export const eventText = ({ name, words }: Event): string => [name, ...words].join(' ');

/** The first word of a trace that does not come, in order; `undefined` if all do. Nothing may come where the trace is empty. */
export function firstMissing(trace: readonly string[], events: readonly Event[]): string | undefined {
  if (trace.length === 0) return events.length === 0 ? undefined : 'no event';
  let at = 0;
  for (const wanted of trace) {
    if (wanted === '...') continue;
    while (at < events.length && !fits(wanted, events[at] as Event)) at++;
    if (at === events.length) return wanted;
    at++;
  }
  return undefined;
}

/** `zap(SHARED)`, `undelegate 1 FAIL`, `alloc`: words that the trace leaves out may be anything. */
function fits(wanted: string, event: Event): boolean {
  if (wanted === event.name) return true;
  const [name, ...words] = wanted.replace(/\(([^)]*)\)/, ' $1').split(/[ ,]+/);
  const known = event.words.map((word) => word.toLowerCase());
  return event.name === name && words.every((word) => known.includes(word.toLowerCase()));
}
