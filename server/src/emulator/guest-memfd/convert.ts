// KVM_GMEM_CONVERT_SHARED and _PRIVATE: conversion of files made of large pages, which are split and merged.
import { type Flow, flow } from '../flow.ts';
import { attrStore, OF_FILE } from '../kvm/pieces.ts';
import { FD_GMEM } from '../linux/descriptors.ts';
import { warn } from '../linux/pieces.ts';
import { profilesWhere } from '../linux/profiles.ts';
import { type Checks, firstFailure, OUT_OF_RANGE, systemCall, wraps } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';
import { invalidateFolios, isToldLater } from './arch-invalidate.ts';
import { PRIVATE, SHARED } from './files.ts';
import { halvesOf, invalidateBegin, invalidateEnd } from './invalidate.ts';
import { lock, unlock } from './lock.ts';
import { mergeFolio } from './merge.ts';
import { isSplit, spin, split, unmapHost } from './pieces.ts';
import { hasSafeRefcount } from './safe-refcount.ts';

/** Registers: fd, offset, size, error_offset. */
const checks: Checks = [
  {
    id: 'fd',
    text: 'the file descriptor is open',
    errno: 'EBADF',
    argument: 'fd',
    holds: ({ linux }, [fd = 0]) => linux.descriptors.isOpen(fd),
  },
  {
    id: 'version',
    text: 'the file is a guest_memfd, and the kernel converts such files',
    errno: 'ENOTTY',
    argument: 'fd',
    holds: ({ linux }, [fd = 0]) => linux.profile.hugetlb && linux.descriptors.rows.get(fd, 'kind') === FD_GMEM,
  },
  {
    id: 'error_offset',
    text: 'error_offset is 0',
    errno: 'EINVAL',
    argument: 'error_offset',
    holds: (_, [, , , error = 0]) => error === 0,
  },
  {
    id: 'end_of_file',
    text: 'the range does not wrap and lies in the file',
    errno: 'EINVAL',
    argument: 'range',
    holds: ({ linux: { gmem, pageSize } }, [fd = 0, offset = 0, bytes = 0]) =>
      bytes === 0 ||
      (!wraps(offset, bytes) &&
        offset < OUT_OF_RANGE &&
        (offset + bytes) / pageSize <= gmem.inodes.get(gmem.inodeOf(fd), 'size')),
  },
  {
    id: 'align',
    text: 'offset and size are multiples of the page size',
    errno: 'EINVAL',
    argument: 'range',
    holds: ({ linux: { pageSize } }, [, offset = 0, bytes = 0]) =>
      bytes === 0 || (offset % pageSize === 0 && bytes % pageSize === 0),
  },
];

/** The first part of [from, to) that does not have the attribute yet. */
const nextDifferent = ({ linux: { gmem } }: Machine, inode: number, from: number, to: number, wanted: number) =>
  gmem.ranges.find(gmem.inodes.get(inode, 'attributes'), from, to, (value) => value !== wanted);

/** The large page that begins at `index` has no shared index any more. */
const isAllPrivate = ({ linux: { gmem } }: Machine, inode: number, index: number, pages: number) =>
  gmem.ranges.isFilled(gmem.inodes.get(inode, 'attributes'), index, index + pages, PRIVATE);

/** Splits or merges the large pages of [from, to) until their form fits their attributes. 0 or an errno. */
const restructure: Flow = flow({
  name: 'kvm_gmem_restructure_folios_in_range',
  reference: 'virt/kvm/guest_memfd.c, 1G page RFC v2',
  params: ['inode', 'from', 'to'],
  locals: { inode: 'number', from: 'number', to: 'number', order: 'number' },
  steps: {
    begin: {
      text: 'start = round_down(start, nr_pages)',
      run(f) {
        f.order = f.machine.linux.gmem.inodes.get(f.inode, 'order');
        f.from -= f.from % 2 ** f.order;
        if (f.order === 0) f.return(0);
      },
    },
    next_page: {
      text: 'for (index = start; index < end; index += nr_pages)',
      run(f) {
        const { gmem, folios } = f.machine.linux;
        if (f.from >= f.to) return f.return(0);
        const index = f.from;
        const head = gmem.folioAt(f.inode, index);
        const isLarge = head !== 0 && folios.get(head, 'order') > 0;
        const allPrivate = isAllPrivate(f.machine, f.inode, index, 2 ** f.order);
        if (isLarge && !allPrivate) {
          if (folios.get(head, 'transient') === 0) return f.goto('split');
          return f.command(warn, [head], 'folio_ref_freeze');
        }
        if (!isLarge && allPrivate && isSplit(f.machine, f.inode, index)) {
          return f.call(mergeFolio, [f.inode, index, f.order], 'restructured');
        }
        f.from += 2 ** f.order;
        f.goto('next_page');
      },
    },
    folio_ref_freeze: {
      text: 'while (!folio_ref_freeze(folio, nr_pages + 1)) cpu_relax(): waits for transient references',
      run: (f) => f.command(spin, [f.machine.linux.gmem.folioAt(f.inode, f.from)]),
    },
    split: {
      text: 'ret = kvm_gmem_split_folio_in_filemap(folio)',
      run: (f) => f.command(split, [f.inode, f.from]),
    },
    restructured: {
      text: 'if (ret) return ret',
      run(f) {
        if (f.result < 0) return f.return(f.result);
        f.from += 2 ** f.order;
        f.goto('next_page');
      },
    },
  },
});

