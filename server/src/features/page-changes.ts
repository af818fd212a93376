// What a moment changed of a page of the kernel's memory, in all its places, and in what state it left it.
import { type CellText, describeWrite, hex, type Machine } from '../emulator/index.ts';
import { attributeText, bindingText } from '../emulator/linux/describe.ts';
import { type Folios, HWPOISON, STUCK } from '../emulator/linux/folios.ts';
import { GRANULE } from '../emulator/memory/pages.ts';
import { entryWords } from '../emulator/rmm/describe.ts';
import { entryAddress, isLive } from '../emulator/rmm/rtt-entry.ts';
import { PAGE_LEVEL } from '../emulator/rmm/rtts.ts';
import type { Run } from '../run/index.ts';
import { familyOf } from './moment-families.ts';
import type { Guest, PageCell, PageLife } from './page-life.ts';
import type { Value } from './panel-model.ts';

/** An entry of a realm's tables, where the walk to the page ends. */
interface Entry {
  readonly level: number;
  readonly index: number;
  readonly words: string;
}

/** What the moment changed; the run is left there. */
export function changesOfPage(run: Run, life: PageLife, moment: number): CellText[] {
  const { machine } = run;
  const { store } = machine;
  run.seek(moment - 1);
  const from = store.position;
  const before = life.guests.map((guest) => entryAt(machine, life, guest));
  run.seek(moment);
  const after = life.guests.map((guest) => entryAt(machine, life, guest));
  const cells = life.writtenIn(moment, from, store.position);
  const values = cells.map(({ cell }) => store.read(cell));
  run.seek(moment - 1);
  const old = cells.map(({ cell }) => store.read(cell));
  run.seek(moment);
  const texts = cells.flatMap((cell, i): CellText[] => {
    const [was, is] = [old[i] as number, values[i] as number];
    return was === is ? [] : textOf(machine, cell, was, is);
  });
  const walks = life.guests.flatMap((guest, i) => entryChange(machine, life, guest, before[i], after[i]));
  return [...texts, ...walks];
}

function textOf(machine: Machine, { cell, map, head, stay }: PageCell, before: number, after: number): CellText[] {
  const { folios, ranges, vms, pageSize } = machine.linux;
  if (head !== undefined && stay && folios.head(stay.pfn) !== head) return [];
  if (!map) return [describeWrite(machine, { cell, before, after }) ?? []].flat();
  const [old, value] = [ranges.get(before, map.index), ranges.get(after, map.index)];
  const text = old === value ? undefined : describeWrite(machine, { cell, before, after });
  if (!text) return [];
  const words = map.says === 'attribute' ? attributeText : bindingText(vms);
  return [{ ...text, at: map.index * pageSize, length: pageSize, before: words(old), after: words(value) }];
}

interface Ipa {
  readonly rd: number;
  readonly realm: number;
  readonly ipa: number;
}

/** The IPA of the page in a realm; `undefined` for a VM that is none now. */
export function ipaOf(machine: Machine, life: PageLife, { vm, gfn, fromFile }: Guest): Ipa | undefined {
  const { linux, rmm, pages } = machine;
  const rd = linux.vms.rows.get(vm, 'object');
  if (linux.platformOf(vm).name !== 'cca' || rd === 0 || !pages.has(rd) || rmm.granules.state(rd) !== 'RD')
    return undefined;
  const realm = rmm.granules.row(rd);
  const half = fromFile ? 0 : 2 ** (rmm.realms.ipaWidth(realm) - 1);
  return { rd, realm, ipa: gfn * linux.pageSize + life.subject.granule * GRANULE + half };
}

function entryAt(machine: Machine, life: PageLife, guest: Guest): Entry | undefined {
  const at = ipaOf(machine, life, guest);
  if (!at) return undefined;
  const walk = machine.rmm.rtts.walk(at.realm, at.ipa, PAGE_LEVEL, { rtt: 0, level: 0, index: 0, entry: 0 });
  const address = isLive(walk.entry) ? ` ${hex(entryAddress(walk.entry))}` : '';
  return { level: walk.level, index: walk.index, words: entryWords(walk.entry) + address };
}

function entryChange(
  machine: Machine,
  life: PageLife,
  guest: Guest,
  before: Entry | undefined,
  after: Entry | undefined,
): CellText[] {
  const at = ipaOf(machine, life, guest);
  if (!at || !before || !after || before.words === after.words) return [];
  const { level, index } = after;
  const field = `RTT L${level}[${index}]`;
  return [{ kind: 'entry', object: at.rd, level, at: at.ipa, field, before: before.words, after: after.words }];
}

/** The page's state at the moment that the run stands at, in the words of the Page states panel. */
export function stateOfPage({ machine, now }: Run, life: PageLife): Value {
  const { linux, rmm } = machine;
  const { subject } = life;
  const { folios } = linux;
  const pfn = life.pfnNow();
  if (pfn === 0) return { text: 'absent', family: 'absent' };
  const head = folios.head(pfn);
  const granule = rmm.granules.state(pfn * linux.pageSize + subject.granule * GRANULE);
  const isShared = subject.kind === 'gmem' && !isPrivate(machine, life, now);
  const own = granule === 'UNDELEGATED' ? hostState(machine, life, head, isShared) : granule;
  const wrong = WRONG.find(([, holds]) => holds(folios, head))?.[0];
  if (wrong) return { text: `${own}, ${wrong}`, family: 'leaked' };
  return { text: own, family: isShared && granule === 'UNDELEGATED' ? 'shared' : familyOf(own) };
}

/** What can be wrong with a frame for good. */
const WRONG: readonly (readonly [string, (folios: Folios, head: number) => boolean])[] = [
  ['leaked', (folios, head) => folios.get(head, 'leaked') > 0],
  ['hwpoison', (folios, head) => folios.has(head, HWPOISON)],
  ['stuck', (folios, head) => folios.has(head, STUCK)],
];

function hostState({ linux }: Machine, { subject }: PageLife, head: number, isShared: boolean): string {
  const { vms, folios } = linux;
  if (subject.kind === 'frame') return folios.refcount(head) > 0 ? 'held, in no file' : 'free';
  if (subject.kind === 'mapping') return 'mapped';
  for (let vm = 1; vm <= vms.rows.last; vm++) if (linux.platformOf(vm).name === 'cca') return 'UNDELEGATED';
  return isShared ? 'shared' : 'private';
}

/** Who may use a page of a file, whoever tracks that. */
function isPrivate({ linux: { gmem, vms } }: Machine, { subject, guests }: PageLife, moment: number): boolean {
  if (subject.kind !== 'gmem' || gmem.inodes.get(subject.row, 'memfd') === 1) return false;
  if (gmem.hasAttributes) return gmem.isPrivate(subject.row, subject.index);
  const guest = guests.find(({ from, to }) => from <= moment && moment < to);
  return guest ? vms.attribute(guest.vm, guest.gfn) !== 0 : gmem.isPrivate(subject.row, 0);
}
