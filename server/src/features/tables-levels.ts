// The picture of the tables: for each level the row of the table that the walk meets, folded to what a reader can tell apart.
import { hex, type Machine, size } from '../emulator/index.ts';
import { entryAddress, isTable } from '../emulator/rmm/rtt-entry.ts';
import { PAGE_LEVEL, span } from '../emulator/rmm/rtts.ts';
import { countedText } from './tables-count.ts';
import {
  entryOf,
  indexOf,
  type Marks,
  type Stretch,
  startTables,
  stretches,
  type TableAt,
  tableAt,
} from './tables-entries.ts';
import type { Half, Level, LevelCell } from './tables-model.ts';
import { entryText, liveBelow, rangeText, stateOf } from './tables-text.ts';

/** Cells of a row: the widest name of a state still fits in half the width of a screen. */
const MOST = 6;

/** A stretch of the picture: a run, or `several` runs between those that are shown. */
interface Shown extends Stretch {
  readonly runs: number;
}

/** From the start level down to the pages; where the walk ended earlier, the levels below are there without cells. */
export function levelsOf(machine: Machine, realm: number, ipa: number, marks: Marks): Level[] {
  const levels: Level[] = [];
  let table: TableAt | undefined = startTables(machine, realm);
  const half = 2 ** (machine.rmm.realms.ipaWidth(realm) - 1);
  let why = '';
  for (let { level } = table; level <= PAGE_LEVEL; level++) {
    const unit = size(span(level));
    if (!table) {
      levels.push({ level, unit, why, cells: [] });
      continue;
    }
    const index = indexOf(table, ipa);
    levels.push({ level, unit, ...rowOf(machine, table, index, half, marks) });
    const entry = entryOf(machine, table, index);
    why = `no table below ${entryText(level, index)} ${stateOf(entry).text}`;
    table = isTable(entry) ? tableAt(machine, entryAddress(entry)) : undefined;
  }
  return levels;
}

function rowOf(
  machine: Machine,
  table: TableAt,
  chosen: number,
  half: number,
  marks: Marks,
): Pick<Level, 'table' | 'cells'> {
  const at = machine.pages.address(table.rtt);
  const all = stretches(machine, table, marks);
  const row = all.findIndex(({ first, count }) => chosen < first + count);
  const runs = joined(split(machine, table, all, chosen), chosen, half, table);
  return {
    table: { at, text: hex(at), live: liveOf(machine, table), row },
    cells: folded(runs, chosen, half, table).map((shown) => cellOf(machine, table, shown, chosen, half)),
  };
}

function liveOf({ rmm }: Machine, table: TableAt): number {
  let live = 0;
  for (let i = 0; i * 512 < table.entries; i++) live += rmm.rtts.liveCount(table.rtt + i);
  return live;
}

/** The chosen entry stands alone, whatever run it belongs to. */
function split(machine: Machine, table: TableAt, runs: readonly Stretch[], chosen: number): Stretch[] {
  return runs.flatMap((run) => {
    const end = run.first + run.count;
    if (chosen < run.first || chosen >= end || run.count === 1) return [run];
    return [
      [run.first, chosen],
      [chosen, chosen + 1],
      [chosen + 1, end],
    ].flatMap(([first = 0, next = 0]) =>
      next > first ? [{ ...run, first, count: next - first, entry: entryOf(machine, table, first) }] : [],
    );
  });
}

const halfOf = (table: TableAt, index: number, half: number): Half =>
  table.ipa + index * span(table.level) < half ? 'protected' : 'unprotected';

/** Neighbours in one state are one cell here, also where their addresses do not continue each other. */
function joined(runs: readonly Stretch[], chosen: number, half: number, table: TableAt): Shown[] {
  const found: Shown[] = [];
  for (const run of runs) {
    const last = found.at(-1);
    const alone = run.first === chosen || last?.first === chosen || run.mark || last?.mark;
    const alike = last && stateOf(last.entry).text === stateOf(run.entry).text;
    if (last && alike && !alone && halfOf(table, last.first, half) === halfOf(table, run.first, half)) {
      last.count += run.count;
    } else found.push({ ...run, runs: 1 });
  }
  return found;
}

/** At most `MOST` cells: the chosen entry, those the step touched and the ends stay, runs between them fall together. */
function folded(runs: readonly Shown[], chosen: number, half: number, table: TableAt): Shown[] {
  if (runs.length <= MOST) return [...runs];
  const at = runs.findIndex((run) => run.first === chosen);
  const wish = [at, ...runs.flatMap((run, i) => (run.mark ? [i] : [])), at + 1, at - 1, 0, runs.length - 1];
  let kept = new Set<number>();
  for (const index of wish) {
    if (index < 0 || index >= runs.length) continue;
    const more = new Set([...kept, index]);
    if (gathered(runs, more, half, table).length <= MOST || kept.size === 0) kept = more;
  }
  return gathered(runs, kept, half, table);
}

/** The runs that are kept, and one for each gap between them in either half. */
function gathered(runs: readonly Shown[], kept: ReadonlySet<number>, half: number, table: TableAt): Shown[] {
  const found: Shown[] = [];
  let open: Shown | undefined;
  for (const [i, run] of runs.entries()) {
    if (open && !kept.has(i) && halfOf(table, open.first, half) === halfOf(table, run.first, half)) {
      open = { ...open, count: open.count + run.count, runs: open.runs + 1 };
      found[found.length - 1] = open;
      continue;
    }
    open = kept.has(i) ? undefined : run;
    found.push(run);
  }
  return found;
}

function cellOf(machine: Machine, table: TableAt, shown: Shown, chosen: number, half: number): LevelCell {
  const { first, count, entry, runs, mark } = shown;
  const { level } = table;
  const ipa = table.ipa + first * span(level);
  const state = runs > 1 ? { text: 'several states' } : stateOf(entry);
  const stores = isTable(entry) || state.text.startsWith('ASSIGNED');
  const only = count === 1 && runs === 1;
  const note = only ? (stores ? hex(entryAddress(entry)) : '') : runs > 1 ? countedText(runs, 'run') : `×${count}`;
  const where = halfOf(table, first, half);
  const touched = mark === 'changed' ? ['changed by this step'] : mark === 'refused' ? ['refused by this step'] : [];
  const amount = count > 1 ? [countedText(count, 'entry', 'entries')] : [];
  const label = [
    entryText(level, first, count),
    rangeText(ipa, count, level),
    state.text,
    ...amount,
    ...(only && stores ? [isTable(entry) ? `RTT ${note}, live ${liveBelow(machine, entry)}` : note] : []),
    `${where} half`,
    ...(first === chosen ? ['on the walk'] : []),
    ...touched,
  ].join(', ');
  return {
    first,
    count,
    ipa,
    index: count === 1 ? String(first) : `${first}..${first + count - 1}`,
    state,
    note,
    label,
    weight: count === 1 ? 17 : 20,
    half: where,
    walk: first === chosen,
    ...(mark ? { mark } : {}),
  };
}
