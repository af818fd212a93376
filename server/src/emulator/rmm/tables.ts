// Removing a translation table: what RTT_DESTROY and RTT_FOLD do to it and to its parent entry.
import type { Rmm } from './rmm.ts';
import { entryAddress, entryAt, entryState, isAssigned, isLive, isTable } from './rtt-entry.ts';
import { ENTRIES, span } from './rtts.ts';

/** Puts `entry` where the walk stopped at a TABLE, frees the table that was below and returns its PA. */
export function removeChild({ granules, rtts, walk }: Rmm, entry: number): number {
  const rtt = entryAddress(walk.entry);
  rtts.end(granules.row(rtt));
  granules.reclaim(rtt);
  rtts.put(walk, entry);
  return rtt;
}

/**
 * The parent entry that says the same as the table below the walk, or `undefined` where no single entry does. RMM 1.0,
 * A5.5.7: all entries are in one state, and where they store addresses those are consecutive and aligned as one block.
 */
export function foldedEntry({ granules, rtts, walk }: Rmm): number | undefined {
  const rtt = granules.row(entryAddress(walk.entry));
  const first = rtts.entry(rtt, 0);
  const level = walk.level + 1;
  if (isTable(first)) return undefined;
  if (!isLive(first)) return allEqual(rtt, () => first) ? first : undefined;
  const base = entryAddress(first);
  const isBlock = level >= MIN_BLOCK_CHILD && base % span(walk.level) === 0;
  return isBlock && allEqual(rtt, (i) => entryAt(first, base + i * span(level))) ? first : undefined;

  function allEqual(row: number, expected: (index: number) => number): boolean {
    for (let i = 1; i < ENTRIES; i++) if (rtts.entry(row, i) !== expected(i)) return false;
    return true;
  }
}

/** Blocks exist at levels 1 and 2, so the folded table is at level 2 or 3. */
const MIN_BLOCK_CHILD = 2;

/**
 * Where TF-RMM reports a table at level 1 that does not fold with the level of its parent: a full table of pages, or host
 * blocks of 1 GiB that would fold.
 */
export function tfReportsParent({ granules, rtts, walk }: Rmm): boolean {
  if (walk.level !== 0) return false;
  const rtt = granules.row(entryAddress(walk.entry));
  if (rtts.liveCount(rtt) === ENTRIES) return true;
  const first = rtts.entry(rtt, 0);
  if (entryState(first) !== 'ASSIGNED_NS' || isAssigned(first)) return false;
  const base = entryAddress(first);
  for (let i = 1; i < ENTRIES; i++) if (rtts.entry(rtt, i) !== entryAt(first, base + i * span(1))) return false;
  return base % span(0) === 0;
}

/** The cell of the entry that keeps the table below the walk from folding: the first one unlike its first entry. */
export function unlikeCell({ granules, rtts, walk }: Rmm): number {
  const rtt = granules.row(entryAddress(walk.entry));
  const first = rtts.entry(rtt, 0);
  const step = isLive(first) && !isTable(first) ? span(walk.level + 1) : 0;
  for (let i = 1; i < ENTRIES; i++) {
    if (rtts.entry(rtt, i) !== entryAt(first, entryAddress(first) + i * step)) return rtts.entryCell(rtt, i);
  }
  return rtts.entryCell(rtt, 0);
}
