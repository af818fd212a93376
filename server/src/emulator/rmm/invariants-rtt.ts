// Invariants of granules and translation tables.
import { hex } from '../format.ts';
import type { Finding, Invariant } from './invariants.ts';
import type { Rmm } from './rmm.ts';
import { entryAddress, entryRipas, entryState, isAssigned, isLive, isTable, isUnassigned } from './rtt-entry.ts';
import { ENTRIES, PAGE_LEVEL, span } from './rtts.ts';
import type { EntryChange, Moved, Touched } from './touched.ts';

const finding = (text: string, ...cells: number[]): Finding => ({ text, cells });

const hasRipas = (entry: number) => isAssigned(entry) || isUnassigned(entry);
const isNs = (entry: number) => entryState(entry).endsWith('_NS');

/** Where an entry stands: its level, its IPA, and whether the IPA is protected. */
function place({ rtts, realms }: Rmm, { rtt, index }: EntryChange) {
  const level = rtts.level(rtt);
  const ipa = rtts.ipa(rtt) + index * span(level);
  return { level, ipa, isProtected: ipa < 2 ** (realms.ipaWidth(rtts.realm(rtt)) - 1) };
}

const describe = (rmm: Rmm, change: EntryChange) => {
  const { level, ipa } = place(rmm, change);
  return `the level ${level} entry of IPA ${hex(ipa)} is ${entryState(change.after)}`;
};

/** Whether an entry, as it is or was, stores the address of a granule, alone or in a block. */
function maps(rmm: Rmm, { rtt }: EntryChange, entry: number, row: number): boolean {
  if (!isAssigned(entry)) return false;
  const offset = rmm.granules.address(row) - entryAddress(entry);
  return offset >= 0 && offset < span(rmm.rtts.level(rtt));
}

const gpt: Invariant = {
  id: 'gpt_realm',
  text: 'The GPT entry of a granule that the RMM owns or holds is REALM.',
  reference: 'DEN0137 1.0-rel0, A2.2',
  judges: {
    granules({ granules }, row) {
      const pa = granules.address(row);
      const owned = granules.state(pa) !== 'UNDELEGATED';
      if (owned === (granules.gpt(pa) === 'REALM')) return undefined;
      const text = `granule ${hex(pa)} is ${granules.state(pa)} and its GPT entry is ${granules.gpt(pa)}`;
      return finding(text, granules.stateCell(pa), granules.gptCell(pa));
    },
  },
};

type Refers = (rmm: Rmm, change: EntryChange, entry: number, row: number) => boolean;

/** A granule that came into or left a state, and the entries that should have changed with it did not. */
function unmatched(
  rmm: Rmm,
  move: Moved,
  { entries, wiped }: Touched,
  state: 'DATA' | 'RTT',
  refers: Refers,
): Finding | undefined {
  const isIn = move.after === state;
  const now = entries.filter((change) => refers(rmm, change, change.after, move.row)).length;
  const before = [...entries, ...wiped].filter((change) => refers(rmm, change, change.before, move.row)).length;
  if (isIn ? now === 1 : now === 0 && before === 1) return undefined;
  const pa = hex(rmm.granules.address(move.row));
  const text = isIn
    ? `granule ${pa} became ${state} and ${now} entries map it`
    : `granule ${pa} is not ${state} any more, and of the entries that mapped it one still should not or none was cleared`;
  return finding(text, move.cell);
}

const isPassage = ({ before, after }: Moved, state: 'DATA' | 'RTT') => (before === state) !== (after === state);

const data: Invariant = {
  id: 'data_mapped_once',
  text: 'Each DATA granule is the output of exactly one ASSIGNED entry, and an ASSIGNED entry outputs DATA granules.',
  reference: 'DEN0137 1.0-rel0, A2.2 and A5.5',
  judges: {
    entries(rmm, change) {
      if (!isAssigned(change.after)) return undefined;
      const { granules, rtts } = rmm;
      const first = entryAddress(change.after);
      const last = first + span(rtts.level(change.rtt)) - span(PAGE_LEVEL);
      const bad = [first, last].find((pa) => !granules.tracks(pa) || granules.state(pa) !== 'DATA');
      if (bad === undefined) return undefined;
      return finding(`${describe(rmm, change)} and granule ${hex(bad)} is not DATA`, change.cell);
    },
    moved: (rmm, move, touched) => (isPassage(move, 'DATA') ? unmatched(rmm, move, touched, 'DATA', maps) : undefined),
  },
};

const leadsTo: Refers = ({ granules }, _change, entry, row) =>
  isTable(entry) && entryAddress(entry) === granules.address(row);

