// Taking folios out of a file: whole ones, and the parts of folios at both ends of a range that is none of whole pages.
import { type Flow, flow } from '../flow.ts';
import { FD_GMEM } from '../linux/descriptors.ts';
import { folioPut } from '../linux/folio-put.ts';
import { drainBatch } from '../linux/pieces.ts';
import { type Checks, firstFailure, systemCall, wraps } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';
import { invalidateFolio, invalidatePlace, keepData, needsInvalidate, reattach } from './arch-invalidate.ts';
import { folioZeroRange, removeFolio, split, unmapHost } from './pieces.ts';

/** The first folio of [from, to) that lies in it whole; 0 if there is none. */
function nextWhole({ linux: { gmem, folios } }: Machine, inode: number, from: number, to: number): number {
  for (let at = from; at < to; ) {
    const head = gmem.nextFolio(inode, at, to);
    const index = head === 0 ? to : folios.get(head, 'index');
    const end = index + (head === 0 ? 0 : folios.pageCount(head));
    if (head !== 0 && index >= from && end <= to) return head;
    at = end;
  }
  return 0;
}

/**
 * Removes the folios of [from, to) from the page cache, each freed with its last reference. `lstart` and `lend` are bytes
 * where the range cuts pages: `lend`, which is not part of it, is 0 for whole pages. Guests have lost the range already.
 */
export const truncateFolios: Flow = flow({
  name: 'truncate_inode_pages_range',
  reference: 'mm/truncate.c',
  params: ['inode', 'from', 'to', 'lstart', 'lend'],
  locals: {
    inode: 'number',
    from: 'number',
    to: 'number',
    lstart: 'bytes',
    lend: 'bytes',
    head: 'number',
    at: 'number',
    part: 'number',
    offset: 'bytes',
    length: 'bytes',
    /** The folio that was split: where it began, its pages and the data on it. */
    index: 'number',
    pages: 'number',
    data: 'number',
  },
  steps: {
    find_lock_entries: {
      text: 'while (find_lock_entries(mapping, &index, end, &fbatch))',
      run(f) {
        f.head = nextWhole(f.machine, f.inode, f.from + f.at, f.to);
        if (f.head !== 0) return;
        if (f.lend === 0) f.return(0);
        else if (f.part > ENDS) f.goto('rescan');
        else f.goto('truncate_inode_partial_folio');
      },
    },
    truncate_inode_folio: {
      text: 'truncate_inode_folio(mapping, folio)',
      run(f) {
        const { folios } = f.machine.linux;
        const index = folios.get(f.head, 'index');
        const end = index + folios.pageCount(f.head);
        if (needsInvalidate(f.machine, f.head)) {
          const bytes = folios.pageCount(f.head) * f.machine.linux.pageSize;
          return f.call(invalidateFolio, [f.head, 0, bytes], 'truncate_inode_folio');
        }
        if (folios.get(f.head, 'mapcount') > 0)
          return f.command(unmapHost, [f.inode, index, end], 'truncate_inode_folio');
        f.at = end - f.from;
        f.command(removeFolio, [f.inode, index, f.head]);
      },
    },
    folio_batch_release: {
      text: 'folio_batch_release(&fbatch): lru_add_drain(); release_pages(fbatch->folios, …)',
      run(f) {
        drainBatch(f.machine);
        f.call(folioPut, [f.head], 'find_lock_entries');
      },
    },
    truncate_inode_partial_folio: {
      text: 'folio = __filemap_get_folio(mapping, lstart >> PAGE_SHIFT, …), then the one at lend: truncate_inode_partial_folio(folio, lstart, lend): if (!mapping_inaccessible(folio->mapping)) folio_zero_range(folio, offset, length)',
      run(f) {
        const { gmem, folios, pageSize, profile } = f.machine.linux;
        f.part++;
        f.at = 0;
        if (f.part > ENDS) return f.goto('find_lock_entries');
        const page = Math.floor((f.part === 1 ? f.lstart : f.lend - 1) / pageSize);
        f.head = gmem.folioAt(f.inode, page);
        if (f.head === 0) return f.goto('truncate_inode_partial_folio');
        const start = folios.get(f.head, 'index') * pageSize;
        const end = start + folios.pageCount(f.head) * pageSize;
        const isCut = f.lstart > start || f.lend < end;
        // One folio at both ends is cut once.
        if (!isCut || (f.part === ENDS && f.lstart >= start)) return f.goto('truncate_inode_partial_folio');
        f.offset = Math.max(f.lstart, start) - start;
        f.length = Math.min(f.lend, end) - start - f.offset;
        if (!profile.inaccessible) f.command(folioZeroRange, [f.head, f.offset, f.length]);
      },
    },
    folio_invalidate: {
      text: 'if (folio_needs_release(folio)) folio_invalidate(folio, offset, length)',
      run(f) {
        if (needsInvalidate(f.machine, f.head)) f.call(invalidateFolio, [f.head, f.offset, f.length]);
      },
    },
    split_folio: {
      text: 'if (!folio_test_large(folio)) return true; if (split_folio(folio) == 0) return true',
      run(f) {
        const { folios } = f.machine.linux;
        if (folios.get(f.head, 'order') === 0) return f.goto('truncate_inode_partial_folio');
        f.index = folios.get(f.head, 'index');
        f.pages = folios.pageCount(f.head);
        f.data = folios.get(f.head, 'private');
        f.command(split, [f.inode, f.index]);
      },
    },
    split_failed: {
      text: 'truncate_inode_folio(folio->mapping, folio): what cannot be split goes whole',
      run(f) {
        if (f.result !== 0) return f.command(removeFolio, [f.inode, f.index, f.head], 'folio_put');
        if (invalidatePlace(f.machine) === 'invalidate_folio_truncate') {
          keepData(f.machine, f.inode, f.index, f.pages, f.data);
        }
        f.goto('truncate_inode_partial_folio');
      },
    },
    rescan: {
      text: 'scan for split folios in the huge pages that the hole has cut, and attach what the bindings say of them',
      run(f) {
        if (invalidatePlace(f.machine) === 'invalidate_folio_rescan') {
          reattach(f.machine, f.inode, f.lstart, f.lend);
        }
        f.return(0);
      },
    },
    folio_put: {
      text: 'folio_unlock(folio); folio_put(folio)',
      run: (f) => f.call(folioPut, [f.head], 'truncate_inode_partial_folio'),
    },
  },
});

