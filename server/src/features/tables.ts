// Translation tables of a realm at the current moment: the picture around one IPA, and the runs of one table at a time.
import { hex, size } from '../emulator/index.ts';
import { GRANULE_STATES } from '../emulator/rmm/granules.ts';
import { REALM_STATES } from '../emulator/rmm/realms.ts';
import { entryAddress, isTable } from '../emulator/rmm/rtt-entry.ts';
import { span } from '../emulator/rmm/rtts.ts';
import type { Run } from '../run/index.ts';
import type { MomentSource } from './moment.ts';
import { hasKernel, KernelMemory } from './moment-kernel.ts';
import { type EntryOfPage, guestEntries } from './moment-kernel-places.ts';
import { pageOfPlace } from './moment-places.ts';
import type { Place } from './panel-model.ts';
import { countTables, type Stretch, startTables, stretches, type TableAt, tableAt } from './tables-entries.ts';
import { ipaOfFrame } from './tables-frame.ts';
import { levelsOf } from './tables-levels.ts';
import type { EntryRun, RealmTables, TableRuns, TableRunsRequest, Tables, TablesRequest } from './tables-model.ts';
import { addressText, namesOf } from './tables-names.ts';
import { entrySteps } from './tables-since.ts';
import { isRealm, isWithin, marksOf, subjectOf, type TableSubject, toldOf } from './tables-step.ts';
import { entryText, liveBelow, outputText, rangeText, stateOf } from './tables-text.ts';
import { partsOf, walkedOf } from './tables-walk.ts';

const RD = GRANULE_STATES.indexOf('RD');

/** Rows of one answer; a hundred stay below 64 KiB. */
const ROWS = 100;

/** What `cocoscn/tables` answers, inside a command of the step that is being made. */
export function answerTables(source: MomentSource, { revision, realm, ipa, page }: TablesRequest): Tables {
  const { run } = source.stepper;
  const found = page === undefined || ipa !== undefined ? undefined : entryOfPage(source, page, realm);
  const answer = tables(run, found?.realm ?? realm, found?.ipa ?? ipa, source.told);
  const { chosen } = answer;
  if (!found || !chosen) return { revision, ...answer };
  const origin = found.maps ? 'of the selected page' : 'where the selected page would be: nothing maps it there';
  return { revision, ...answer, chosen: { ...chosen, origin } };
}

/** The entry that maps a page; where none does, the one that would. */
function entryOfPage(source: MomentSource, page: Place, realm?: number): EntryOfPage | undefined {
  const pages = source.now();
  const own = hasKernel(pages) ? guestEntries(new KernelMemory(pages), page) : [];
  const entries = own.filter((one) => realm === undefined || one.realm === realm);
  const frame = pageOfPlace(pages, source.names, page)?.at;
  const found = frame === undefined ? undefined : entryOfFrame(source.stepper.run, frame, realm);
  return entries.find(({ maps }) => maps) ?? (found && { ...found, maps: true }) ?? entries[0];
}

/** The entry of a frame, in one realm or in the first that has it. */
function entryOfFrame(run: Run, frame: number, realm?: number): { realm: number; ipa: number } | undefined {
  const { machine } = run;
  for (const rd of realmsOf(run)) {
    const ipa =
      realm === undefined || realm === rd ? ipaOfFrame(machine, machine.rmm.granules.row(rd), frame) : undefined;
    if (ipa !== undefined) return { realm: rd, ipa };
  }
  return undefined;
}

/** What `cocoscn/tableRuns` answers; `undefined` where there is no table at the address any more. */
export function answerTableRuns(run: Run, request: TableRunsRequest, told = toldOf(run)): TableRuns | undefined {
  const { revision, rtt, from, count } = request;
  const runs = tableRuns(run, rtt, { from, count }, told);
  return runs && { revision, ...runs };
}

/**
 * All realms, and the tables of one of them around one IPA. Without a realm, or with one that is gone, the one that the step
 * is about; without an IPA, or with one beyond the realm's, the one that the step is about. Addresses are bytes.
 */
export function tables(run: Run, realm?: number, ipa?: number, told = toldOf(run)): Omit<Tables, 'revision'> {
  const { machine } = run;
  const all = realmsOf(run);
  const names = namesOf(run.program);
  const realms = all.map((at) => ({
    at,
    object: names.text(at, 'pa'),
    text: addressText(names, at, 'pa'),
    state: REALM_STATES[machine.rmm.realms.get(machine.rmm.granules.row(at), 'state')] ?? '',
  }));
  const wanted = realm !== undefined && isRealm(machine, realm) ? realm : subjectOf(run, told).realm;
  const chosen = wanted !== undefined && isRealm(machine, wanted) ? wanted : all[0];
  if (chosen === undefined) return { realms };
  const asked = ipa !== undefined && isWithin(machine, chosen, ipa);
  const subject = asked ? { ipa } : subjectOf(run, told, chosen);
  const origin = asked ? 'chosen' : originOf(run, subject);
  return { realms, chosen: realmTables(run, { realm: chosen, ipa: subject.ipa ?? 0, origin }, told) };
}

