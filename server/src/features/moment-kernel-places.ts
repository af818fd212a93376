// One page of the kernel's memory in all its places: its offset in a file, host mappings, guests, its frame, and what an access does now.

import { hex, size } from '../emulator/index.ts';
import { folioFlags } from '../emulator/linux/describe.ts';
import { HWPOISON } from '../emulator/linux/folios.ts';
import { entryWords } from '../emulator/rmm/describe.ts';
import { entryAddress, isLive, isTable } from '../emulator/rmm/rtt-entry.ts';
import { accessOf } from './moment-access.ts';
import { framePlace } from './moment-changes.ts';
import { type KernelMemory, type KernelPage, type MemoryObject, UNIT } from './moment-kernel.ts';
import {
  type GuestPage,
  guestsOf,
  type HostPage,
  halvesOf,
  hostsOf,
  realmWalk,
  stage2Text,
} from './moment-kernel-doors.ts';
import { refcountText } from './moment-kernel-strips.ts';
import type { PlaceNames } from './moment-names.ts';
import { contentsOf } from './moment-runs.ts';
import { eachStretch } from './moment-stretches.ts';
import type { Door, Place, Places, Value } from './panel-model.ts';

/** A page and the granule of it that a place means. */
export interface KernelPlace {
  readonly object: MemoryObject;
  readonly page: KernelPage;
  readonly granule: number;
}

/** The file or mapping that a place lies in: a file rather than a mapping that shows it. `undefined` if none has it. */
export function kernelPlace(memory: KernelMemory, place: Place): KernelPlace | undefined {
  const { linux } = memory;
  const { pageSize, folios } = linux;
  const granule = Math.floor((place.at % pageSize) / UNIT);
  const index = Math.floor(place.at / pageSize);
  const inFile = (inode: number, page: number): KernelPlace | undefined => {
    const object = memory.objects.find(({ kind, row }) => kind === 'gmem' && row === inode);
    return object && page < object.pages ? { object, page: memory.pageAt(object, page), granule } : undefined;
  };
  switch (place.kind) {
    case 'gmem': {
      const object = memory.objectOf(place);
      return object && inFile(object.row, index);
    }
    case 'mapping': {
      const object = memory.objectOf(place);
      if (!object || index >= object.pages) return undefined;
      const page = memory.pageAt(object, index);
      // A mapping may still show a frame that its file has let go.
      const file = object.inode === 0 ? undefined : inFile(object.inode, index + object.pgoff);
      return file && (page.mapped === 'no' || file.page.pfn === page.pfn) ? file : { object, page, granule };
    }
    case 'frame': {
      if (!folios.pages.has(place.at)) return undefined;
      const pfn = folios.pfnOf(place.at);
      const head = folios.head(pfn);
      if (folios.isCached(head)) return inFile(folios.inodeOf(head), folios.get(head, 'index') + pfn - head);
      return folios.get(head, 'mapcount') > 0 ? inMapping(memory, pfn, granule) : undefined;
    }
    case 'gpa': {
      const vm = memory.names.find('gpa', place.object) ?? 0;
      return atGuest(memory, vm, index, granule);
    }
    case 'alias':
    case 'entry':
      return undefined;
  }
}

function inMapping(memory: KernelMemory, pfn: number, granule: number): KernelPlace | undefined {
  for (const object of memory.objects) {
    if (object.kind !== 'mapping' || object.inode !== 0) continue;
    let index = -1;
    const row = memory.rowOf(pfn);
    eachStretch(memory, object, (one) => {
      if (one.row >= 0 && row >= one.row && row < one.row + one.units) index = one.page.index + pfn - one.page.pfn;
    });
    if (index >= 0) return { object, page: memory.pageAt(object, index), granule };
  }
  return undefined;
}

