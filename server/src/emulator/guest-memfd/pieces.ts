// What guest_memfd does in one step: unmap a range from all processes, take folios out, split and merge them.
import { ERRNO } from '../errno.ts';
import { MAPS_GMEM } from '../linux/address-spaces.ts';
import { fill } from '../linux/bytes.ts';
import { HWPOISON, OWNER_DETACHED, STUCK, UPTODATE } from '../linux/folios.ts';
import { piece } from '../linux/piece.ts';
import type { Machine } from '../machine.ts';
import { GRANULE } from '../memory/pages.ts';

/** What a large folio is if one of its pages is: a page that must not be given out again, or one that was used. */
const OF_ANY = HWPOISON | STUCK | UPTODATE;

const inode = 'the inode';
const first = 'first page of the range, as an offset';
const end = 'page behind the last';

export const unmapHost = piece({
  name: 'unmap_host',
  summary: 'Takes a range of a file out of the page tables of every process.',
  reference: 'mm/memory.c: unmap_mapping_pages',
  params: { inode, first, end },
  effects: ['no process has the range mapped; the next access faults'],
  call({ linux }, [target = 0, from = 0, to = 0]) {
    const { spaces, gmem } = linux;
    const shows = (kind: number, file: number) => kind === MAPS_GMEM && gmem.files.get(file, 'inode') === target;
    spaces.eachView(shows, from, to, (process, begin, last) =>
      spaces.eachPte(process, begin, last, (page) => spaces.setPte(process, page, 0)),
    );
    return 0;
  },
});

export const removeFolio = piece({
  name: 'remove_folio',
  summary: 'Takes a folio out of its file.',
  reference: 'mm/truncate.c: truncate_inode_folio',
  params: { inode, index: 'first page of the folio, as an offset', pfn: 'its first page frame' },
  effects: ['nothing is at the offset any more', 'the folio is freed when its last reference is dropped'],
  call({ linux: { gmem, folios } }, [target = 0, index = 0, pfn = 0]) {
    gmem.remove(target, index);
    folios.set(pfn, 'owner', OWNER_DETACHED);
    return 0;
  },
});

export const folioZeroRange = piece({
  name: 'folio_zero_range',
  summary: 'Zeroes a part of a folio that truncation cuts off.',
  reference: 'mm/truncate.c: truncate_inode_partial_folio',
  params: { pfn: 'first page frame of the folio', offset: 'first byte', length: 'bytes' },
  effects: ['the bytes are 0, whoever the page belongs to', 'the host dies if the page is not in its address space'],
  call(machine, [pfn = 0, offset = 0, length = 0]) {
    const { linux, pages, rmm } = machine;
    const first = Math.floor(offset / linux.pageSize);
    linux.coreWrites(pfn + first, Math.ceil((offset + length) / linux.pageSize) - first);
    for (let done = 0; done < length; ) {
      const pa = linux.folios.address(pfn) + offset + done;
      if (rmm.granules.gpt(pa) !== 'NS') {
        linux.die();
        return 0;
      }
      const size = Math.min(length - done, GRANULE - (pa % GRANULE));
      fill(pages, pa, size, 0);
      done += size;
    }
    return 0;
  },
});

export const split = piece({
  name: 'split',
  summary: 'Splits a large folio of a file into single pages.',
  reference: 'virt/kvm/guest_memfd.c: kvm_gmem_split_folio_in_filemap, 1G page RFC v2',
  since: 'linux/hugetlb-v2',
  params: { inode, index: 'first page of the folio, as an offset' },
  effects: ['every page of the folio is a folio of its own', 'private data of the folio is lost'],
  errors: ['ENOMEM', 'EAGAIN'],
  call({ linux: { gmem, folios } }, [target = 0, index = 0]) {
    const head = gmem.folioAt(target, index);
    const pages = folios.pageCount(head);
    const flags = folios.get(head, 'flags');
    const batch = folios.get(head, 'batch');
    folios.set(head, 'order', 0);
    folios.set(head, 'private', 0);
    for (let i = 0; i < pages; i++) {
      gmem.insert(target, index + i, head + i);
      folios.set(head + i, 'flags', flags);
    }
    folios.set(head, 'batch', batch);
    return 0;
  },
});

export const merge = piece({
  name: 'merge',
  summary: 'Makes one large folio of the pages that it was split into.',
  reference: 'virt/kvm/guest_memfd.c: kvm_gmem_merge_folio_in_filemap, 1G page RFC v2',
  since: 'linux/hugetlb-v2',
  params: { inode, index: 'first page of the folio, as an offset', order: 'its order' },
  effects: ['the pages are one folio, which is poisoned, in use or up to date if one of them was'],
  errors: ['ENOMEM', 'EAGAIN'],
  call({ linux: { gmem, folios } }, [target = 0, index = 0, order = 0]) {
    const head = gmem.folioAt(target, index);
    const pages = 2 ** order;
    for (let i = 0; i < pages; i++) if (gmem.folioAt(target, index + i) !== head + i) return -ERRNO.EAGAIN;
    for (let i = 1; i < pages; i++) {
      gmem.remove(target, index + i);
      folios.mark(head, folios.get(head + i, 'flags') & OF_ANY);
      for (const column of ['owner', 'index', 'flags', 'batch', 'private'] as const) folios.set(head + i, column, 0);
    }
    folios.set(head, 'order', order);
    return 0;
  },
});

export const spin = piece({
  name: 'spin until refs drop',
  summary: 'Waits until transient references to a folio are gone.',
  reference: 'virt/kvm/guest_memfd.c: folio_ref_freeze in a loop, 1G page RFC v2',
  since: 'linux/hugetlb-v2',
  params: { pfn: 'first page frame of the folio' },
  effects: ['nobody holds the folio for a moment alone any more'],
  call({ linux: { folios } }, [pfn = 0]) {
    folios.set(pfn, 'transient', 0);
    return 0;
  },
});

/** Whether the large page at `index` consists of single folios, all of them there. */
export function isSplit({ linux: { gmem, folios } }: Machine, file: number, index: number): boolean {
  const pages = 2 ** gmem.inodes.get(file, 'order');
  const first = gmem.folioAt(file, index);
  for (let i = 0; i < pages; i++) {
    const head = gmem.folioAt(file, index + i);
    if (head === 0 || head !== first + i || folios.get(head, 'order') !== 0) return false;
  }
  return pages > 1;
}

export const GMEM_PIECES = [unmapHost, removeFolio, folioZeroRange, split, merge, spin] as const;