const convertRange = (name: string, wanted: number): Flow =>
  flow({
    name,
    reference: 'virt/kvm/guest_memfd.c: kvm_gmem_convert_range, 1G page RFC v2',
    params: ['fd', 'offset', 'bytes', 'given'],
    locals: {
      fd: 'number',
      offset: 'bytes',
      bytes: 'bytes',
      given: 'bytes',
      inode: 'number',
      from: 'number',
      to: 'number',
      wideFrom: 'number',
      wideTo: 'number',
      at: 'number',
      end: 'number',
      before: 'number',
      stop: 'number',
      ret: 'errno',
      error: 'bytes',
    },
    steps: {
      check_arguments: {
        text: 'if (param.error_offset) return -EINVAL; … range, alignment',
        run(f) {
          const failed = firstFailure(checks, f.machine, [f.fd, f.offset, f.bytes, f.given]);
          if (failed !== 0 || f.bytes === 0) return f.return(failed);
          const { gmem, pageSize } = f.machine.linux;
          f.inode = gmem.inodeOf(f.fd);
          f.from = f.offset / pageSize;
          f.to = (f.offset + f.bytes) / pageSize;
          const large = 2 ** gmem.inodes.get(f.inode, 'order');
          f.wideFrom = f.from - (f.from % large);
          f.wideTo = Math.min(Math.ceil(f.to / large) * large, gmem.inodes.get(f.inode, 'size'));
        },
      },
      filemap_invalidate_lock: {
        text: 'filemap_invalidate_lock(inode->i_mapping)',
        run(f) {
          if (!lock(f.machine, f.inode, f.actor)) f.wait();
        },
      },
      kvm_gmem_convert_compute_work: {
        text: 'ret = kvm_gmem_convert_compute_work(inode, start, nr_pages, shared, work_list)',
        run(f) {
          f.before = f.machine.linux.gmem.inodes.get(f.inode, 'attributes');
          if (!nextDifferent(f.machine, f.inode, f.from, f.to, wanted)) f.goto('out');
        },
      },
      kvm_gmem_invalidate_begin: {
        text: 'list_for_each_entry(work, …) kvm_gmem_invalidate_begin(inode, work), widened to whole large pages',
        run: (f) =>
          f.call(invalidateBegin, [
            f.inode,
            f.wideFrom,
            f.wideTo,
            halvesOf(f.machine, f.inode, f.wideFrom, f.wideTo),
            0,
          ]),
      },
      kvm_gmem_convert_should_proceed: {
        text: 'if (to_private) unmap_mapping_pages(inode->i_mapping, work->start, work->nr_pages, false)',
        run(f) {
          f.at = f.from;
          if (wanted === SHARED && isToldLater(f.machine)) {
            f.call(invalidateFolios, [f.inode, f.from, f.to, 0], 'kvm_gmem_shareability_apply');
          } else if (wanted === SHARED) f.goto('kvm_gmem_shareability_apply');
          else f.command(unmapHost, [f.inode, f.from, f.to]);
        },
      },
      kvm_gmem_has_safe_refcount: {
        text: 'if (!kvm_gmem_has_safe_refcount(mapping, work->start, work->nr_pages, error_index)) ret = -EAGAIN',
        run: (f) => f.call(hasSafeRefcount, [f.inode, f.from, f.to]),
      },
      checked: {
        text: 'if (ret) goto invalidate_end',
        run(f) {
          if (f.result === 0) return;
          f.ret = f.result;
          f.error = f.output(0) * f.machine.linux.pageSize;
          f.goto('kvm_gmem_invalidate_end');
        },
      },
      kvm_gmem_shareability_apply: {
        text: 'list_for_each_entry(work, …) ret = kvm_gmem_shareability_apply(inode, work, m)',
        run(f) {
          const part = nextDifferent(f.machine, f.inode, f.at, f.to, wanted);
          if (!part) return f.goto('kvm_gmem_invalidate_end');
          f.at = part.from;
          f.end = part.to;
          f.command(attrStore, [OF_FILE, f.inode, part.from, part.to, wanted]);
        },
      },
      kvm_gmem_restructure: {
        text: 'if (!ret) ret = kvm_gmem_restructure_folios_in_range(inode, work->start, work->nr_pages, …)',
        run(f) {
          if (f.result < 0) f.goto('restructured');
          else f.call(restructure, [f.inode, f.at, f.end]);
        },
      },
      restructured: {
        text: 'rollback_stop_item = work; if (ret) break',
        run(f) {
          f.at = f.end;
          if (f.result === 0) return f.goto('kvm_gmem_shareability_apply');
          f.ret = f.result;
          f.stop = f.end;
          f.at = f.from;
        },
      },
      rollback: {
        text: 'if (ret) list_for_each_entry(work, …) kvm_gmem_shareability_apply(inode, work, !m) up to rollback_stop_item',
        run(f) {
          const { ranges } = f.machine.linux;
          const part = ranges.find(f.before, f.at, f.stop, (value) => value !== wanted);
          if (!part) return f.goto('kvm_gmem_invalidate_end');
          f.at = part.from;
          f.end = part.to;
          f.command(attrStore, [OF_FILE, f.inode, part.from, part.to, wanted === SHARED ? PRIVATE : SHARED]);
        },
      },
      rollback_restructure: {
        text: 'if (!r) r = kvm_gmem_restructure_folios_in_range(inode, work->start, work->nr_pages, …)',
        run(f) {
          if (f.result === 0) f.call(restructure, [f.inode, f.at, f.end]);
        },
      },
      WARN_ON: {
        text: 'WARN_ON(r)',
        run(f) {
          f.at = f.end;
          if (f.result === 0) f.goto('rollback');
          else f.command(warn, [0], 'rollback');
        },
      },
      kvm_gmem_invalidate_end: {
        text: 'list_for_each_entry(work, …) kvm_gmem_invalidate_end(inode, work)',
        run: (f) => f.call(invalidateEnd, [f.inode, f.wideFrom, f.wideTo, 0]),
      },
      out: {
        text: 'filemap_invalidate_unlock(inode->i_mapping); return ret',
        run(f) {
          unlock(f.machine, f.inode);
          f.return(f.ret, f.error);
        },
      },
    },
  });

