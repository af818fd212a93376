// Telling the architecture that pages of a guest_memfd go away: where that is done, and what the callback then knows.
import { type Flow, flow } from '../flow.ts';
import { FOREIGN_DATA } from '../linux/folios.ts';
import { piece } from '../linux/piece.ts';
import type { Machine } from '../machine.ts';
import { nextBound } from './invalidate.ts';

/**
 * The places that the thread on the hooks for x86 weighed, in the order of the policy's cell. `none`: no platform has the
 * callback, and pages are given back where they are unmapped.
 */
export const INVALIDATE_PLACES = [
  'none',
  'free_folio',
  'punch_hole',
  'evict_inode',
  'invalidate_folio',
  'invalidate_folio_rescan',
  'invalidate_folio_truncate',
] as const;
export type InvalidatePlace = (typeof INVALIDATE_PLACES)[number];

export const invalidatePlace = ({ linux: { gmem } }: Machine): InvalidatePlace =>
  INVALIDATE_PLACES[gmem.policy.get(0, 0)] ?? 'none';

/** Pages stay with firmware when a guest loses them, until guest_memfd says that they go away. */
export const isToldLater = (machine: Machine): boolean => invalidatePlace(machine) !== 'none';

const usesPrivateData = (machine: Machine) => invalidatePlace(machine).startsWith('invalidate_folio');

/** Guest frames are below this. */
const FRAMES = 2 ** 38;

/** What KVM hangs on a folio: whose it is, and the guest frame of its first page. */
const dataOf = (vm: number, gfn: number) => FOREIGN_DATA + vm * FRAMES + gfn;

/** folio_attach_private when a VM gets a page: where the callback is to find that again. */
export function attachOwner(machine: Machine, vm: number, gfn: number, pfn: number): void {
  if (!usesPrivateData(machine)) return;
  const { folios } = machine.linux;
  const head = folios.head(pfn);
  folios.set(head, 'private', dataOf(vm, gfn - (pfn - head)));
}

/** KVM hung data on the folio that begins at a frame: it must hear before the folio goes. */
export const needsInvalidate = (machine: Machine, head: number): boolean =>
  usesPrivateData(machine) && machine.linux.folios.get(head, 'private') > FOREIGN_DATA;

/** What truncation does where a flag asks it to: the pieces of a folio keep the data that was on it. */
export function keepData(
  { linux: { gmem, folios } }: Machine,
  inode: number,
  index: number,
  pages: number,
  data: number,
) {
  gmem.eachFolio(inode, index, index + pages, (head, at) => {
    if (data > FOREIGN_DATA) folios.set(head, 'private', data + at - index);
  });
}

/** What guest_memfd does after a hole otherwise: it knows of the pieces what is bound there, and nothing where nothing is. */
export function reattach(machine: Machine, inode: number, lstart: number, lend: number) {
  const { gmem, pageSize } = machine.linux;
  const huge = 2 ** gmem.inodes.get(inode, 'order') * pageSize;
  const from = (lstart - (lstart % huge)) / pageSize;
  const to = (Math.ceil(lend / huge) * huge) / pageSize;
  gmem.eachFile(inode, (file) =>
    gmem.eachFolio(inode, from, to, (head, at) => {
      const bound = nextBound(machine, file, at, at + 1);
      if (bound) attachOwner(machine, gmem.files.get(file, 'vm'), bound.gfn, head);
    }),
  );
}

const start = 'first page frame';
const end = 'frame behind the last';

const byFrame = piece({
  name: 'arch_invalidate',
  summary: 'kvm_arch_gmem_invalidate, which gets page frames alone.',
  reference: 'virt/kvm/guest_memfd.c: kvm_gmem_free_folio; RFC gmem v1 4/8',
  params: { start, end },
  effects: ['the platform makes the pages accessible to the host, as far as it can'],
  call: () => 0,
});

const byGuestFrame = piece({
  name: 'arch_invalidate_gfn',
  summary: 'The same callback where its caller knows the VM and the guest frame.',
  reference: 'RFC gmem v1: hooks for invalidating gmem pages',
  params: { vm: 'the VM', gfn: 'guest frame of the first page', start, end },
  effects: ['the platform makes the pages accessible to the host'],
  call: () => 0,
});

const invalidateFolioPiece = piece({
  name: 'invalidate_folio',
  summary: 'a_ops->invalidate_folio: a part of a folio, or all of it, goes away.',
  reference: 'mm/truncate.c: folio_invalidate',
  params: { pfn: 'first page frame of the folio', offset: 'first byte', length: 'bytes' },
  effects: ['private data of a folio that goes whole is detached'],
  call: () => 0,
});

