// Who has a way to a page of the kernel's memory: mappings of processes, and guests through their memslots.

import { PRIVATE_HALF, SHARED_HALF } from '../emulator/kvm/platform.ts';
import { spteWritable } from '../emulator/kvm/vms.ts';
import { entryWords } from '../emulator/rmm/describe.ts';
import { PAGE_LEVEL, type Walk } from '../emulator/rmm/rtts.ts';
import { type KernelMemory, type KernelPage, type MemoryObject, UNIT } from './moment-kernel.ts';

export interface HostPage {
  readonly object: MemoryObject;
  /** In the mapping, in pages. */
  readonly index: number;
  readonly mapped: KernelPage['mapped'];
}

/** What stands where nothing is to be told. */
export const NOTHING = '–';

/** The mappings that show a page, whether their page tables have it or not. */
export function hostsOf(memory: KernelMemory, object: MemoryObject, page: KernelPage): HostPage[] {
  if (object.inode === 0) return [{ object, index: page.index, mapped: page.mapped }];
  const index = page.index + object.pgoff;
  return memory.viewsOf(object).flatMap((one): HostPage[] => {
    const own = index - one.pgoff;
    if (own < 0 || own >= one.pages) return [];
    return [{ object: one, index: own, mapped: memory.pageAt(one, own).mapped }];
  });
}

/** `m`, or which of several mappings have the page. */
export function hostsText(memory: KernelMemory, object: MemoryObject, page: KernelPage): string {
  const mapped = hostsOf(memory, object, page).filter((host) => host.mapped !== 'no');
  return (
    mapped.map(({ object: { name }, mapped: how }) => (how === 'yes' ? name : `${name} read-only`)).join(', ') ||
    NOTHING
  );
}

export interface GuestPage {
  readonly vm: number;
  readonly gfn: number;
  /** It comes from a file of the slot; otherwise through the VMM's mapping. */
  readonly fromFile: boolean;
}

/** Pages [from, to) of an object as a guest has them; `gfn` is the first. */
export interface GuestRange extends GuestPage {
  readonly from: number;
  readonly to: number;
  /** Of a VM that is a realm: where the unprotected half of its addresses begins. */
  readonly realm: number | undefined;
}

/** Where guests have an object, by the slots that are there. */
export function guestRangesOf(memory: KernelMemory, object: MemoryObject): GuestRange[] {
  const { gmem, vms, spaces, pageSize } = memory.linux;
  const found: GuestRange[] = [];
  if (object.kind === 'gmem') {
    gmem.eachFile(object.row, (file) =>
      gmem.eachBinding(file, 0, object.pages, (slot, from, to) => {
        const gfn = vms.slots.get(slot, 'base') + from - vms.slots.get(slot, 'pgoff');
        const vm = vms.vmOfSlot(slot);
        found.push({ vm, gfn, from, to, fromFile: true, realm: middleOf(memory, vm) });
      }),
    );
    return found;
  }
  const address = spaces.address(object.row);
  for (let vm = 1; vm <= vms.rows.last; vm++) {
    const realm = middleOf(memory, vm);
    vms.eachSlot(vm, 0, vms.end, (slot, begin, end) => {
      if (vms.slots.get(slot, 'hva') === 0) return;
      const first = vms.slots.get(slot, 'base') + Math.floor((address - vms.slots.get(slot, 'hva')) / pageSize);
      const from = Math.max(0, begin - first);
      const to = Math.min(object.pages, end - first);
      if (from < to) found.push({ vm, gfn: first + from, from, to, fromFile: false, realm });
    });
  }
  return found;
}

/** Where guests have a page of an object. */
export const guestsOf = (memory: KernelMemory, object: MemoryObject, index: number): GuestPage[] =>
  memory
    .doorsOf(object)
    .filter(({ from, to }) => index >= from && index < to)
    .map(({ vm, gfn, from, fromFile }) => ({ vm, gfn: gfn + index - from, fromFile }));