const convert = (name: string, wanted: number) =>
  systemCall({
    name,
    since: 'linux/hugetlb-v2',
    models: profilesWhere((profile) => profile.hugetlb),
    summary: `Makes a range of a guest_memfd ${wanted === SHARED ? 'shared' : 'private'}, splitting and merging large pages as needed.`,
    reference: '1G page support for guest_memfd, RFC v2 of 2025-05',
    params: [
      { name: 'fd', type: 'gmem', text: 'the file' },
      { name: 'range', type: 'range', text: 'bytes of the file' },
      { name: 'error_offset', type: 'u64', text: '0', optional: true },
    ],
    outputs: [{ name: 'error_offset', type: 'u64', valid: 'always', text: 'byte of the file where it failed' }],
    errors: ['EBADF', 'ENOTTY', 'EFAULT', 'EINVAL', 'ENOMEM', 'EAGAIN'],
    checks,
    effects:
      wanted === SHARED
        ? ['the range is shared', 'large pages that it touches become single pages']
        : ['the range is private, and no process maps it', 'a large page without shared parts is one folio again'],
    flow: convertRange(
      name === 'KVM_GMEM_CONVERT_SHARED' ? 'kvm_gmem_convert_shared' : 'kvm_gmem_convert_private',
      wanted,
    ),
  });

export const convertShared = convert('KVM_GMEM_CONVERT_SHARED', SHARED);
export const convertPrivate = convert('KVM_GMEM_CONVERT_PRIVATE', PRIVATE);
