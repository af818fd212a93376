// One page in all its places: the frame, the doors of the host and of the realms to it, and what an access does now.
import { hex } from '../emulator/index.ts';
import { GRANULE } from '../emulator/memory/pages.ts';
import { entryWords } from '../emulator/rmm/describe.ts';
import { entryAddress, entryState, isAssigned, isLive, isTable } from '../emulator/rmm/rtt-entry.ts';
import { PAGE_LEVEL, type Walk } from '../emulator/rmm/rtts.ts';
import type { PageOf } from './history-index.ts';
import { type Access, accessOf } from './moment-access.ts';
import { framePlace } from './moment-changes.ts';
import { familyOf, stateValue } from './moment-families.ts';
import { hasKernel, KernelMemory } from './moment-kernel.ts';
import { kernelFrame, kernelPlace, kernelPlaces } from './moment-kernel-places.ts';
import type { PlaceNames } from './moment-names.ts';
import { contentsOf } from './moment-runs.ts';
import type { Mapping, Pages } from './pages.ts';
import type { Door, Place, Places, Value } from './panel-model.ts';

/** A page by its place: of the kernel's memory, or a frame, or an entry for it. */
export function placesOf(pages: Pages, names: PlaceNames, revision: number, page: Place): Places {
  const kernel = hasKernel(pages)
    ? kernelPlaces(new KernelMemory(pages), names, revision, asKernel(pages, names, page))
    : undefined;
  if (kernel) return { ...kernel, page };
  const frame = page.kind === 'entry' ? frameBehind(pages, names, page) : page.at;
  const { machine } = pages.run;
  if (frame === undefined || !machine.pages.has(frame)) return nothingThere(pages, names, revision, page);
  const row = machine.pages.row(frame);
  const state = machine.rmm.granules.state(frame);
  const gpt = machine.rmm.granules.gpt(frame);
  const mapping = pages.mappingOf(row);
  const guests = realmDoors(pages, names, mapping, gpt);
  return {
    revision,
    page,
    title: names.text(frame, 'pa'),
    state: { text: state, family: familyOf(state) },
    frame: [
      ['address', hex(frame)],
      ['GPT', gpt],
      ['owner', ownerOf(state, mapping, names)],
      ['bytes', contentsOf(pages, row)],
    ],
    host: [{ title: 'physical address', text: hex(frame), wire: gpt === 'NS' ? 'open' : 'barred' }, sourceDoor(gpt)],
    guest: guests.doors,
    access: [
      gpt === 'NS'
        ? { who: 'host load and store', outcome: 'work', ok: true }
        : { who: 'host load and store', outcome: 'granule protection fault', ok: false },
      ...guests.access,
    ],
  };
}

const sourceDoor = (gpt: string): Door =>
  gpt === 'NS'
    ? { title: 'argument of an RMI command', text: 'the RMM may read and write it for the host', wire: 'open' }
    : { title: 'argument of an RMI command', text: `refused as a page of the host: GPT ${gpt}`, wire: 'barred' };

function ownerOf(state: string, mapping: Mapping | undefined, names: PlaceNames): string {
  if (state === 'UNDELEGATED') return 'the host';
  if (state === 'DELEGATED') return 'the RMM, for no realm';
  return state === 'DATA' && mapping ? `realm ${names.text(mapping.realm, 'pa')}` : 'the RMM';
}

/** The doors of the realm that maps the page: where it is mapped, and the other half of the IPA space. */
function realmDoors(pages: Pages, names: PlaceNames, mapping: Mapping | undefined, gpt: string) {
  if (!mapping) {
    const door: Door = { title: 'IPA', text: 'no entry of a realm leads here', wire: 'none' };
    return { doors: [door], access: [] };
  }
  const { rmm } = pages.run.machine;
  const realm = rmm.granules.row(mapping.realm);
  const half = 2 ** (rmm.realms.ipaWidth(realm) - 1);
  const other = mapping.ipa >= half ? mapping.ipa - half : mapping.ipa + half;
  const walk = rmm.rtts.walk(realm, other, PAGE_LEVEL, { rtt: 0, level: 0, index: 0, entry: 0 });
  const own = accessOf(mapping.entry, gpt);
  return {
    doors: [
      doorOf(mapping.ipa, half, mapping, own.ok ? 'open' : 'barred', names),
      doorOf(other, half, walk, 'none', names),
    ],
    access: [
      { who: `realm at IPA ${names.text(mapping.ipa, 'ipa')}`, ...own },
      { who: `realm at IPA ${names.text(other, 'ipa')}`, ...elsewhere(pages, walk) },
    ],
  };
}

function doorOf(
  ipa: number,
  half: number,
  { level, index, entry }: Pick<Walk, 'level' | 'index' | 'entry'>,
  wire: Door['wire'],
  names: PlaceNames,
): Door {
  const title = `${ipa >= half ? 'unprotected' : 'protected'} IPA ${names.text(ipa, 'ipa')}`;
  const address = isLive(entry) && !isTable(entry) ? `, ${names.text(entryAddress(entry), 'pa')}` : '';
  return { title, text: `L${level}[${index}] ${entryWords(entry)}${address}`, wire };
}