/** In numbers, all that decides which doors lead to an object; the same text means that they do as before. */
export function layoutOf(memory: KernelMemory, object: MemoryObject): string {
  const { gmem, vms } = memory.linux;
  const facts: (string | number)[] = [object.name, object.pages, object.pgoff, object.inode, +memory.usesGranules];
  facts.push(+memory.isView(object), memory.pages.stamps.ofSlots);
  for (const { row, name, pages, pgoff } of memory.viewsOf(object)) facts.push(row, name, pages, pgoff);
  if (object.kind === 'gmem') gmem.eachFile(object.row, (file) => facts.push(file, gmem.files.get(file, 'bindings')));
  for (let vm = 1; vm <= vms.rows.last; vm++)
    facts.push(vms.rows.get(vm, 'slots 0'), vms.rows.get(vm, 'slots 1'), middleOf(memory, vm) ?? 0);
  return facts.join(' ');
}

/** The halves of a realm's IPA space that a page may be in. */
export const halvesOf = ({ fromFile }: GuestPage): readonly ('protected' | 'unprotected')[] =>
  fromFile ? ['protected', 'unprotected'] : ['unprotected'];

/** What second-stage translation says of a guest's page now. */
export function stage2Text(memory: KernelMemory, guest: GuestPage, granule: number): string {
  // What comes through a mapping of the VMM is for the shared half of a realm.
  const walk = realmWalk(memory, guest, granule, guest.fromFile ? 'protected' : 'unprotected');
  if (walk) return entryWords(walk.entry);
  const { vms } = memory.linux;
  const halves = [SHARED_HALF, PRIVATE_HALF].map((half) => vms.spte(guest.vm, half, guest.gfn));
  const spte = halves.find((one) => one !== 0) ?? 0;
  return spte === 0 ? 'unmapped' : spteWritable(spte) ? 'mapped' : 'mapped read-only';
}

/** The same for all guests that have a page of an object. */
export const stage2Texts = (memory: KernelMemory, object: MemoryObject, index: number, granule: number): string =>
  guestsOf(memory, object, index)
    .map((guest) => stage2Text(memory, guest, granule))
    .join(', ') || NOTHING;

/** The RMM's realm of a VM, by the row of its descriptor; `undefined` where there is none. */
function realmOf({ linux, pages }: KernelMemory, vm: number): number | undefined {
  const { machine } = pages.run;
  const rd = linux.vms.rows.get(vm, 'object');
  if (linux.platformOf(vm).name !== 'cca' || rd === 0 || !machine.pages.has(rd)) return undefined;
  return machine.rmm.granules.state(rd) === 'RD' ? machine.rmm.granules.row(rd) : undefined;
}

/** Where the unprotected half of a realm's addresses begins. */
function middleOf(memory: KernelMemory, vm: number): number | undefined {
  const realm = realmOf(memory, vm);
  return realm === undefined ? undefined : 2 ** (memory.pages.run.machine.rmm.realms.ipaWidth(realm) - 1);
}

/** The RMM's entry for a guest's page, in one half of the IPA space; `undefined` where there is no realm. */
export function realmWalk(
  memory: KernelMemory,
  { vm, gfn }: GuestPage,
  granule: number,
  half: 'protected' | 'unprotected',
): (Walk & { readonly ipa: number; readonly middle: number }) | undefined {
  const realm = realmOf(memory, vm);
  if (realm === undefined) return undefined;
  const { rmm } = memory.pages.run.machine;
  const middle = 2 ** (rmm.realms.ipaWidth(realm) - 1);
  const ipa = gfn * memory.linux.pageSize + granule * UNIT + (half === 'unprotected' ? middle : 0);
  const walk = rmm.rtts.walk(realm, ipa, PAGE_LEVEL, { rtt: 0, level: 0, index: 0, entry: 0 });
  return { ...walk, ipa, middle };
}
