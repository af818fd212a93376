// What happened in a step, in the words of the cases: pieces of kernel work and commands to firmware, from the log of the run.
import type { Run } from '../../../server/src/run/index.ts';

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
const GRANULE = 4096;

/** The events of each step. `stepAt` is the step of a line of the scenario, counted from 1. */
export function eventsOf(run: Run, stepAt: (line: number) => number): ReadonlyMap<number, Event[]> {
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
    events.push({ name: word, words: [...wordsOf(run, word, command.registers), ...(failed ? ['FAIL'] : [])] });
  }
  return found;
}

function wordsOf({ machine }: Run, name: string, registers: readonly number[]): string[] {
  const granule = GRANULE_OF[name];
  if (granule !== undefined) {
    return [String(Math.floor((registers[granule] ?? 0) / GRANULE) % (machine.linux.pageSize / GRANULE))];
  }
  if (name === 'ripas_set') return ['RAM'];
  const half = name === 'zap' ? HALVES[registers[3] ?? 0] : undefined;
  return half === undefined ? [] : [half];
}

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
  const [name, ...words] = wanted.replace(/\((.*)\)$/, ' $1').split(' ');
  return event.name === name && words.every((word) => event.words.includes(word));
}
