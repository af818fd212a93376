// Faults at a granule: which call they are for shows when the case is run without them.
import { analyse } from '../../../server/src/features/analysis.ts';
import { COMMANDS, GRANULE_OF } from './events.ts';
import type { Fault, Writer } from './writer.ts';

const GRANULE = 4096;

/** Commands that fail at a granule of a page, those first that a page is made with: what takes it back comes after a failure. */
const FORTH: readonly string[] = ['RMI_GRANULE_DELEGATE', 'RMI_DATA_CREATE', 'RMI_DATA_CREATE_UNKNOWN'];
const BACK: readonly string[] = ['RMI_DATA_DESTROY', 'RMI_GRANULE_UNDELEGATE'];
export const CONCERNS_GRANULE: ReadonlySet<string> = new Set([...FORTH, ...BACK]);

/** Says in the line of each fault which call it is. */
export function settleFaults(writer: Writer): void {
  const order = [...FORTH, ...BACK];
  const waiting = writer.faults.toSorted((a, b) => order.indexOf(a.operation) - order.indexOf(b.operation));
  const lines = writer.lines.map((line, i) => (waiting.some((fault) => fault.line === i) ? '' : line));
  for (const fault of waiting) {
    const nth = callOf(fault, commandsOf(lines.join('\n')), writer);
    if (nth > 0) writer.lines[fault.line] = `inject ${fault.operation} nth ${nth} = ${fault.result}`;
    lines[fault.line] = writer.lines[fault.line] ?? '';
  }
}

interface Sent {
  readonly operation: string;
  readonly registers: readonly number[];
  /** Of the statement, from 0. */
  readonly line: number;
}

/** The commands that a text sends to firmware. */
function commandsOf(text: string): readonly Sent[] {
  const { run } = analyse('rehearsal.cocoscn', text, () => ({ problem: 'a case includes nothing' }));
  while (run.advance());
  return Array.from({ length: run.reached }, (_, i) => i + 1).flatMap((moment) => {
    const command = run.log.flowAt(moment)?.command;
    const site = run.program.instructions[run.log.instruction(moment)]?.site;
    if (!command || !site || command.operation.actor !== 'RMM') return [];
    const line = site.file.line(site.span.start) - 1;
    return [{ operation: command.operation.name, registers: command.registers, line }];
  });
}

/** The number of the call, from the line of the fault on, that is for its granule; 0 if none is. */
function callOf({ operation, line, page, granule }: Fault, sent: readonly Sent[], { pageSize, steps }: Writer): number {
  const address = ({ operation: name, registers }: Sent) => registers[GRANULE_OF[COMMANDS[name] ?? ''] ?? 0] ?? 0;
  const isData = ({ operation: name }: Sent) => name === 'RMI_DATA_CREATE' || name === 'RMI_DATA_CREATE_UNKNOWN';
  const data = new Set(sent.filter(isData).map(address));
  const calls = sent.filter((one) => one.operation === operation && one.line > line);
  // A destruction names its IPA.
  const concerns = (one: Sent) => operation === 'RMI_DATA_DESTROY' || data.has(address(one));
  const first = calls.find(concerns);
  if (!first) return 0;
  const own = calls.filter((one) => concerns(one) && steps[one.line] === steps[first.line]);
  const pageOf = (one: Sent) => Math.floor(address(one) / pageSize);
  const pages = [...new Set(own.map(pageOf))];
  const granules = pageSize / GRANULE;
  const wanted = pages[page ?? Math.floor(granule / granules)] ?? pages.at(-1);
  const isWanted = (one: Sent) => pageOf(one) === wanted && (address(one) / GRANULE) % granules === granule % granules;
  const call = own.find(isWanted);
  return call ? calls.indexOf(call) + 1 : 0;
}
