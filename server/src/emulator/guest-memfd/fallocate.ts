// fallocate on a guest_memfd: allocating pages, and punching holes.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { FD_GMEM } from '../linux/descriptors.ts';
import { folioPut } from '../linux/folio-put.ts';
import { zeroRange } from '../linux/pieces.ts';
import { type Checks, firstFailure, hasOnly, isBeyondFiles, isNegative, systemCall } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';
import { invalidateFolios, invalidatePlace } from './arch-invalidate.ts';
import { dropLookup, getFolio } from './get-folio.ts';
import { halvesOf, invalidateBegin, invalidateEnd } from './invalidate.ts';
import { lock, lockShared, unlock, unlockShared } from './lock.ts';
import { isSplit, merge, unmapHost } from './pieces.ts';
import { hasSafeRefcount } from './safe-refcount.ts';
import { truncateFolios } from './truncate.ts';

export const FALLOC_FL_KEEP_SIZE = 1;
export const FALLOC_FL_PUNCH_HOLE = 2;
const MODES: Readonly<Record<string, number>> = {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_NO_HIDE_STALE: 4,
  FALLOC_FL_COLLAPSE_RANGE: 8,
  FALLOC_FL_ZERO_RANGE: 0x10,
  FALLOC_FL_INSERT_RANGE: 0x20,
  FALLOC_FL_UNSHARE_RANGE: 0x40,
};
/** Modes that the VFS knows at all. */
const KNOWN = 0x7b;

const HOLE = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE;

const sizeOf = ({ linux }: Machine, fd: number) =>
  linux.gmem.inodes.get(linux.gmem.inodeOf(fd), 'size') * linux.pageSize;

const checks: Checks = [
  {
    id: 'range',
    text: 'offset is not negative and len is above 0',
    errno: 'EINVAL',
    argument: 'offset',
    holds: (_, [, , offset = 0, len = 0]) => !isNegative(offset) && !isNegative(len) && len > 0,
  },
  {
    id: 'mode_known',
    text: 'mode has bits that the VFS knows, and FALLOC_FL_PUNCH_HOLE comes with FALLOC_FL_KEEP_SIZE',
    errno: 'EOPNOTSUPP',
    argument: 'mode',
    holds: (_, [, mode = 0]) => hasOnly(mode, KNOWN) && ((mode & FALLOC_FL_PUNCH_HOLE) === 0 || (mode & HOLE) === HOLE),
  },
  {
    id: 'fd',
    text: 'fd is an open guest_memfd',
    errno: 'EBADF',
    argument: 'fd',
    holds: ({ linux }, [fd = 0]) => linux.descriptors.isOpen(fd) && linux.descriptors.rows.get(fd, 'kind') === FD_GMEM,
  },
  {
    id: 'size_limit',
    text: 'the end is not beyond the largest file size',
    errno: 'EFBIG',
    argument: 'len',
    holds: (_, [, , offset = 0, len = 0]) => !isBeyondFiles(offset, len),
  },
  {
    id: 'keep_size',
    text: 'mode contains FALLOC_FL_KEEP_SIZE',
    errno: 'EOPNOTSUPP',
    argument: 'mode',
    holds: (_, [, mode = 0]) => (mode & FALLOC_FL_KEEP_SIZE) !== 0,
  },
  {
    id: 'mode',
    text: 'mode has no bits beside FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE',
    errno: 'EOPNOTSUPP',
    argument: 'mode',
    holds: (_, [, mode = 0]) => hasOnly(mode, HOLE),
  },
  {
    id: 'align',
    text: 'offset and len are multiples of the page size',
    errno: 'EINVAL',
    argument: 'offset',
    holds: ({ linux: { pageSize } }, [, , offset = 0, len = 0]) => offset % pageSize === 0 && len % pageSize === 0,
  },
  {
    id: 'end_of_file',
    text: 'the end is not beyond the file, where pages are allocated',
    errno: 'EINVAL',
    argument: 'len',
    holds: (machine, [fd = 0, mode = 0, offset = 0, len = 0]) =>
      (mode & FALLOC_FL_PUNCH_HOLE) !== 0 || offset + len <= sizeOf(machine, fd),
  },
];