function atGuest(memory: KernelMemory, vm: number, gfn: number, granule: number): KernelPlace | undefined {
  const { vms, gmem } = memory.linux;
  const slot = vms.rows.has(vm) ? vms.slotAt(vm, gfn) : -1;
  if (slot < 0) return undefined;
  const file = vms.slots.get(slot, 'file');
  for (const object of memory.objects) {
    if (file !== 0 && (object.kind !== 'gmem' || object.row !== gmem.files.get(file, 'inode'))) continue;
    const index = file !== 0 ? vms.indexOf(slot, gfn) : hvaIndex(memory, object, slot, gfn);
    if (index >= 0 && index < object.pages) return { object, page: memory.pageAt(object, index), granule };
  }
  return undefined;
}

function hvaIndex({ linux }: KernelMemory, object: MemoryObject, slot: number, gfn: number): number {
  if (object.kind !== 'mapping') return -1;
  const hva = linux.vms.slots.get(slot, 'hva') + (gfn - linux.vms.slots.get(slot, 'base')) * linux.pageSize;
  return Math.floor((hva - linux.spaces.address(object.row)) / linux.pageSize);
}

/** The frame of a place; `undefined` while there is none. */
export function kernelFrame(memory: KernelMemory, place: Place): Place | undefined {
  const found = kernelPlace(memory, place);
  if (!found || found.page.pfn === 0) return undefined;
  return framePlace(found.page.pfn * memory.linux.pageSize + found.granule * UNIT);
}

export function kernelPlaces(
  memory: KernelMemory,
  names: PlaceNames,
  revision: number,
  place: Place,
): Places | undefined {
  const found = kernelPlace(memory, place);
  if (!found) return undefined;
  const { object, page, granule } = found;
  const offset = page.index * memory.linux.pageSize + granule * UNIT;
  const hosts = hostsOf(memory, object, page);
  const guests = guestsIn(memory, object, page, hosts);
  const everywhere: Place[] = [
    { kind: object.kind, object: object.name, at: offset },
    ...hosts.map(
      (host): Place => ({
        kind: 'mapping',
        object: host.object.name,
        at: host.index * memory.linux.pageSize + granule * UNIT,
      }),
    ),
    ...(page.pfn === 0 ? [] : [framePlace(page.pfn * memory.linux.pageSize + granule * UNIT)]),
  ];
  return {
    revision,
    page: place,
    title: `${object.name}[${size(offset)}]`,
    state: stateIn(memory, found),
    frame: frameRows(memory, found),
    host: [...fileDoor(memory, found, offset), ...hostDoors(memory, found, hosts), gupDoor(memory, page)],
    guest: guestDoors(memory, names, guests, granule),
    everywhere,
    access: [...hostAccess(memory, found, hosts), ...guestAccess(memory, names, guests, found)],
  };
}

/** In the page's own words, not in those of a mapping that does not have it. */
const stateIn = (memory: KernelMemory, { object, page, granule }: KernelPlace): Value =>
  memory.state(object, page, granule);

/** An entry of a realm's tables for a page, and whether it leads there. */
export interface EntryOfPage {
  /** PA of the RD. */
  readonly realm: number;
  readonly ipa: number;
  readonly maps: boolean;
}

/** Where realms have a page or would have it, by their memslots. */
export function guestEntries(memory: KernelMemory, place: Place): EntryOfPage[] {
  const found = kernelPlace(memory, place);
  if (!found) return [];
  const { object, page, granule } = found;
  const { rmm, pages } = memory.pages.run.machine;
  return guestsIn(memory, object, page, hostsOf(memory, object, page)).flatMap((guest) =>
    halvesOf(guest).flatMap((half): EntryOfPage[] => {
      const walk = realmWalk(memory, guest, granule, half);
      if (!walk) return [];
      const maps = isLive(walk.entry) && !isTable(walk.entry);
      return [{ realm: pages.address(rmm.rtts.realm(walk.rtt)), ipa: walk.ipa, maps }];
    }),
  );
}

function guestsIn(
  memory: KernelMemory,
  object: MemoryObject,
  page: KernelPage,
  hosts: readonly HostPage[],
): GuestPage[] {
  const own = guestsOf(memory, object, page.index);
  const through = hosts
    .filter((host) => host.object !== object)
    .flatMap((host) => guestsOf(memory, host.object, host.index));
  return [...own, ...through.filter((one) => !own.some(({ vm, gfn }) => vm === one.vm && gfn === one.gfn))];
}