const tables: Invariant = {
  id: 'rtt_reached_once',
  text: 'Each table below the start tables is the output of exactly one TABLE entry, one level up.',
  reference: 'DEN0137 1.0-rel0, A5.5',
  judges: {
    entries(rmm, change) {
      if (!isTable(change.after)) return undefined;
      const { granules, rtts } = rmm;
      const { level, ipa } = place(rmm, change);
      const pa = entryAddress(change.after);
      const row = granules.row(pa);
      const fits =
        granules.tracks(pa) && granules.state(pa) === 'RTT' && rtts.level(row) === level + 1 && rtts.ipa(row) === ipa;
      return fits ? undefined : finding(`${describe(rmm, change)} and ${hex(pa)} is no table for it`, change.cell);
    },
    moved(rmm, move, touched) {
      if (!isPassage(move, 'RTT')) return undefined;
      const isStart =
        move.after === 'RTT' ? isStartTable(rmm, move.row) : touched.moved.some(({ before }) => before === 'RD');
      return isStart ? undefined : unmatched(rmm, move, touched, 'RTT', leadsTo);
    },
  },
};

function isStartTable({ rtts, realms, granules }: Rmm, row: number): boolean {
  const realm = rtts.realm(row);
  const index = row - granules.row(realms.rttBase(realm));
  return index >= 0 && index < realms.get(realm, 'rtt_num_start');
}

const halves: Invariant = {
  id: 'ripas_protected',
  text: 'Entries with a RIPAS stand in the protected half of the IPA space, unprotected ones in the other.',
  reference: 'DEN0137 1.0-rel0, A5.2',
  judges: {
    entries(rmm, change) {
      const wrong = place(rmm, change).isProtected ? isNs(change.after) : hasRipas(change.after);
      return wrong ? finding(`${describe(rmm, change)} in the wrong half`, change.cell) : undefined;
    },
  },
};

const levels: Invariant = {
  id: 'rtte_level',
  text: 'Pages and blocks stand at levels 1 to 3, tables above level 3.',
  reference: 'DEN0137 1.0-rel0, A5.5',
  judges: {
    entries(rmm, change) {
      const level = rmm.rtts.level(change.rtt);
      const wrong = isTable(change.after) ? level >= PAGE_LEVEL : isLive(change.after) && level < 1;
      return wrong ? finding(describe(rmm, change), change.cell) : undefined;
    },
  },
};

const sumOf = (sum: number, n: number) => sum + n;
const counts = (entry: number): number => (isAssigned(entry) || isTable(entry) ? 1 : 0);

const live: Invariant = {
  id: 'rtt_live_count',
  text: 'The count of live entries of a table is that of its ASSIGNED and TABLE entries.',
  reference: 'TF-RMM, reference counts of RTT granules',
  judges: {
    tables({ granules, rtts }, row, { entries, moved, rtts: changes }) {
      if (granules.state(granules.address(row)) !== 'RTT') return undefined;
      const grew = changes.find((change) => change.row === row && change.column === 'live');
      const difference = (grew?.after ?? 0) - (grew?.before ?? 0);
      const isNew = moved.some((move) => move.row === row);
      const expected = isNew
        ? Array.from({ length: ENTRIES }, (_, i) => counts(rtts.entry(row, i))).reduce(sumOf, 0)
        : entries
            .filter(({ rtt }) => rtt === row)
            .map(({ before, after }) => counts(after) - counts(before))
            .reduce(sumOf, 0);
      const found = isNew ? rtts.liveCount(row) : difference;
      if (found === expected) return undefined;
      return finding(`table ${hex(granules.address(row))} counts ${found} instead of ${expected}`, rtts.liveCell(row));
    },
  },
};

const ripas: Invariant = {
  id: 'ripas_requested',
  text: 'In a realm that is not NEW a RIPAS becomes EMPTY or RAM only inside a range that the realm asked to change.',
  reference: 'DEN0137 1.0-rel0, A5.2.2',
  judges: {
    entries(rmm, change, { recs }) {
      const { rtts, realms } = rmm;
      if (!hasRipas(change.before) || !hasRipas(change.after)) return undefined;
      const now = entryRipas(change.after);
      const isNew = realms.get(rtts.realm(change.rtt), 'state') === 0;
      if (now === entryRipas(change.before) || now === 'DESTROYED' || isNew) return undefined;
      const { ipa } = place(rmm, change);
      const asked = recs.some(({ column, before, after }) => column === 'ripas_addr' && ipa >= before && ipa < after);
      return asked ? undefined : finding(`${describe(rmm, change)} and no REC of the realm asked for it`, change.cell);
    },
  },
};

export const RTT_INVARIANTS: readonly Invariant[] = [gpt, data, tables, halves, levels, live, ripas];
