// Tables of a realm and the runs of equal entries in them, found by reading each entry once.
import type { Machine } from '../emulator/index.ts';
import { entryAddress, entryAt, isLive, isTable } from '../emulator/rmm/rtt-entry.ts';
import { ENTRIES, span } from '../emulator/rmm/rtts.ts';
import type { Mark } from './tables-model.ts';

/** One table, or all start tables of a realm, which lie one behind the other and act as one. */
export interface TableAt {
  /** Row of the RD. */
  readonly realm: number;
  /** Row of the first granule. */
  readonly rtt: number;
  readonly level: number;
  /** IPA of the first entry. */
  readonly ipa: number;
  /** Entries that an IPA can lead to. */
  readonly entries: number;
}

/** A run by its place in the table, with the entry that it begins with. */
export interface Stretch {
  readonly first: number;
  count: number;
  readonly entry: number;
  readonly mark: Mark | undefined;
}

/** By cell of the store. */
export type Marks = ReadonlyMap<number, Mark>;

export function startTables({ rmm }: Machine, realm: number): TableAt {
  const { realms, granules } = rmm;
  const level = realms.rttLevelStart(realm);
  const all = realms.get(realm, 'rtt_num_start') * ENTRIES;
  return {
    realm,
    rtt: granules.row(realms.rttBase(realm)),
    level,
    ipa: 0,
    entries: Math.min(all, Math.ceil(2 ** realms.ipaWidth(realm) / span(level))),
  };
}

/** The table in a granule that is an RTT; the start tables together where it is the first of them. */
export function tableAt(machine: Machine, pa: number): TableAt | undefined {
  const { rmm, pages } = machine;
  if (!pages.has(pa) || rmm.granules.state(pa) !== 'RTT') return undefined;
  const rtt = rmm.granules.row(pa);
  const realm = rmm.rtts.realm(rtt);
  if (rmm.realms.rttBase(realm) === pa) return startTables(machine, realm);
  return { realm, rtt, level: rmm.rtts.level(rtt), ipa: rmm.rtts.ipa(rtt), entries: ENTRIES };
}

/** The granule of an entry and its place there. */
export const placeOf = (table: TableAt, index: number): readonly [rtt: number, index: number] => [
  table.rtt + Math.floor(index / ENTRIES),
  index % ENTRIES,
];

export const indexOf = (table: TableAt, ipa: number): number => Math.floor((ipa - table.ipa) / span(table.level));

export const entryOf = ({ rmm }: Machine, table: TableAt, index: number): number =>
  rmm.rtts.entry(...placeOf(table, index));

export const cellOf = ({ rmm }: Machine, table: TableAt, index: number): number =>
  rmm.rtts.entryCell(...placeOf(table, index));

/** All runs of a table, in order. Entries that the step touched are not folded into others. */
export function stretches(machine: Machine, table: TableAt, marks: Marks): Stretch[] {
  const found: Stretch[] = [];
  const size = span(table.level);
  let last: Stretch | undefined;
  let expected = 0;
  for (let index = 0; index < table.entries; index++) {
    const entry = entryOf(machine, table, index);
    const mark = marks.size === 0 ? undefined : marks.get(cellOf(machine, table, index));
    if (last && entry === expected && mark === last.mark) last.count++;
    else {
      last = { first: index, count: 1, entry, mark };
      found.push(last);
    }
    expected = isTable(entry) ? Number.NaN : isLive(entry) ? entryAt(entry, entryAddress(entry) + size) : entry;
  }
  return found;
}

/** Granules that are RTTs of the realm. Only entries that were written are read: no other can be a TABLE. */
export function countTables(machine: Machine, realm: number): number {
  const { granules, rtts, realms } = machine.rmm;
  const start = startTables(machine, realm);
  const below = (rtt: number, level: number): number => {
    if (level === 3) return 1;
    let count = 1;
    for (let index = 0; index < ENTRIES; index++) {
      const entry = rtts.entries.get(rtt * ENTRIES + index, 0);
      if (isTable(entry)) count += below(granules.row(entryAddress(entry)), level + 1);
    }
    return count;
  };
  let count = 0;
  for (let i = 0; i < realms.get(realm, 'rtt_num_start'); i++) count += below(start.rtt + i, start.level);
  return count;
}