export const INVALIDATE_PIECES = [byFrame, byGuestFrame, invalidateFolioPiece] as const;

/** Calls the platform's callback for pages that follow one another; `vm` is 0 where nobody knows whose they are. */
export const archInvalidate: Flow = flow({
  name: 'kvm_arch_gmem_invalidate',
  reference: 'virt/kvm/guest_memfd.c; RFC gmem v1 4/8',
  params: ['pfn', 'pages', 'vm', 'gfn'],
  locals: { pfn: 'number', pages: 'number', vm: 'number', gfn: 'number', platform: 'number' },
  steps: {
    kvm_arch_gmem_invalidate: {
      text: 'kvm_arch_gmem_invalidate(pfn_start, pfn_end), or with kvm and gfn where they are known',
      run(f) {
        const frames = [f.pfn, f.pfn + f.pages] as const;
        if (f.vm === 0) f.command(byFrame, frames);
        else f.command(byGuestFrame, [f.vm, f.gfn, ...frames]);
      },
    },
    platform: {
      text: 'static_call_cond(kvm_gmem_invalidate)(…)',
      run(f) {
        const { platforms } = f.machine.linux;
        const hook = platforms[f.platform]?.hooks.freeFolio;
        f.platform++;
        if (hook) f.call(hook, [f.pfn, f.pages, f.vm, f.gfn], 'platform');
        else if (f.platform < platforms.length) f.goto('platform');
      },
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});

/** folio_invalidate of [offset, offset + length) bytes of a folio on which KVM hung data; goes on with the pages that are whole. */
export const invalidateFolio: Flow = flow({
  name: 'kvm_gmem_invalidate_folio',
  reference: 'an alternative of RFC gmem v1: hooks for invalidating gmem pages',
  params: ['pfn', 'offset', 'length'],
  locals: { pfn: 'number', offset: 'bytes', length: 'bytes', data: 'number' },
  steps: {
    folio_invalidate: {
      text: 'folio_invalidate(folio, offset, length)',
      run: (f) => f.command(invalidateFolioPiece, [f.pfn, f.offset, f.length]),
    },
    folio_get_private: {
      text: 'data = folio_get_private(folio); if (length == folio_size(folio)) folio_detach_private(folio); kvm_arch_gmem_invalidate(data->kvm, data->gfn + first, …)',
      run(f) {
        const { folios, pageSize } = f.machine.linux;
        f.data = folios.get(f.pfn, 'private') - FOREIGN_DATA;
        if (f.length === folios.pageCount(f.pfn) * pageSize) folios.set(f.pfn, 'private', 0);
        const first = Math.ceil(f.offset / pageSize);
        const pages = Math.floor((f.offset + f.length) / pageSize) - first;
        if (pages <= 0) return f.return(0);
        const gfn = (f.data % FRAMES) + first;
        f.call(archInvalidate, [f.pfn + first, pages, Math.floor(f.data / FRAMES), gfn]);
      },
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});

/**
 * Calls the callback for what is allocated in [from, to) of an inode. `file` is the one whose VM has the pages; 0 at the end of
 * the inode, when no VM does.
 */
export const invalidateFolios: Flow = flow({
  name: 'kvm_gmem_issue_arch_invalidate',
  reference: 'SNP hypervisor support v9, before RFC gmem v1: kvm_gmem_punch_hole, kvm_gmem_release',
  params: ['inode', 'from', 'to', 'file'],
  locals: { inode: 'number', from: 'number', to: 'number', file: 'number', head: 'number' },
  steps: {
    filemap_get_folios: {
      text: 'while (filemap_get_folios(inode->i_mapping, &start, end - 1, &fbatch))',
      run(f) {
        const { gmem, folios } = f.machine.linux;
        f.head = gmem.nextFolio(f.inode, f.from, f.to);
        if (f.head === 0) return f.return(0);
        const index = folios.get(f.head, 'index');
        const bound = f.file === 0 ? undefined : nextBound(f.machine, f.file, index, index + 1);
        const vm = bound ? gmem.files.get(f.file, 'vm') : 0;
        f.from = index + folios.pageCount(f.head);
        f.call(archInvalidate, [f.head, folios.pageCount(f.head), vm, bound?.gfn ?? 0], 'filemap_get_folios');
      },
    },
  },
});