/** A range has two ends. */
const ENDS = 2;

const checks: Checks = [
  {
    id: 'fd',
    text: 'fd is an open guest_memfd',
    errno: 'EBADF',
    argument: 'fd',
    holds: ({ linux }, [fd = 0]) => linux.descriptors.isOpen(fd) && linux.descriptors.rows.get(fd, 'kind') === FD_GMEM,
  },
  {
    id: 'range',
    text: 'the range is not empty and lies in the file',
    errno: 'EINVAL',
    argument: 'range',
    holds: ({ linux: { gmem, pageSize } }, [fd = 0, offset = 0, length = 0]) =>
      length > 0 && !wraps(offset, length) && offset + length <= gmem.inodes.get(gmem.inodeOf(fd), 'size') * pageSize,
  },
];

const truncateRange: Flow = flow({
  name: 'truncate',
  reference: 'mm/truncate.c: truncate_inode_pages_range, as another part of the kernel would call it',
  params: ['fd', 'offset', 'length'],
  locals: { fd: 'number', offset: 'bytes', length: 'bytes' },
  steps: {
    truncate_inode_pages_range: {
      text: 'truncate_inode_pages_range(mapping, lstart, lend)',
      run(f) {
        const failed = firstFailure(checks, f.machine, [f.fd, f.offset, f.length]);
        if (failed !== 0) return f.return(failed);
        const { gmem, pageSize } = f.machine.linux;
        const end = f.offset + f.length;
        const pages = [Math.ceil(f.offset / pageSize), Math.floor(end / pageSize)] as const;
        f.call(truncateFolios, [gmem.inodeOf(f.fd), ...pages, f.offset, end]);
      },
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});

export const truncateInodePagesRange = systemCall({
  name: 'truncate_inode_pages_range',
  actor: 'host',
  since: 'linux/6.8',
  summary: 'The kernel takes a range of bytes out of a guest_memfd, which need not be one of whole pages.',
  reference: 'mm/truncate.c: truncate_inode_pages_range',
  params: [
    { name: 'fd', type: 'gmem', text: 'the guest_memfd' },
    { name: 'range', type: 'range', text: 'bytes of the file' },
  ],
  errors: ['EBADF', 'EINVAL'],
  checks,
  effects: [
    'folios that lie in the range whole leave the file; guests are not told, as guest_memfd does before it calls this',
    'of a folio that the range cuts the part is zeroed, unless the file has AS_INACCESSIBLE; a large one is split, and its pages in the range leave',
  ],
  differences: ['linux/6.8: a guest_memfd has no AS_INACCESSIBLE, so parts of private pages are zeroed'],
  flow: truncateRange,
});
