// What happened in a step, in the words of the cases: pieces of kernel work and commands to firmware, from the log of the run.
import type { Run } from '../../../server/src/run/index.ts';
import { number as sizeText } from './writer.ts';

export interface Event {
  readonly name: string;
  /** What stands behind the name: a granule, a size, a half. */
  readonly words: readonly string[];
}

/** Pieces that the vocabulary of the cases has no word for. */
const SILENT: ReadonlySet<string> = new Set(['set_pte', 'clear_pte', 'remove_folio', 'copy_page']);

const COMMANDS: Readonly<Record<string, string>> = {
  RMI_GRANULE_DELEGATE: 'delegate',
  RMI_GRANULE_UNDELEGATE: 'undelegate',
  RMI_DATA_CREATE: 'data_create',
  RMI_DATA_CREATE_UNKNOWN: 'data_create_unknown',
  RMI_DATA_DESTROY: 'data_destroy',
  RMI_RTT_INIT_RIPAS: 'ripas_set',
  RMI_RTT_SET_RIPAS: 'ripas_set',
  RMI_REALM_CREATE: 'realm_create',
  RMI_REALM_ACTIVATE: 'activate',
  RMI_REC_CREATE: 'rec_create',
};

/** Which argument of a command names the granule. */
const GRANULE_OF: Readonly<Record<string, number>> = {
  delegate: 0,
  undelegate: 0,
  data_create: 1,
  data_create_unknown: 1,
  data_destroy: 1,
};

const HALVES: Readonly<Record<number, string>> = { 1: 'SHARED', 2: 'PRIVATE' };
/** A case may write a half in small letters. */
const HALF_WORDS: Readonly<Record<string, string>> = { shared: 'SHARED', private: 'PRIVATE' };
const GRANULE = 4096;

/** The events of each step. `stepAt` is the step of a line of the scenario, counted from 1; `vms` are the VMs' names, in order. */
export function eventsOf(
  run: Run,
  stepAt: (line: number) => number,
  vms: readonly string[],
): ReadonlyMap<number, Event[]> {
  const { log, program } = run;
  const found = new Map<number, Event[]>();
  for (let moment = 1; moment <= run.reached; moment++) {
    const command = log.flowAt(moment)?.command;
    const site = program.instructions[log.instruction(moment)]?.site;
    if (!command || !site || SILENT.has(command.operation.name)) continue;
    const { actor, name } = command.operation;
    if (actor !== 'KVM' && actor !== 'RMM') continue;
    const step = stepAt(site.file.line(site.span.start));
    const events = found.get(step) ?? [];
    found.set(step, events);
    const failed = log.injected(moment) !== undefined || !command.operation.form.succeeded(command.code);
    const word = COMMANDS[name] ?? name;
    const words = [...wordsOf(run, word, command.registers), ...vmOf(vms, word, command.registers)];
    events.push({ name: word, words: failed ? [...words, 'FAIL'] : words });
  }
  return found;
}

function wordsOf({ machine }: Run, name: string, registers: readonly number[]): string[] {
  const granule = GRANULE_OF[name];
  if (granule !== undefined) {
    return [String(Math.floor((registers[granule] ?? 0) / GRANULE) % (machine.linux.pageSize / GRANULE))];
  }
  if (name === 'ripas_set') return ['RAM'];
  if (name === 'alloc') return [sizeText(machine.linux.pageSize * 2 ** (registers[0] ?? 0))];
  if (name === 'split') return partsOf(machine, machine.linux.gmem.inodes.get(registers[0] ?? 0, 'order'));
  if (name === 'merge') return partsOf(machine, registers[2] ?? 0);
  const half = name === 'zap' ? HALVES[registers[3] ?? 0] : undefined;
  return half === undefined ? [] : [half];
}

/** What a large folio is split into or merged from: its size, and how many pages. */
const partsOf = ({ linux }: Run['machine'], order: number) => [
  sizeText(linux.pageSize * 2 ** order),
  String(2 ** order),
];

/** Pieces of work on one VM, which is their first register. */
const OF_VM: ReadonlySet<string> = new Set(['inv_begin', 'inv_end', 'zap', 'flush', 'map', 'vm_bugged']);

const vmOf = (vms: readonly string[], name: string, [vm = 0]: readonly number[]): readonly string[] =>
  OF_VM.has(name) ? vms.slice(vm - 1, vm) : [];

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
  return event.name === name && words.every((word) => event.words.includes(HALF_WORDS[word] ?? word));
}