/** Makes the folios that are missing in [from, to). They are neither zeroed nor prepared. */
const allocate: Flow = flow({
  name: 'kvm_gmem_allocate',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['inode', 'from', 'to'],
  locals: { inode: 'number', from: 'number', to: 'number', ret: 'errno' },
  steps: {
    filemap_invalidate_lock_shared: {
      text: 'filemap_invalidate_lock_shared(mapping)',
      run(f) {
        if (!lockShared(f.machine, f.inode)) f.wait();
      },
    },
    kvm_gmem_get_folio: {
      text: 'for (index = start; index < end; ) { if (signal_pending(current)) break; folio = kvm_gmem_get_folio(inode, index) }',
      run(f) {
        if (f.from >= f.to) return f.goto('out_unlock');
        if (!f.machine.linux.signalPending()) return f.call(getFolio, [f.inode, f.from]);
        f.ret = -ERRNO.EINTR;
        f.goto('out_unlock');
      },
    },
    folio_put: {
      text: 'if (IS_ERR(folio)) break; index = folio_next_index(folio); folio_put(folio)',
      run(f) {
        if (f.result < 0) {
          f.ret = f.result;
          return f.goto('out_unlock');
        }
        const { folios } = f.machine.linux;
        const head = folios.head(f.output(0));
        f.from = folios.get(head, 'index') + folios.pageCount(head);
        f.goto('kvm_gmem_get_folio');
        if (dropLookup(f.machine, head)) f.call(folioPut, [head], 'kvm_gmem_get_folio');
      },
    },
    out_unlock: {
      text: 'filemap_invalidate_unlock_shared(mapping); return r',
      run(f) {
        unlockShared(f.machine, f.inode);
        f.return(f.ret);
      },
    },
  },
});

/** Frees what is allocated in [from, to); of large pages only whole ones, parts are zeroed. */
export const punchHole: Flow = flow({
  name: 'kvm_gmem_punch_hole',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['inode', 'from', 'to'],
  locals: {
    inode: 'number',
    from: 'number',
    to: 'number',
    at: 'number',
    whole: 'number',
    wholeEnd: 'number',
    head: 'number',
    file: 'number',
  },
  steps: {
    filemap_invalidate_lock: {
      text: 'filemap_invalidate_lock(inode->i_mapping)',
      run(f) {
        const { inodes } = f.machine.linux.gmem;
        f.to = Math.min(f.to, inodes.get(f.inode, 'size'));
        if (f.from >= f.to) return f.return(0);
        if (!lock(f.machine, f.inode, f.actor)) return f.wait();
        const large = 2 ** inodes.get(f.inode, 'order');
        f.whole = Math.ceil(f.from / large) * large;
        f.wholeEnd = Math.max(f.whole, Math.floor(f.to / large) * large);
        f.at = f.whole;
        if (large === 1) f.goto('kvm_gmem_invalidate_begin');
      },
    },
    kvm_gmem_merge: {
      text: 'for each large page that is split: unmap, check references, merge',
      run(f) {
        const { gmem, folios } = f.machine.linux;
        const order = gmem.inodes.get(f.inode, 'order');
        if (f.at >= f.wholeEnd) return f.goto('kvm_gmem_invalidate_begin');
        f.head = gmem.folioAt(f.inode, f.at);
        if (isSplit(f.machine, f.inode, f.at)) return f.command(unmapHost, [f.inode, f.at, f.at + 2 ** order]);
        f.at += f.head === 0 || folios.get(f.head, 'order') === 0 ? 1 : folios.pageCount(f.head);
        f.goto('kvm_gmem_merge');
      },
    },
    kvm_gmem_has_safe_refcount: {
      text: 'if (!kvm_gmem_has_safe_refcount(mapping, start, nr_pages, …)) ret = -EAGAIN',
      run(f) {
        const pages = 2 ** f.machine.linux.gmem.inodes.get(f.inode, 'order');
        f.call(hasSafeRefcount, [f.inode, f.at, f.at + pages]);
      },
    },
    kvm_gmem_merge_folio: {
      text: 'if (ret) goto out; ret = kvm_gmem_merge_folio_in_filemap(inode, start)',
      run(f) {
        const { gmem } = f.machine.linux;
        if (f.result === 0) return f.command(merge, [f.inode, f.at, gmem.inodes.get(f.inode, 'order')]);
        unlock(f.machine, f.inode);
        f.return(f.result);
      },
    },
    merged: {
      text: 'index += nr_pages',
      run(f) {
        f.at += 2 ** f.machine.linux.gmem.inodes.get(f.inode, 'order');
        f.goto('kvm_gmem_merge');
      },
    },
    kvm_gmem_invalidate_begin: {
      text: 'kvm_gmem_invalidate_begin(inode, start, end)',
      run(f) {
        f.at = 0;
        f.call(invalidateBegin, [f.inode, f.from, f.to, halvesOf(f.machine, f.inode, f.from, f.to), 0]);
      },
    },
    kvm_gmem_zero_range: {
      text: 'kvm_gmem_zero_range(mapping, …) before the first whole large page and behind the last one',
      run(f) {
        const part = parts(f)[f.at];
        if (part === undefined) return f.goto('unmap_mapping_pages');
        f.at++;
        const pfn = f.machine.linux.gmem.pfnAt(f.inode, part.from);
        if (pfn === 0) f.goto('kvm_gmem_zero_range');
        else f.command(zeroRange, [pfn, part.to - part.from], 'kvm_gmem_zero_range');
      },
    },
    unmap_mapping_pages: {
      text: 'unmap_mapping_pages(mapping, start, end - start, false)',
      run(f) {
        const { gmem } = f.machine.linux;
        if (invalidatePlace(f.machine) === 'punch_hole') {
          f.file = gmem.nextFile(f.inode, f.file);
          if (f.file !== 0)
            return f.call(invalidateFolios, [f.inode, f.whole, f.wholeEnd, f.file], 'unmap_mapping_pages');
        }
        const any = f.whole < f.wholeEnd && gmem.nextFolio(f.inode, f.whole, f.wholeEnd) !== 0;
        if (any) f.command(unmapHost, [f.inode, f.whole, f.wholeEnd]);
      },
    },
    truncate_inode_pages_range: {
      text: 'truncate_inode_pages_range(inode->i_mapping, offset, offset + len - 1)',
      run: (f) => f.call(truncateFolios, [f.inode, f.whole, f.wholeEnd]),
    },
    kvm_gmem_invalidate_end: {
      text: 'kvm_gmem_invalidate_end(inode, start, end)',
      run: (f) => f.call(invalidateEnd, [f.inode, f.from, f.to, 0]),
    },
    filemap_invalidate_unlock: {
      text: 'filemap_invalidate_unlock(inode->i_mapping)',
      run(f) {
        unlock(f.machine, f.inode);
        f.return(0);
      },
    },
  },
});