/** An entry that is not the one of the page in question leads to its own. */
function elsewhere(pages: Pages, { entry }: Walk): Access {
  const { machine } = pages.run;
  const leads = isAssigned(entry) || entryState(entry) === 'ASSIGNED_NS';
  const frame = entryAddress(entry);
  const gpt = leads && machine.pages.has(frame) ? machine.rmm.granules.gpt(frame) : 'NS';
  return accessOf(entry, gpt);
}

/** The frame that the entry of a place stores, if it stores one. */
function frameBehind(pages: Pages, names: PlaceNames, page: Place): number | undefined {
  const walk = walkTo(pages, names, page);
  return walk && isLive(walk.entry) && !isTable(walk.entry) ? entryAddress(walk.entry) : undefined;
}

function walkTo(pages: Pages, names: PlaceNames, { object, at, level }: Place): Walk | undefined {
  const { rmm } = pages.run.machine;
  const realm = pages.realmDescriptors.find((rd) => names.text(rd, 'pa') === object);
  if (realm === undefined) return undefined;
  const row = rmm.granules.row(realm);
  if (at >= 2 ** rmm.realms.ipaWidth(row)) return undefined;
  return rmm.rtts.walk(row, at, level ?? PAGE_LEVEL, { rtt: 0, level: 0, index: 0, entry: 0 });
}

/** A place without a frame: an entry that stores none, or an address outside of memory. */
function nothingThere(pages: Pages, names: PlaceNames, revision: number, page: Place): Places {
  const walk = page.kind === 'entry' ? walkTo(pages, names, page) : undefined;
  const state: Value = walk ? stateValue(entryWords(walk.entry)) : { text: 'no memory', family: 'absent' };
  const title = page.kind === 'entry' ? `IPA ${names.text(page.at, 'ipa')}` : hex(page.at);
  const guest: Door[] = walk
    ? [{ title, text: `L${walk.level}[${walk.index}] ${entryWords(walk.entry)}`, wire: 'none' }]
    : [];
  const access = walk ? [{ who: `realm at ${title}`, ...accessOf(walk.entry, 'NS') }] : [];
  return { revision, page, title, state, frame: [['frame', 'none']], host: [], guest, access };
}

/** An entry of a realm's tables as the frame that it leads to, if it leads to one. */
function asKernel(pages: Pages, names: PlaceNames, page: Place): Place {
  const frame = page.kind === 'entry' ? frameBehind(pages, names, page) : undefined;
  return frame === undefined ? page : framePlace(frame);
}

/** What a place means through a whole run: a page of a file or a mapping, whatever frame it has, or a frame that is in none. */
export function pageThroughRun(pages: Pages, names: PlaceNames, page: Place): PageOf | undefined {
  if (!hasKernel(pages)) {
    const frame = page.kind === 'frame' ? page.at : pageOfPlace(pages, names, page)?.at;
    return frame !== undefined && pages.run.machine.pages.has(frame) ? { at: frame - (frame % GRANULE) } : undefined;
  }
  const memory = new KernelMemory(pages);
  const place = asGuest(memory, names, asKernel(pages, names, page));
  const found = kernelPlace(memory, place);
  if (found) {
    const { object, page: at, granule } = found;
    return { subject: { kind: object.kind, row: object.row, index: at.index, granule } };
  }
  const { folios } = memory.linux;
  if (place.kind !== 'frame' || !folios.pages.has(place.at)) return undefined;
  const granule = Math.floor((place.at % folios.pageSize) / GRANULE);
  return { subject: { kind: 'frame', pfn: folios.pfnOf(place.at), granule } };
}

/** Whether a place is an entry of a realm that no page of the kernel's memory stands for: it is what changes there. */
export function isEntryItself(pages: Pages, names: PlaceNames, page: Place): boolean {
  if (page.kind !== 'entry' || !walkTo(pages, names, page)) return false;
  if (!hasKernel(pages)) return true;
  const memory = new KernelMemory(pages);
  return kernelPlace(memory, asGuest(memory, names, asKernel(pages, names, page))) === undefined;
}

/** An entry of a realm as the address that the VM knows it by. */
function asGuest({ linux: { vms }, names: objects, pages }: KernelMemory, names: PlaceNames, place: Place): Place {
  if (place.kind !== 'entry') return place;
  const { rmm } = pages.run.machine;
  for (let vm = 1; vm <= vms.rows.last; vm++) {
    const rd = vms.rows.get(vm, 'object');
    if (!pages.realmDescriptors.includes(rd) || names.text(rd, 'pa') !== place.object) continue;
    const half = 2 ** (rmm.realms.ipaWidth(rmm.granules.row(rd)) - 1);
    return { kind: 'gpa', object: objects.text({ kind: 'gpa', row: vm }), at: place.at % half };
  }
  return place;
}

/** The page of a place as a frame, as far as it has one. */
export function pageOfPlace(pages: Pages, names: PlaceNames, page: Place): Place | undefined {
  if (page.kind === 'gmem' || page.kind === 'mapping' || page.kind === 'gpa')
    return kernelFrame(new KernelMemory(pages), page);
  const frame = page.kind === 'entry' ? frameBehind(pages, names, page) : page.at;
  return frame === undefined ? undefined : framePlace(frame);
}