function frameRows(memory: KernelMemory, { page: { pfn }, granule }: KernelPlace): [string, string][] {
  if (pfn === 0) return [['frame', 'none']];
  const { folios, pageSize } = memory.linux;
  const { pages } = memory;
  const head = folios.head(pfn);
  const row = memory.rowOf(pfn) + granule;
  const flags = folioFlags(folios.get(head, 'flags')).join(', ');
  return [
    ['address', hex(pfn * pageSize + granule * UNIT)],
    ['pfn', `${hex(pfn)}${folios.granules > 1 ? `, granule ${granule} of ${folios.granules}` : ''}`],
    ['folio', `${size(folios.pageCount(head) * pageSize)}${flags && `, ${flags}`}`],
    ['refcount', refcountText(memory, head).replace('refcount ', '')],
    ['pins', String(folios.get(head, 'pins'))],
    ...(memory.usesGranules
      ? ([
          ['granule', pages.state(row)],
          ['GPT', gptOf(memory, pfn, granule)],
        ] satisfies [string, string][])
      : []),
    ['bytes', contentsOf(pages, row)],
  ];
}

const gptOf = ({ pages, linux }: KernelMemory, pfn: number, granule: number): string =>
  pages.run.machine.rmm.granules.gpt(pfn * linux.pageSize + granule * UNIT);

/** Whether a load of the host gets through to the frame. */
function isReadable(memory: KernelMemory, { page: { pfn }, granule }: KernelPlace): boolean {
  const { folios } = memory.linux;
  return pfn !== 0 && !folios.has(folios.head(pfn), HWPOISON) && gptOf(memory, pfn, granule) === 'NS';
}

function fileDoor(memory: KernelMemory, { object, page }: KernelPlace, offset: number): Door[] {
  if (object.kind !== 'gmem') return [];
  const attribute = memory.isPrivate(object.row, page.index) ? 'private' : 'shared';
  const text = `${object.name}[${size(offset)}] ${attribute}${page.pfn === 0 ? ', no page allocated' : ''}`;
  return [{ title: 'guest_memfd offset', text, wire: page.pfn === 0 ? 'none' : 'open' }];
}

function hostDoors(memory: KernelMemory, found: KernelPlace, hosts: readonly HostPage[]): Door[] {
  if (hosts.length === 0) return [{ title: 'host mapping', text: 'no process maps it', wire: 'none' }];
  const { pageSize } = memory.linux;
  return hosts.map(({ object, index, mapped }): Door => {
    const text = mapped === 'no' ? 'not in the page table' : mapped === 'yes' ? 'mapped' : 'mapped read-only';
    const wire = mapped === 'no' ? 'none' : isReadable(memory, found) ? 'open' : 'barred';
    return { title: `host mapping ${object.name}[${size(index * pageSize + found.granule * UNIT)}]`, text, wire };
  });
}

function gupDoor({ linux: { folios } }: KernelMemory, { pfn }: KernelPage): Door {
  const head = folios.head(pfn);
  const pins = pfn === 0 ? 0 : folios.get(head, 'pins');
  const gets = pfn === 0 ? 0 : folios.get(head, 'gets');
  const held = [...(pins > 0 ? [`${pins} pinned`] : []), ...(gets > 0 ? [`${gets} by get_user_pages`] : [])];
  return { title: 'GUP', text: held.join(', ') || 'nobody holds it', wire: held.length > 0 ? 'open' : 'none' };
}

