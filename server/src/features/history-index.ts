// Which moments of a run have to do with one page: those that wrote its cells, and those whose call only named it.
import { type CellText, describeWrite, type Machine } from '../emulator/index.ts';
import { GRANULE_STATES } from '../emulator/rmm/granules.ts';
import { entryAddress, isLive, isTable } from '../emulator/rmm/rtt-entry.ts';
import type { Run } from '../run/index.ts';
import type { Write } from '../store/index.ts';
import { elsewhere } from './elsewhere.ts';
import { framePage, namedMoments, withIpa } from './history-calls.ts';
import { familyOf } from './moment-families.ts';
import { changesOfPage, ipaOf, stateOfPage } from './page-changes.ts';
import { PageLife, type Subject } from './page-life.ts';
import type { Value } from './panel-model.ts';
import type { Touch } from './timeline-model.ts';
import { firstFrom } from './timeline-track.ts';

/** Lines that one transition has at most, so that a digit says how many. */
export const MOST_LINES = 6;

/** While a translation table entry leads to the page: moments `from` to `to`, the one that took it away included. */
export interface Mapped {
  readonly realm: number;
  readonly ipa: number;
  readonly from: number;
  to: number;
}

/** What is known of a page, ascending by moment. Columns and not objects: a descriptor is named by every command. */
export interface PageIndex {
  /** PA of the page, where the host kernel takes no part. */
  readonly at: number;
  /** Where it does: the page with all its places. */
  readonly life: PageLife | undefined;
  readonly moments: number[];
  /** The step of each. */
  readonly steps: number[];
  /** Cells of the page that it changed, 0 for a touch; at most `MOST_LINES`. */
  readonly lines: number[];
  /** The page's state right after it, by its place among `values`. */
  readonly states: number[];
  /** The states that it has at some time; the first one from the beginning. */
  readonly values: Value[];
}

interface Growing extends PageIndex {
  upto: number;
  /** Of a page with a life: what its cells were found in. */
  layout: string;
  /** Cells of entries that lead to the page, or did. */
  readonly entries: Set<number>;
  readonly mapped: Mapped[];
}

/** The last pages that were asked for; the panels show one page at a time. */
const KEPT = 4;
const known = new WeakMap<Run, { readonly key: string; readonly index: ReturnType<typeof newPageIndex> }[]>();

/** A page by its PA, or as a part of the kernel's memory. */
export type PageOf = { readonly at: number } | { readonly subject: Subject };

/** Everything about a page, up to what the run has executed. */
export function pageIndexOf(run: Run, page: PageOf): PageIndex {
  const kept = known.get(run) ?? [];
  known.set(run, kept);
  const key = JSON.stringify(page);
  const found = kept.find((one) => one.key === key) ?? { key, index: newPageIndex(run, page) };
  kept.splice(0, kept.length, found, ...kept.filter((one) => one !== found).slice(0, KEPT - 1));
  found.index.update();
  return found.index;
}

/** An index of one's own, of which nothing is known before `update`. */
export function newPageIndex(run: Run, page: PageOf): PageIndex & { update(): void } {
  const index: Growing = {
    at: 'at' in page ? page.at : 0,
    life: 'at' in page ? undefined : new PageLife(run, page.subject),
    moments: [],
    steps: [],
    lines: [],
    states: [],
    values: 'at' in page ? GRANULE_STATES.map((text) => ({ text, family: familyOf(text) })) : [],
    upto: 0,
    layout: '',
    entries: new Set(),
    mapped: [],
  };
  const update = () => {
    const { life } = index;
    if (index.upto < run.reached) elsewhere(run, () => (life ? live(run, index, life) : extend(run, index)));
  };
  return Object.assign(index, { update });
}

/** What a moment changed of the page; the run is left there. */
export function changesAt(run: Run, { life, at }: PageIndex, moment: number): CellText[] {
  if (life) return changesOfPage(run, life, moment);
  run.seek(moment);
  return writesOfPage(run.machine, at, moment).flatMap((write) => describeWrite(run.machine, write) ?? []);
}

/** What a moment has to do with the page. */
export function touchAt({ moments, lines }: PageIndex, moment: number): Touch | undefined {
  const index = firstFrom(moments.length, (i) => (moments[i] as number) >= moment);
  if (moments[index] !== moment) return undefined;
  return lines[index] === 0 ? 'touched' : 'changed';
}

/** Calls `visit` for the steps `from` to `to` that have to do with the page. */
export function eachTouch(
  { steps, lines }: PageIndex,
  from: number,
  to: number,
  visit: (n: number, changes: boolean) => void,
): void {
  for (let i = firstFrom(steps.length, (at) => (steps[at] as number) >= from); i < steps.length; i++) {
    const n = steps[i] as number;
    if (n > to) return;
    visit(n, lines[i] !== 0);
  }
}

/** The writes of a moment that change the page, each cell once; the machine stands right after it. */
export function writesOfPage(machine: Machine, at: number, moment: number): Write[] {
  const merged = new Map<number, Write>();
  for (const write of machine.store.writesOf(moment)) {
    if (!isOfPage(machine, at, write)) continue;
    const first = merged.get(write.cell);
    merged.set(write.cell, first ? { ...write, before: first.before } : write);
  }
  return [...merged.values()].filter(({ before, after }) => before !== after);
}

/** Looks at the tables by their numbers first: describing every write of a long run takes too long. */
function isOfPage(machine: Machine, at: number, write: Write): boolean {
  const { rmm, pages } = machine;
  const row = pages.row(at);
  const { cell } = write;
  const isIn = ({ base, width }: { readonly base: number; readonly width: number }) =>
    cell >= base + row * width && cell < base + (row + 1) * width;
  if (isIn(rmm.granules.table) || isIn(pages.table)) return true;
  if (!isIn(rmm.realms.table) && !isIn(rmm.rtts.table) && !leadsTo(machine, at, write)) return false;
  return describeWrite(machine, write) !== undefined;
}

