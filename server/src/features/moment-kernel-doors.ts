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

/** The mappings that show a page, whether their page tables have it or not. */
export function hostsOf(memory: KernelMemory, object: MemoryObject, page: KernelPage): HostPage[] {
  if (object.inode === 0) return [{ object, index: page.index, mapped: page.mapped }];
  const index = page.index + object.pgoff;
  return memory.objects.flatMap((one): HostPage[] => {
    const own = index - one.pgoff;
    if (one.kind !== 'mapping' || one.inode !== object.inode || own < 0 || own >= one.pages) return [];
    return [{ object: one, index: own, mapped: memory.pageAt(one, own).mapped }];
  });
}

export interface GuestPage {
  readonly vm: number;
  readonly gfn: number;
  /** It comes from a file of the slot; otherwise through the VMM's mapping. */
  readonly fromFile: boolean;
}

/** Where guests have a page of an object, by the slots that are there. */
export function guestsOf(memory: KernelMemory, object: MemoryObject, index: number): GuestPage[] {
  const { gmem, vms, spaces, pageSize } = memory.linux;
  const found: GuestPage[] = [];
  if (object.kind === 'gmem') {
    gmem.eachFile(object.row, (file) =>
      gmem.eachBinding(file, index, index + 1, (slot) => {
        const gfn = vms.slots.get(slot, 'base') + index - vms.slots.get(slot, 'pgoff');
        found.push({ vm: vms.vmOfSlot(slot), gfn, fromFile: true });
      }),
    );
    return found;
  }
  const address = spaces.address(object.row) + index * pageSize;
  for (let vm = 1; vm <= vms.rows.last; vm++) {
    vms.eachSlot(vm, 0, vms.end, (slot, from, to) => {
      const gfn = vms.slots.get(slot, 'base') + Math.floor((address - vms.slots.get(slot, 'hva')) / pageSize);
      if (vms.slots.get(slot, 'hva') !== 0 && gfn >= from && gfn < to) found.push({ vm, gfn, fromFile: false });
    });
  }
  return found;
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

/** The RMM's entry for a guest's page, in one half of the IPA space; `undefined` where there is no realm. */
export function realmWalk(
  { linux, pages }: KernelMemory,
  { vm, gfn }: GuestPage,
  granule: number,
  half: 'protected' | 'unprotected',
): (Walk & { readonly ipa: number; readonly middle: number }) | undefined {
  const { rmm } = pages.run.machine;
  const rd = linux.vms.rows.get(vm, 'object');
  if (
    linux.platformOf(vm).name !== 'cca' ||
    rd === 0 ||
    !pages.run.machine.pages.has(rd) ||
    rmm.granules.state(rd) !== 'RD'
  )
    return undefined;
  const row = rmm.granules.row(rd);
  const middle = 2 ** (rmm.realms.ipaWidth(row) - 1);
  const ipa = gfn * linux.pageSize + granule * UNIT + (half === 'unprotected' ? middle : 0);
  const walk = rmm.rtts.walk(row, ipa, PAGE_LEVEL, { rtt: 0, level: 0, index: 0, entry: 0 });
  return { ...walk, ipa, middle };
}
