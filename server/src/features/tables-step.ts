// What the current step has to do with translation tables: the entries it touched, and the realm and IPA it is about.
import type { Machine } from '../emulator/index.ts';
import { ENTRIES, span } from '../emulator/rmm/rtts.ts';
import { type Run, refusalAt } from '../run/index.ts';
import type { Marks } from './tables-entries.ts';
import type { Mark } from './tables-model.ts';

/** How far back a realm or an IPA is looked for where the step names none; further back nobody thinks of it any more. */
const MOST_BACK = 4096;

/** The moment that the current step led to. Statements that only check come after it, and are told where they failed. */
export function toldOf(run: Run): number {
  const { log, now } = run;
  if (log.step(now) === 0) return 0;
  return run.problemsAt(now).length > 0 ? now : log.momentOf(log.step(now));
}

/** Entries that the step which led to `moment` changed, or that it was refused because of. */
export function marksOf(run: Run, moment: number): Marks {
  const marks = new Map<number, Mark>();
  if (moment === 0) return marks;
  const { machine } = run;
  for (const cell of writtenEntries(run, moment)) marks.set(cell, 'changed');
  const instruction = run.instructionAt(moment);
  if (instruction?.kind !== 'call') return marks;
  for (const cell of refusalAt(run, moment, instruction.operation)?.cells ?? []) {
    if (machine.store.tableOf(cell).name === 'rtt entry') marks.set(cell, 'refused');
  }
  return marks;
}

/** Cells of entries that a moment left with another value, in tables that are still tables. */
function writtenEntries({ machine }: Run, moment: number): Set<number> {
  const { entries } = machine.rmm.rtts;
  const end = entries.cell(entries.rows, 0);
  const before = new Map<number, number>();
  for (const write of machine.store.writesOf(moment)) {
    if (write.cell >= entries.base && write.cell < end && !before.has(write.cell)) before.set(write.cell, write.before);
  }
  const changed = [...before].filter(([cell, value]) => machine.store.read(cell) !== value && isInTable(machine, cell));
  return new Set(changed.map(([cell]) => cell));
}

const isInTable = ({ rmm, pages }: Machine, cell: number) =>
  rmm.granules.state(pages.address(Math.floor(rmm.rtts.entries.rowOf(cell) / ENTRIES))) === 'RTT';

/** What a step is about; `step` is the one that says so. */
export interface TableSubject {
  readonly realm?: number;
  readonly ipa?: number;
  readonly step?: number;
}

/** The IPA and the RD that the step wrote an entry for, else those that it, or the last step before it, was called with. */
export function subjectOf(run: Run, moment: number, realm?: number): TableSubject {
  return (moment === 0 ? undefined : changedEntry(run, moment, realm)) ?? calledWith(run, moment, realm);
}

function changedEntry(run: Run, moment: number, realm?: number): TableSubject | undefined {
  const { rmm, pages } = run.machine;
  for (const cell of writtenEntries(run, moment)) {
    const row = rmm.rtts.entries.rowOf(cell);
    const rtt = Math.floor(row / ENTRIES);
    const rd = pages.address(rmm.rtts.realm(rtt));
    if (realm !== undefined && rd !== realm) continue;
    const step = run.log.step(moment);
    return { step, realm: rd, ipa: rmm.rtts.ipa(rtt) + (row % ENTRIES) * span(rmm.rtts.level(rtt)) };
  }
  return undefined;
}

function calledWith(run: Run, from: number, realm?: number): TableSubject {
  const found: { realm?: number; ipa?: number } = realm === undefined ? {} : { realm };
  for (let moment = from; moment > Math.max(0, from - MOST_BACK); moment--) {
    const instruction = run.instructionAt(moment);
    if (instruction?.kind !== 'call' || !instruction.operation.name.startsWith('RMI_')) continue;
    const registers = run.log.arguments(moment);
    const argument = (test: (param: { readonly name: string; readonly type: string }) => boolean) =>
      registers[instruction.operation.params.findIndex(test)];
    const rd = argument(({ name }) => name === 'rd');
    if (rd === undefined || !isRealm(run.machine, rd)) continue;
    found.realm ??= rd;
    if (rd !== found.realm) continue;
    const ipa = argument(({ type }) => type === 'ipa');
    if (ipa !== undefined && isWithin(run.machine, rd, ipa)) return { ...found, ipa, step: run.log.step(moment) };
  }
  return found;
}

export const isRealm = ({ rmm, pages }: Machine, rd: number): boolean =>
  pages.has(rd) && rmm.granules.state(rd) === 'RD';

export const isWithin = ({ rmm }: Machine, rd: number, ipa: number): boolean =>
  ipa >= 0 && ipa < 2 ** rmm.realms.ipaWidth(rmm.granules.row(rd));