function guestDoors(memory: KernelMemory, names: PlaceNames, guests: readonly GuestPage[], granule: number): Door[] {
  if (guests.length === 0) return [{ title: 'GPA', text: 'no memslot shows it to a guest', wire: 'none' }];
  return guests.flatMap((guest): Door[] => {
    const halves = halvesOf(guest).flatMap((half) => {
      const walk = realmWalk(memory, guest, granule, half);
      if (!walk) return [];
      const { entry, level, index } = walk;
      const leads = isLive(entry) && !isTable(entry);
      const address = leads ? `, ${names.text(entryAddress(entry), 'pa')}` : '';
      const text = `L${level}[${index}] ${entryWords(entry)}${address}`;
      return [
        {
          title: `${half} IPA ${ipaText(memory, names, guest, granule, half)}`,
          text,
          wire: leads && accessOf(entry, gptAt(memory, entry)).ok ? 'open' : 'none',
        } as const,
      ];
    });
    if (halves.length > 0) return halves;
    const state = stage2Text(memory, guest, granule);
    const title = `GPA of ${memory.names.text({ kind: 'gpa', row: guest.vm })}`;
    const text = `${ipaText(memory, names, guest, granule, 'protected')}, stage 2 ${state}`;
    return [{ title, text, wire: state === 'unmapped' ? 'none' : 'open' }];
  });
}

function gptAt({ pages }: KernelMemory, entry: number): string {
  const { machine } = pages.run;
  const frame = entryAddress(entry);
  return machine.pages.has(frame) ? machine.rmm.granules.gpt(frame) : 'NS';
}

function ipaText(
  memory: KernelMemory,
  names: PlaceNames,
  guest: GuestPage,
  granule: number,
  half: 'protected' | 'unprotected',
): string {
  const ipa = guest.gfn * memory.linux.pageSize + granule * UNIT;
  if (half === 'protected') return names.text(ipa, 'ipa');
  return hex(realmWalk(memory, guest, granule, half)?.ipa ?? ipa);
}

type Access = Places['access'][number];

function hostAccess(memory: KernelMemory, found: KernelPlace, hosts: readonly HostPage[]): Access[] {
  const { object, page, granule } = found;
  const gpf = page.pfn !== 0 && gptOf(memory, page.pfn, granule) !== 'NS';
  if (hosts.length === 0) {
    if (page.pfn === 0) return [{ who: 'host load', outcome: 'no process has a mapping of it', ok: false }];
    return [
      gpf
        ? { who: 'host load by the kernel', outcome: 'granule protection fault', ok: false }
        : { who: 'host load by the kernel', outcome: 'works', ok: true },
    ];
  }
  const { pageSize } = memory.linux;
  return hosts.map((host): Access => {
    const who = `host load from ${host.object.name}[${size(host.index * pageSize + granule * UNIT)}]`;
    if (host.mapped === 'no' && object.inode !== 0 && memory.isPrivate(object.inode, page.index + object.pgoff))
      return { who, outcome: 'SIGBUS: the page is private', ok: false };
    if (gpf) return { who, outcome: 'granule protection fault, SIGBUS', ok: false };
    if (page.pfn !== 0 && !isReadable(memory, found))
      return { who, outcome: 'SIGBUS: the page is poisoned', ok: false };
    if (host.mapped !== 'no') return { who, outcome: 'works', ok: true };
    return {
      who,
      outcome: page.pfn === 0 ? 'works: a fault allocates a page first' : 'works: a fault maps the page first',
      ok: true,
    };
  });
}

function guestAccess(
  memory: KernelMemory,
  names: PlaceNames,
  guests: readonly GuestPage[],
  found: KernelPlace,
): Access[] {
  return guests.flatMap((guest): Access[] => {
    const walks = halvesOf(guest).flatMap((half) => realmWalk(memory, guest, found.granule, half) ?? []);
    if (walks.length > 0) {
      return walks.map(({ ipa, entry }) => ({
        who: `realm at IPA ${names.name(ipa, 'ipa') ?? hex(ipa)}`,
        ...accessOf(entry, gptAt(memory, entry)),
      }));
    }
    const who = `guest at ${ipaText(memory, names, guest, found.granule, 'protected')}`;
    const isMapped = stage2Text(memory, guest, found.granule) !== 'unmapped';
    const first = found.page.pfn === 0 ? 'gets and maps a page' : 'maps the page';
    return [{ who, outcome: isMapped ? 'works' : `stage-2 fault: KVM ${first} first`, ok: true }];
  });
}
