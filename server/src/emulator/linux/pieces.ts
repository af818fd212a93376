// What memory management does in one step: allocate, zero, free, map and unmap, take and drop references.
import type { Machine } from '../machine.ts';
import { pteOf } from './address-spaces.ts';
import { HELD_GET } from './descriptors.ts';
import { HWPOISON, OWNER_DETACHED, OWNER_KERNEL, STUCK, UPTODATE } from './folios.ts';
import { BATCH, type Linux } from './linux.ts';
import { piece } from './piece.ts';

const ENOMEM = -12;
const EAGAIN = -11;

export const alloc = piece({
  name: 'alloc',
  summary: 'Takes a folio from the page allocator.',
  reference: 'mm/page_alloc.c: __alloc_pages',
  params: { order: 'order of the folio', node: 'NUMA node' },
  outputs: { pfn: 'its first page frame' },
  errors: ['ENOMEM'],
  effects: ['the folio belongs to the kernel; what it contains is whatever was there'],
  call({ linux }, [order = 0, node = 0]) {
    const pfn = linux.allocator.take(order, node);
    if (pfn === 0) return ENOMEM;
    linux.folios.set(pfn, 'owner', OWNER_KERNEL);
    linux.out[0] = pfn;
    return 0;
  },
});

/** KVM has to zero what is new; what holds something already is another matter. */
function zeroPages(linux: Linux, pfn: number, pages: number): void {
  const { folios } = linux;
  if (folios.has(folios.head(pfn), UPTODATE)) linux.coreWrites(pfn, pages);
  folios.zero(pfn, pages);
}

export const zero = piece({
  name: 'zero',
  summary: 'Zeroes a folio that was never used and marks it up to date.',
  reference: 'virt/kvm/guest_memfd.c: clear_highpage in kvm_gmem_prepare_folio; mm/memory.c: clear_user_page',
  params: { pfn: 'first page frame', pages: 'pages to zero' },
  effects: ['every byte is 0', 'the folio is up to date'],
  call({ linux }, [pfn = 0, pages = 1]) {
    zeroPages(linux, pfn, pages);
    linux.folios.mark(linux.folios.head(pfn), UPTODATE);
    return 0;
  },
});

export const zeroRange = piece({
  name: 'zero_range',
  summary: 'Zeroes a part of a folio that is not freed.',
  reference: 'virt/kvm/guest_memfd.c: kvm_gmem_zero_range, 1G page RFC v2',
  params: { pfn: 'first page frame', pages: 'pages to zero' },
  effects: ['every byte is 0'],
  call({ linux }, [pfn = 0, pages = 1]) {
    zeroPages(linux, pfn, pages);
    return 0;
  },
});

export const freeFolio = piece({
  name: 'free_folio',
  summary: 'Gives a folio that nobody holds back to the page allocator.',
  reference: 'mm/swap.c: __folio_put',
  params: { pfn: 'first page frame' },
  effects: ['the frame may be given out again, unless it is poisoned or marked as stuck'],
  call({ linux }, [pfn = 0]) {
    if (linux.folios.has(pfn, HWPOISON | STUCK)) linux.folios.set(pfn, 'owner', OWNER_DETACHED);
    else linux.allocator.give(pfn);
    return 0;
  },
});

export const copyPage = piece({
  name: 'copy_page',
  summary: 'Copies a page.',
  reference: 'mm/memory.c: __wp_page_copy_user',
  params: { to: 'page frame', from: 'page frame' },
  effects: ['both pages contain the same'],
  call({ linux }, [to = 0, from = 0]) {
    linux.coreWrites(to, 1);
    linux.folios.copy(to, from);
    linux.folios.mark(to, UPTODATE);
    return 0;
  },
});

export const setPte = piece({
  name: 'set_pte',
  summary: 'Enters a page into the page table of a process.',
  reference: 'mm/memory.c: set_pte_range',
  params: { process: 'process', page: 'address over page size', pfn: 'page frame', writable: '1 if it may be written' },
  effects: ['the page is mapped, and the entry holds a reference to its folio'],
  call({ linux }, [process = 0, page = 0, pfn = 0, writable = 0]) {
    linux.spaces.setPte(process, page, pteOf(pfn, writable !== 0));
    return 0;
  },
});