/** The parts of a hole that cover no whole large page; each lies in one, whose frames are consecutive. */
function parts(hole: { from: number; to: number; whole: number; wholeEnd: number }): { from: number; to: number }[] {
  const { from, to, whole, wholeEnd } = hole;
  const found =
    to <= whole
      ? [{ from, to }]
      : [
          { from, to: whole },
          { from: wholeEnd, to },
        ];
  return from < whole || wholeEnd < to ? found.filter((part) => part.from < part.to) : [];
}

const kvmGmemFallocate: Flow = flow({
  name: 'kvm_gmem_fallocate',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['fd', 'mode', 'offset', 'len'],
  locals: { fd: 'number', mode: 'flag', offset: 'bytes', len: 'bytes' },
  steps: {
    vfs_fallocate: {
      text: 'if (offset < 0 || len <= 0) return -EINVAL; if (mode & ~FALLOC_FL_MODE_MASK) return -EOPNOTSUPP; …',
      run(f) {
        const failed = firstFailure(checks, f.machine, [f.fd, f.mode, f.offset, f.len]);
        if (failed !== 0) f.return(failed);
      },
    },
    kvm_gmem_fallocate: {
      text: 'ret = mode & FALLOC_FL_PUNCH_HOLE ? kvm_gmem_punch_hole(…) : kvm_gmem_allocate(…)',
      run(f) {
        const { linux } = f.machine;
        const inode = linux.gmem.inodeOf(f.fd);
        const from = f.offset / linux.pageSize;
        const to = (f.offset + f.len) / linux.pageSize;
        f.call((f.mode & FALLOC_FL_PUNCH_HOLE) !== 0 ? punchHole : allocate, [inode, from, to]);
      },
    },
  },
});

export const fallocate = systemCall({
  name: 'fallocate',
  since: 'linux/6.8',
  summary: 'Allocates pages of a guest_memfd, or punches a hole into it.',
  reference: 'fs/open.c: vfs_fallocate; virt/kvm/guest_memfd.c: kvm_gmem_fallocate',
  params: [
    { name: 'fd', type: 'gmem', text: 'the guest_memfd' },
    { name: 'mode', type: 'flags', text: 'what to do', flags: MODES },
    { name: 'offset', type: 'u64', text: 'first byte' },
    { name: 'len', type: 'u64', text: 'number of bytes' },
  ],
  errors: ['EINVAL', 'EOPNOTSUPP', 'EBADF', 'EFBIG', 'EINTR', 'ENOMEM', 'EAGAIN'],
  checks,
  effects: [
    'without FALLOC_FL_PUNCH_HOLE: every page of the range is allocated, not zeroed and not prepared',
    'with it: guests and processes lose the range, its folios are freed with their last reference',
    'attributes and bindings stay',
  ],
  differences: [
    'linux/hooks-v1: the prepare hook is tried where the page is bound',
    'linux/hugetlb-v2: only whole large pages are freed, parts of one are zeroed; -EAGAIN if a split one is still used',
  ],
  flow: kvmGmemFallocate,
});
