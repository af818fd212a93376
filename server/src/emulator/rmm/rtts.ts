// Realm translation tables: 512 entries in each granule that is an RTT. RMM 1.0, A5.5.
import type { Store, Table } from '../../store/index.ts';
import { GRANULE } from '../memory/pages.ts';
import type { Granules } from './granules.ts';
import type { Realms } from './realms.ts';
import { entryAddress, entryAt, isAssigned, isLive, isTable, packEntry } from './rtt-entry.ts';

/** The last level: an entry is a page. */
export const PAGE_LEVEL = 3;
export const ENTRIES = 512;

const LEVELS = 4;
const SPANS = Float64Array.from({ length: LEVELS + 1 }, (_, i) => 4096 * ENTRIES ** (PAGE_LEVEL + 1 - i));
/** 1 / span. Spans are powers of two, so that multiplying by these is exact, and much faster than a remainder. */
const INVERSES = SPANS.map((bytes) => 1 / bytes);

/** Bytes of IPA space that one entry at `level` (-1 to 3) covers. */
export const span = (level: number): number => SPANS[level + 1] as number;

/** How many entries at `level` lie below the address; the fraction is how far the address is into the next. */
const entriesBelow = (address: number, level: number): number => address * (INVERSES[level + 1] as number);

/** Whether an address lies at the beginning of what an entry at `level` covers. */
export function isAligned(address: number, level: number): boolean {
  const entries = entriesBelow(address, level);
  return entries === Math.floor(entries);
}

/** The place in its table of the entry for an address. A bitwise operation drops the fraction and all above 32 bits. */
const indexAt = (address: number, level: number): number => entriesBelow(address, level) & (ENTRIES - 1);

const COLUMNS = ['realm', 'level', 'ipa', 'unfolded', 'live'] as const;
const REALM = 0;
const LEVEL = 1;
const IPA = 2;
const UNFOLDED = 3;
const LIVE = 4;

/** Where a walk stopped. `rtt` is the row of the table's granule; `level` that of the entry. */
export interface Walk {
  rtt: number;
  level: number;
  index: number;
  entry: number;
}

export class Rtts {
  /**
   * One row an RTT granule. `unfolded` is the parent's entry that the table was unfolded from: an entry nobody wrote since
   * continues it, so that making a table is one write and not 512. 0 in a start table: there each half has its own initial
   * state. `live` is TF-RMM's reference count: ASSIGNED and TABLE entries.
   */
  readonly table: Table<(typeof COLUMNS)[number]>;
  readonly entries: Table<'entry'>;
  private readonly store: Store;
  private readonly realms: Realms;
  /** PA of the granule in row 0. */
  private readonly firstAddress: number;

  constructor(store: Store, rows: number, granules: Granules, realms: Realms) {
    this.store = store;
    this.realms = realms;
    this.firstAddress = granules.address(0);
    this.table = store.table('rtt', COLUMNS, rows);
    this.entries = store.table('rtt entry', ['entry'], rows * ENTRIES);
  }

  /** Starts the table of granule `rtt`; `unfolded` is the parent entry it continues, 0 for a start table. */
  begin(rtt: number, realm: number, level: number, ipa: number, unfolded: number): void {
    this.table.set(rtt, REALM, realm);
    this.table.set(rtt, LEVEL, level);
    this.table.set(rtt, IPA, ipa);
    this.table.set(rtt, UNFOLDED, unfolded);
    this.table.set(rtt, LIVE, isAssigned(unfolded) ? ENTRIES : 0);
  }

  /** Clears everything that `begin` and `put` left, as the wiping of the granule does. */
  end(rtt: number): void {
    for (let index = 0; index < ENTRIES; index++) this.entries.set(rtt * ENTRIES + index, 0, 0);
    for (let column = 0; column < COLUMNS.length; column++) this.table.set(rtt, column, 0);
  }

  entry(rtt: number, index: number): number {
    const entry = this.store.read(this.entries.base + rtt * ENTRIES + index);
    return entry === 0 ? this.untouched(rtt, index) : entry;
  }