function originOf({ log, now }: Run, { step }: TableSubject): string {
  if (step === undefined) return 'the first one, as no step names another';
  return step === log.step(now) ? 'of this step' : `of step ${step}`;
}

/** The realms at the place in time that was asked about last; a panel asks several times a stop. */
const known = new WeakMap<Run, { readonly position: number; readonly realms: readonly number[] }>();

/** PAs of all RDs. Every granule is looked at, which takes about 3 ms for 4 GiB. */
function realmsOf(run: Run): readonly number[] {
  const last = known.get(run);
  if (last?.position === run.machine.store.position) return last.realms;
  const { rmm, pages, store } = run.machine;
  const { table } = rmm.granules;
  const realms: number[] = [];
  for (let row = 0; row < table.rows; row++) {
    if (store.read(table.base + row * table.width) === RD) realms.push(pages.address(row));
  }
  known.set(run, { position: store.position, realms });
  return realms;
}

interface Wanted {
  readonly realm: number;
  readonly ipa: number;
  readonly origin: string;
}

function realmTables(run: Run, { realm, ipa, origin }: Wanted, told: number): RealmTables {
  const { machine } = run;
  const row = machine.rmm.granules.row(realm);
  const width = machine.rmm.realms.ipaWidth(row);
  const start = startTables(machine, row);
  const half = 2 ** (width - 1);
  const levels = levelsOf(machine, row, ipa, marksOf(run, told));
  const root = machine.pages.address(start.rtt);
  const names = namesOf(run.program);
  return {
    realm,
    object: names.text(realm, 'pa'),
    name: addressText(names, realm, 'pa'),
    shape: shapeOf(width, start.level, machine.rmm.realms.get(row, 'rtt_num_start')),
    granules: countTables(machine, row),
    root,
    rootText: hex(root),
    halves: [
      { half: 'protected', text: `0 .. ${size(half)}, RIPAS applies`, ipa: 0 },
      { half: 'unprotected', text: `${size(half)} .. ${size(2 * half)}`, ipa: half },
    ],
    levels,
    path: levels.flatMap(({ table }) => (table ? [table.at] : [])),
    origin,
    parts: partsOf(machine, row, ipa),
    walk: walkedOf(machine, row, ipa, names),
    alias: walkedOf(machine, row, ipa < half ? ipa + half : ipa - half, names),
  };
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

const shapeOf = (width: number, level: number, tables: number): string =>
  `${width}-bit IPA, start level ${level}, ${NUMBERS[tables] ?? tables} start table${tables === 1 ? '' : 's'}`;

/** The runs `from` on of the table in the granule at `rtt`, at most `count` of them. */
export function tableRuns(
  run: Run,
  rtt: number,
  { from = 0, count = ROWS }: { readonly from?: number | undefined; readonly count?: number | undefined } = {},
  told = toldOf(run),
): Omit<TableRuns, 'revision'> | undefined {
  const { machine } = run;
  const table = tableAt(machine, rtt);
  if (!table) return undefined;
  const runs = stretches(machine, table, marksOf(run, told));
  return {
    realm: machine.pages.address(table.realm),
    rtt,
    level: table.level,
    from,
    total: runs.length,
    rows: runs.slice(from, from + count).map((stretch) => rowOf(run, table, stretch)),
  };
}

function rowOf(run: Run, table: TableAt, { first, count, entry, mark }: Stretch): EntryRun {
  const { level } = table;
  const ipa = table.ipa + first * span(level);
  const steps = entrySteps(run, table).subarray(first, first + count);
  const early = Math.min(...steps);
  const late = Math.max(...steps);
  return {
    level,
    first,
    count,
    ipa,
    span: span(level),
    text: entryText(level, first, count),
    range: rangeText(ipa, count, level),
    state: stateOf(entry),
    output: outputText(entry, count, level),
    since: early === late ? String(late) : `${early} .. ${late}`,
    sinceStep: late,
    ...(isTable(entry) ? { table: entryAddress(entry), live: liveBelow(run.machine, entry) } : {}),
    ...(mark ? { mark } : {}),
  };
}