export const clearPte = piece({
  name: 'clear_pte',
  summary: 'Takes a page out of the page table of a process.',
  reference: 'mm/memory.c: zap_pte_range',
  params: { process: 'process', page: 'address over page size' },
  effects: ['the page is not mapped there, and its folio has a reference less'],
  call({ linux }, [process = 0, page = 0]) {
    linux.spaces.setPte(process, page, 0);
    return 0;
  },
});

export const lruDrain = piece({
  name: 'lru_drain',
  summary: 'Empties the per-CPU batches of folios that wait for a place on the LRU lists.',
  reference: 'mm/swap.c: lru_add_drain_all',
  params: {},
  effects: ['no folio is held by a batch'],
  call(machine) {
    drainBatch(machine);
    return 0;
  },
});

/** Drops the references that the batch holds. */
export function drainBatch({ linux: { batch, folios } }: Machine): void {
  for (let i = 1; i <= batch.get(0, 0); i++) {
    const pfn = batch.get(i, 0);
    if (folios.get(pfn, 'batch') === 1) folios.set(pfn, 'batch', 0);
    batch.set(i, 0, 0);
  }
  batch.set(0, 0, 0);
}

/** folio_add_lru: a new folio waits in a per-CPU batch, which holds a reference until it is full. */
export function addToBatch(machine: Machine, pfn: number): void {
  const { batch, folios } = machine.linux;
  if (batch.get(0, 0) === BATCH) drainBatch(machine);
  const used = batch.get(0, 0) + 1;
  batch.set(0, 0, used);
  batch.set(used, 0, pfn);
  folios.set(pfn, 'batch', 1);
}

export const refcheck = piece({
  name: 'refcheck',
  summary: 'Looks whether anybody but the page cache holds a folio.',
  reference: 'virt/kvm/guest_memfd.c: kvm_gmem_has_safe_refcount, in-place conversion v8',
  params: { pfn: 'first page frame of the folio' },
  errors: ['EAGAIN'],
  effects: ['nothing changes'],
  since: 'linux/hugetlb-v2',
  call: ({ linux }, [pfn = 0]) => (linux.folios.refcount(pfn) === linux.folios.pageCount(pfn) ? 0 : EAGAIN),
});

export const gup = piece({
  name: 'gup',
  summary: 'Takes a reference to a page through the page table of a process.',
  reference: 'mm/gup.c: follow_page_pte, try_grab_folio',
  params: {
    process: 'process',
    page: 'address over page size',
    kind: '0 get, 1 pin, 2 long-term pin',
    pfn: 'page frame',
  },
  errors: ['EFAULT', 'ENOMEM'],
  effects: ['the folio has a reference, or a pin, more'],
  call({ linux: { folios } }, [, , kind = 0, pfn = 0]) {
    folios.count(folios.head(pfn), kind === HELD_GET ? 'gets' : 'pins', 1);
    return 0;
  },
});

export const unpin = piece({
  name: 'unpin',
  summary: 'Drops a reference or a pin.',
  reference: 'mm/gup.c: unpin_user_page, put_page',
  params: { pfn: 'page frame', kind: '0 get, 1 pin, 2 long-term pin' },
  effects: ['the folio has a reference, or a pin, less'],
  call({ linux: { folios } }, [pfn = 0, kind = 0]) {
    folios.count(folios.head(pfn), kind === HELD_GET ? 'gets' : 'pins', -1);
    return 0;
  },
});

export const leak = piece({
  name: 'leak',
  summary: 'Takes a reference to a page that nobody will ever drop.',
  reference: 'get_page on a page that firmware does not give back',
  params: { pfn: 'page frame' },
  effects: ['the page is never given out again'],
  call({ linux }, [pfn = 0]) {
    const { folios } = linux;
    const head = folios.head(pfn);
    folios.count(head, 'leaked', 1);
    // A page is lost once, however often.
    if (folios.get(head, 'leaked') === 1) linux.leak();
    return 0;
  },
});

export const warn = piece({
  name: 'warn',
  summary: 'WARN: the kernel log says that something happened that must not.',
  reference: 'include/asm-generic/bug.h: WARN_ON',
  params: { pfn: 'page frame, or 0' },
  effects: ['one warning more'],
  call({ linux }) {
    linux.warn();
    return 0;
  },
});

export const MEMORY_PIECES = [
  alloc,
  zero,
  zeroRange,
  freeFolio,
  copyPage,
  setPte,
  clearPte,
  lruDrain,
  refcheck,
  gup,
  unpin,
  leak,
  warn,
] as const;