  entryCell(rtt: number, index: number): number {
    return this.entries.cell(rtt * ENTRIES + index, 0);
  }

  /** Writes an entry and keeps count of the live ones (unprotected mappings do not count). */
  put(walk: Walk, entry: number): void {
    const counts = (e: number) => (isAssigned(e) || isTable(e) ? 1 : 0);
    const change = counts(entry) - counts(walk.entry);
    if (change !== 0) this.table.set(walk.rtt, LIVE, this.table.get(walk.rtt, LIVE) + change);
    this.entries.set(walk.rtt * ENTRIES + walk.index, 0, entry);
    walk.entry = entry;
  }

  liveCount(rtt: number): number {
    return this.table.get(rtt, LIVE);
  }

  liveCell(rtt: number): number {
    return this.table.cell(rtt, LIVE);
  }

  /** The cell of the first entry that makes the table live, the table's own count where there is none. */
  liveEntryCell(rtt: number): number {
    for (let index = 0; index < ENTRIES; index++) {
      const entry = this.entry(rtt, index);
      if (isAssigned(entry) || isTable(entry)) return this.entryCell(rtt, index);
    }
    return this.liveCell(rtt);
  }

  realm(rtt: number): number {
    return this.table.get(rtt, REALM);
  }

  level(rtt: number): number {
    return this.table.get(rtt, LEVEL);
  }

  /** The IPA of the table's first entry. */
  ipa(rtt: number): number {
    return this.table.get(rtt, IPA);
  }

  /**
   * Walks from the realm's start tables towards `target` and stops at the first entry that is no table. RMM 1.0, A5.5.3.
   * Reads cells as they are: a TABLE was always written, so only the last entry can be one that continues its parent.
   */
  walk(realm: number, ipa: number, target: number, to: Walk): Walk {
    const { store, realms, firstAddress } = this;
    const { base } = this.entries;
    let level = realms.rttLevelStart(realm);
    let rtt = (realms.rttBase(realm) - firstAddress) / GRANULE + Math.floor(entriesBelow(ipa, level) / ENTRIES);
    let index = indexAt(ipa, level);
    let entry = store.read(base + rtt * ENTRIES + index);
    while (level < target && isTable(entry)) {
      rtt = (entryAddress(entry) - firstAddress) / GRANULE;
      level++;
      index = indexAt(ipa, level);
      entry = store.read(base + rtt * ENTRIES + index);
    }
    to.rtt = rtt;
    to.level = level;
    to.index = index;
    to.entry = entry === 0 ? this.untouched(rtt, index) : entry;
    return to;
  }

  /**
   * The next live IPA in the table where the walk stopped, or the end of that table. A live entry answers `ipa` itself,
   * even in the middle of its block, where the specification's formula would round down to an address below it.
   */
  skipNonLive(walk: Walk, ipa: number): number {
    if (isLive(walk.entry)) return ipa;
    const first = this.ipa(walk.rtt);
    const size = span(walk.level);
    let index = walk.index + 1;
    while (index < ENTRIES && !isLive(this.entry(walk.rtt, index))) index++;
    return first + index * size;
  }

  /** What an entry says that nobody wrote since its table was made. */
  untouched(rtt: number, index: number): number {
    const unfolded = this.table.get(rtt, UNFOLDED);
    if (unfolded !== 0 && !isLive(unfolded)) return unfolded;
    const level = this.level(rtt);
    if (unfolded === 0) return this.initial(rtt, this.ipa(rtt) + index * span(level));
    return entryAt(unfolded, entryAddress(unfolded) + index * span(level));
  }

  /** What REALM_CREATE leaves in a start table. Behind the IPA space the words are zero, which reads as UNASSIGNED_EMPTY. */
  private initial(rtt: number, ipa: number): number {
    const width = this.realms.ipaWidth(this.realm(rtt));
    return packEntry(ipa >= 2 ** (width - 1) && ipa < 2 ** width ? 'UNASSIGNED_NS' : 'UNASSIGNED_EMPTY');
  }
}