/** Whether an entry leads to the page, before the write or after it. */
function leadsTo({ rmm }: Machine, at: number, { cell, before, after }: Write): boolean {
  const { base, rows } = rmm.rtts.entries;
  return cell >= base && cell < base + rows && (maps(before, at) || maps(after, at));
}

const maps = (entry: number, at: number) => isLive(entry) && !isTable(entry) && entryAddress(entry) === at;

/** The page's own cells: its granule, its contents, the state of the realm that it describes. */
function cellsOf({ rmm, pages }: Machine, at: number): number[] {
  const row = pages.row(at);
  const realm = rmm.realms.table;
  return [
    rmm.granules.stateCell(at),
    rmm.granules.gptCell(at),
    pages.table.cell(row, 0),
    realm.cell(row, realm.columns.indexOf('state')),
  ];
}

function extend(run: Run, index: Growing): void {
  const { machine } = run;
  const { at, upto } = index;
  const wrote = (cells: Iterable<number>) => machine.store.momentsOf([...cells], upto);
  const named = namedMoments(run, framePage(at), upto);
  const changing = new Map<number, Change>();
  const look = (moments: readonly number[]) => {
    for (const moment of ascending(moments)) {
      if (changing.has(moment)) continue;
      const change = changeAt(run, index, moment);
      if (change) changing.set(moment, change);
    }
  };
  look([...wrote(cellsOf(machine, at)), ...named.described]);
  // What else was written to the entries that were found to lead here.
  look(wrote(index.entries));
  const touching = [...named.arguments, ...withIpa(run, index.mapped, upto)];
  append(run, index, ascending([...changing.keys(), ...touching]), changing);
  index.upto = run.reached;
}

/** The same for a page of the kernel's memory. Where its cells are others than before, all is looked at again. */
function live(run: Run, index: Growing, life: PageLife): void {
  const { store } = run.machine;
  run.seek(run.reached);
  const cells = () => store.momentsOf(life.cells, index.upto);
  let wrote = cells();
  if (index.layout !== life.layout || wrote.length > 0) {
    life.update();
    index.layout = life.layout;
    index.upto = 0;
    for (const list of [index.moments, index.steps, index.lines, index.states, index.values]) list.length = 0;
    run.seek(0);
    stateNumber(index, stateOfPage(run, life));
    run.seek(run.reached);
    wrote = cells();
  }
  const named = namedMoments(run, life, index.upto);
  const inRealms = withIpa(run, mappedIn(run, life), index.upto);
  const changing = new Map<number, Change>();
  const looked = ascending([...wrote, ...named.described, ...inRealms]);
  for (const moment of looked) {
    const { length } = changesOfPage(run, life, moment);
    if (length === 0) continue;
    changing.set(moment, { lines: Math.min(MOST_LINES, length), state: stateNumber(index, stateOfPage(run, life)) });
  }
  append(run, index, ascending([...changing.keys(), ...named.arguments, ...inRealms]), changing);
  index.upto = run.reached;
}

function stateNumber({ values }: Growing, value: Value): number {
  const found = values.findIndex(({ text, family }) => text === value.text && family === value.family);
  return found >= 0 ? found : values.push(value) - 1;
}

/** Where realms have the page, as long as they do. */
function mappedIn(run: Run, life: PageLife): Mapped[] {
  return life.guests.flatMap((guest): Mapped[] => {
    run.seek(Math.min(guest.to, run.reached));
    const at = ipaOf(run.machine, life, guest);
    return at ? [{ realm: at.rd, ipa: at.ipa, from: guest.from, to: guest.to }] : [];
  });
}

interface Change {
  readonly lines: number;
  readonly state: number;
}

/** What a moment did to the page; the run is left there. */
function changeAt(run: Run, index: Growing, moment: number): Change | undefined {
  const { machine } = run;
  const { at } = index;
  run.seek(moment);
  const writes = writesOfPage(machine, at, moment);
  if (writes.length === 0) return undefined;
  for (const write of writes) {
    if (!leadsTo(machine, at, write)) continue;
    index.entries.add(write.cell);
    follow(machine, index, moment, write);
  }
  const state = machine.store.read(machine.rmm.granules.stateCell(at));
  return { lines: Math.min(MOST_LINES, writes.length), state };
}

function append({ log }: Run, index: Growing, moments: readonly number[], changing: ReadonlyMap<number, Change>): void {
  for (const moment of moments) {
    const change = changing.get(moment);
    index.moments.push(moment);
    index.steps.push(log.step(moment));
    index.lines.push(change?.lines ?? 0);
    index.states.push(change?.state ?? index.states.at(-1) ?? 0);
  }
}

/** Notes from when to when an entry leads to the page. */
function follow(machine: Machine, { at, mapped }: Growing, moment: number, write: Write): void {
  const text = describeWrite(machine, write);
  if (text?.object === undefined) return;
  const { object: realm, at: ipa } = text;
  const open = mapped.find((one) => one.realm === realm && one.ipa === ipa && one.to === Number.POSITIVE_INFINITY);
  if (maps(write.after, at)) {
    if (!open) mapped.push({ realm, ipa, from: moment, to: Number.POSITIVE_INFINITY });
  } else if (open) open.to = moment;
}

const ascending = (moments: readonly number[]): number[] => [...new Set(moments)].sort((a, b) => a - b);
