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
  concerns: ['granules'],
  broken: ({ granules }, { granules: rows }) =>
    [...rows].flatMap((row) => {
      const pa = granules.address(row);
      const owned = granules.state(pa) !== 'UNDELEGATED';
      if (owned === (granules.gpt(pa) === 'REALM')) return [];
      const text = `granule ${hex(pa)} is ${granules.state(pa)} and its GPT entry is ${granules.gpt(pa)}`;
      return [finding(text, granules.stateCell(pa), granules.gptCell(pa))];
    }),
};

/** Granules that came into or left a state, with the entries that should have changed with them. */
function unmatched(
  rmm: Rmm,
  { moved, entries, wiped }: Touched,
  state: 'DATA' | 'RTT',
  refers: (change: EntryChange, entry: number, row: number) => boolean,
  excused: (move: Moved) => boolean,
): Finding[] {
  return moved.flatMap((move) => {
    const isIn = move.after === state;
    if (isIn === (move.before === state) || excused(move)) return [];
    const now = entries.filter((change) => refers(change, change.after, move.row)).length;
    const before = [...entries, ...wiped].filter((change) => refers(change, change.before, move.row)).length;
    if (isIn ? now === 1 : now === 0 && before === 1) return [];
    const pa = hex(rmm.granules.address(move.row));
    const text = isIn
      ? `granule ${pa} became ${state} and ${now} entries map it`
      : `granule ${pa} is not ${state} any more, and of the entries that mapped it one still should not or none was cleared`;
    return [finding(text, move.cell)];
  });
}

const data: Invariant = {
  id: 'data_mapped_once',
  text: 'Each DATA granule is the output of exactly one ASSIGNED entry, and an ASSIGNED entry outputs DATA granules.',
  reference: 'DEN0137 1.0-rel0, A2.2 and A5.5',
  concerns: ['entries', 'moved'],
  broken(rmm, touched) {
    const { granules, rtts } = rmm;
    const wrong = touched.entries.flatMap((change) => {
      if (!isAssigned(change.after)) return [];
      const first = entryAddress(change.after);
      const last = first + span(rtts.level(change.rtt)) - span(PAGE_LEVEL);
      const bad = [first, last].find((pa) => !granules.tracks(pa) || granules.state(pa) !== 'DATA');
      return bad === undefined
        ? []
        : [finding(`${describe(rmm, change)} and granule ${hex(bad)} is not DATA`, change.cell)];
    });
    const refers = (change: EntryChange, entry: number, row: number) => maps(rmm, change, entry, row);
    return [...wrong, ...unmatched(rmm, touched, 'DATA', refers, () => false)];
  },
};

const tables: Invariant = {
  id: 'rtt_reached_once',
  text: 'Each table below the start tables is the output of exactly one TABLE entry, one level up.',
  reference: 'DEN0137 1.0-rel0, A5.5',
  concerns: ['entries', 'moved'],
  broken(rmm, touched) {
    const { granules, rtts } = rmm;
    const wrong = touched.entries.flatMap((change) => {
      if (!isTable(change.after)) return [];
      const { level, ipa } = place(rmm, change);
      const pa = entryAddress(change.after);
      const row = granules.row(pa);
      const fits =
        granules.tracks(pa) && granules.state(pa) === 'RTT' && rtts.level(row) === level + 1 && rtts.ipa(row) === ipa;
      return fits ? [] : [finding(`${describe(rmm, change)} and ${hex(pa)} is no table for it`, change.cell)];
    });
    const refers = (_change: EntryChange, entry: number, row: number) =>
      isTable(entry) && entryAddress(entry) === granules.address(row);
    const isStart = ({ row, after }: Moved) =>
      after === 'RTT' ? isStartTable(rmm, row) : touched.moved.some((move) => move.before === 'RD');
    return [...wrong, ...unmatched(rmm, touched, 'RTT', refers, isStart)];
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
  concerns: ['entries'],
  broken: (rmm, { entries }) =>
    entries.flatMap((change) => {
      const { isProtected } = place(rmm, change);
      const wrong = isProtected ? isNs(change.after) : hasRipas(change.after);
      return wrong ? [finding(`${describe(rmm, change)} in the wrong half`, change.cell)] : [];
    }),
};

const levels: Invariant = {
  id: 'rtte_level',
  text: 'Pages and blocks stand at levels 1 to 3, tables above level 3.',
  reference: 'DEN0137 1.0-rel0, A5.5',
  concerns: ['entries'],
  broken: (rmm, { entries }) =>
    entries.flatMap((change) => {
      const { level } = place(rmm, change);
      const wrong = isTable(change.after) ? level >= PAGE_LEVEL : isLive(change.after) && level < 1;
      return wrong ? [finding(describe(rmm, change), change.cell)] : [];
    }),
};

const sumOf = (sum: number, n: number) => sum + n;
const counts = (entry: number): number => (isAssigned(entry) || isTable(entry) ? 1 : 0);

const live: Invariant = {
  id: 'rtt_live_count',
  text: 'The count of live entries of a table is that of its ASSIGNED and TABLE entries.',
  reference: 'TF-RMM, reference counts of RTT granules',
  concerns: ['entries', 'rtts'],
  broken({ granules, rtts }, { entries, moved, rtts: changes }) {
    const rows = new Set([...entries.map(({ rtt }) => rtt), ...changes.map(({ row }) => row)]);
    return [...rows].flatMap((row) => {
      if (granules.state(granules.address(row)) !== 'RTT') return [];
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
      if (found === expected) return [];
      return [
        finding(`table ${hex(granules.address(row))} counts ${found} instead of ${expected}`, rtts.liveCell(row)),
      ];
    });
  },
};

const ripas: Invariant = {
  id: 'ripas_requested',
  text: 'In a realm that is not NEW a RIPAS becomes EMPTY or RAM only inside a range that the realm asked to change.',
  reference: 'DEN0137 1.0-rel0, A5.2.2',
  concerns: ['entries'],
  broken(rmm, { entries, recs }) {
    const { rtts, realms } = rmm;
    const done = recs.filter(({ column }) => column === 'ripas_addr');
    return entries.flatMap((change) => {
      if (!hasRipas(change.before) || !hasRipas(change.after)) return [];
      const now = entryRipas(change.after);
      if (now === entryRipas(change.before) || now === 'DESTROYED' || realms.get(rtts.realm(change.rtt), 'state') === 0)
        return [];
      const { ipa } = place(rmm, change);
      const asked = done.some((request) => ipa >= request.before && ipa < request.after);
      return asked ? [] : [finding(`${describe(rmm, change)} and no REC of the realm asked for it`, change.cell)];
    });
  },
};

export const RTT_INVARIANTS: readonly Invariant[] = [gpt, data, tables, halves, levels, live, ripas];
