// KVM_SET_MEMORY_ATTRIBUTES2 on a guest_memfd: conversion in place, page by page of the file.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { attrReserve, attrStore, OF_FILE } from '../kvm/pieces.ts';
import { PRIVATE_HALF, SHARED_HALF } from '../kvm/platform.ts';
import { FD_GMEM } from '../linux/descriptors.ts';
import { UPTODATE } from '../linux/folios.ts';
import { zeroRange } from '../linux/pieces.ts';
import { profilesWhere } from '../linux/profiles.ts';
import { type Checks, firstFailure, hasOnly, systemCall, wraps } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';
import { archInvalidate, isToldLater } from './arch-invalidate.ts';
import { PRIVATE, SHARED } from './files.ts';
import { halvesOf, invalidateBegin, invalidateEnd } from './invalidate.ts';
import { lock, unlock } from './lock.ts';
import { unmapHost } from './pieces.ts';
import { hasSafeRefcount } from './safe-refcount.ts';

export const KVM_MEMORY_ATTRIBUTE_PRIVATE = 8;
/** Content modes of an intermediate version. */
export const KVM_SET_MEMORY_ATTRIBUTES2_ZERO = 1;
export const KVM_SET_MEMORY_ATTRIBUTES2_PRESERVE = 2;
const BOTH_MODES = KVM_SET_MEMORY_ATTRIBUTES2_ZERO | KVM_SET_MEMORY_ATTRIBUTES2_PRESERVE;

/** Registers: fd, offset, size, attributes, flags, reserved. */
const ARGUMENTS = ['fd', 'offset', 'size', 'attributes', 'flags', 'reserved'] as const;

const vmOf = ({ linux }: Machine, fd: number) => linux.gmem.files.get(linux.descriptors.gmemFile(fd), 'vm');

const checks: Checks = [
  {
    id: 'fd',
    text: 'the file descriptor is open',
    errno: 'EBADF',
    argument: 'range',
    holds: ({ linux }, [fd = 0]) => linux.descriptors.isOpen(fd),
  },
  {
    id: 'in_place',
    text: 'the file is a guest_memfd, and conversion in place is on',
    errno: 'ENOTTY',
    argument: 'range',
    holds: ({ linux }, [fd = 0]) =>
      linux.profile.setAttributes2 !== 'none' && linux.descriptors.rows.get(fd, 'kind') === FD_GMEM,
  },
  {
    id: 'flags',
    text: 'flags is 0 (linux/inplace-v8-modes: at most one of ZERO and PRESERVE)',
    errno: 'EINVAL',
    argument: 'flags',
    holds: ({ linux }, [, , , , flags = 0]) =>
      linux.profile.setAttributes2 === 'modes' ? hasOnly(flags, BOTH_MODES) && flags !== BOTH_MODES : flags === 0,
  },
  {
    id: 'reserved',
    text: 'reserved words are 0',
    errno: 'EINVAL',
    argument: 'reserved',
    holds: (_, [, , , , , reserved = 0]) => reserved === 0,
  },
  {
    id: 'private_memory',
    text: 'the VM of the file has private memory',
    errno: 'EINVAL',
    argument: 'range',
    holds: (machine, [fd = 0]) => machine.linux.platformOf(vmOf(machine, fd)).privateMemory,
  },
  {
    id: 'attributes',
    text: 'attributes is KVM_MEMORY_ATTRIBUTE_PRIVATE or 0',
    errno: 'EINVAL',
    argument: 'attributes',
    holds: (_, [, , , attributes = 0]) => attributes === 0 || attributes === KVM_MEMORY_ATTRIBUTE_PRIVATE,
  },
  {
    id: 'size',
    text: 'size is above 0, and offset + size does not wrap',
    errno: 'EINVAL',
    argument: 'range',
    holds: (_, [, offset = 0, size = 0]) => size > 0 && !wraps(offset, size),
  },
  {
    id: 'align',
    text: 'offset and size are multiples of the page size',
    errno: 'EINVAL',
    argument: 'range',
    holds: ({ linux: { pageSize } }, [, offset = 0, size = 0]) => offset % pageSize === 0 && size % pageSize === 0,
  },
  {
    id: 'end_of_file',
    text: 'the range lies in the file',
    errno: 'EINVAL',
    argument: 'range',
    holds: ({ linux: { gmem, pageSize } }, [fd = 0, offset = 0, size = 0]) =>
      (offset + size) / pageSize <= gmem.inodes.get(gmem.inodeOf(fd), 'size'),
  },
  {
    id: 'content_mode',
    text: 'the platform supports the content mode; ZERO is for conversions to shared',
    errno: 'EOPNOTSUPP',
    argument: 'flags',
    only: 'linux/inplace-v8-modes',
    late: true,
    holds: (machine, [fd = 0, , , attributes = 0, flags = 0]) => modeSupported(machine, fd, attributes, flags),
  },
  {
    id: 'safe_refcount',
    text: 'nobody but the page cache holds a folio of the range, once no process maps it any more',
    errno: 'EAGAIN',
    argument: 'range',
    late: true,
    holds: (machine, registers) => heldFolio(machine, registers) === undefined,
    cells: (machine, registers) => {
      const { folios } = machine.linux;
      const held = heldFolio(machine, registers);
      if (held === undefined) return [];
      return (['pins', 'gets', 'transient', 'kvm', 'leaked'] as const)
        .filter((column) => folios.get(held, column) !== 0)
        .map((column) => folios.cell(held, column));
    },
  },
];

function modeSupported({ linux }: Machine, fd: number, attributes: number, flags: number): boolean {
  if ((flags & KVM_SET_MEMORY_ATTRIBUTES2_ZERO) !== 0) return attributes === 0;
  return flags === 0 || linux.platformOf(vmOf({ linux } as Machine, fd)).preservesContents;
}

/** The first folio of the range that somebody holds beside the page cache and processes, for the explanation. */
function heldFolio(
  { linux }: Machine,
  [fd = 0, offset = 0, size = 0, attributes = 0]: readonly number[],
): number | undefined {
  const { gmem, folios, pageSize } = linux;
  const inode = gmem.inodeOf(fd);
  if (inode === 0 || attributes === 0) return undefined;
  let held: number | undefined;
  gmem.eachFolio(inode, offset / pageSize, (offset + size) / pageSize, (head) => {
    const { pin, get, transient, kvm_mapping, leaked } = folios.references(head);
    if (pin + get + transient + kvm_mapping + leaked > 0) held ??= head;
  });
  return held;
}

/** Gives [from, to) of a file the attribute. 0, or a negative errno with the index where it failed as output 0. */
export const setRangeAttributes: Flow = flow({
  name: '__kvm_gmem_set_attributes',
  reference: 'virt/kvm/guest_memfd.c, in-place conversion v8',
  params: ['inode', 'vm', 'from', 'to', 'attributes', 'flags'],
  locals: {
    inode: 'number',
    vm: 'number',
    from: 'number',
    to: 'number',
    attributes: 'flag',
    flags: 'flag',
    at: 'number',
    ret: 'errno',
    error: 'number',
  },
  steps: {
    filemap_invalidate_lock: {
      text: 'filemap_invalidate_lock(inode->i_mapping)',
      run(f) {
        if (!lock(f.machine, f.inode, f.actor)) f.wait();
      },
    },
    kvm_gmem_range_has_attributes: {
      text: 'if (kvm_gmem_range_has_attributes(mt, index, nr_pages, attrs)) goto out',
      run(f) {
        const { gmem } = f.machine.linux;
        const wanted = f.attributes === 0 ? SHARED : PRIVATE;
        const known = gmem.ranges.isFilled(gmem.inodes.get(f.inode, 'attributes'), f.from, f.to, wanted);
        if (known && (f.flags & KVM_SET_MEMORY_ATTRIBUTES2_ZERO) === 0) f.goto('out');
      },
    },
    mas_preallocate: {
      text: 'r = mas_preallocate(&mas, xa_mk_value(attrs), GFP_KERNEL)',
      run: (f) => f.command(attrReserve, [OF_FILE, f.inode, f.from, f.to]),
    },
    unmap_mapping_pages: {
      text: 'if (r) { *err_index = start; goto out; } if (to_private) unmap_mapping_pages(inode->i_mapping, start, nr, false)',
      run(f) {
        if (f.result < 0) {
          f.ret = f.result;
          f.error = f.from;
          f.goto('out');
        } else if (f.attributes === 0) f.goto('kvm_gmem_invalidate_begin');
        else f.command(unmapHost, [f.inode, f.from, f.to]);
      },
    },
    pins_first: {
      text: 'if (folio_maybe_dma_pinned(folio) || folio_mapped(folio)) return false',
      run(f) {
        if (f.machine.linux.profile.conversionCheck !== 'pins first') return;
        const { gmem, folios } = f.machine.linux;
        let pinned = -1;
        gmem.eachFolio(f.inode, f.from, f.to, (head, index) => {
          if (pinned < 0 && folios.get(head, 'pins') > 0) pinned = Math.max(index, f.from);
        });
        if (pinned < 0) return;
        f.ret = -ERRNO.EAGAIN;
        f.error = pinned;
        f.goto('out');
      },
    },
    kvm_gmem_has_safe_refcount: {
      text: 'if (to_private && !kvm_gmem_has_safe_refcount(mapping, start, nr, err_index)) r = -EAGAIN',
      run: (f) => f.call(hasSafeRefcount, [f.inode, f.from, f.to]),
    },
    checked: {
      text: 'if (r) { *err_index = …; goto out; }',
      run(f) {
        if (f.result === 0) return;
        f.ret = f.result;
        f.error = f.output(0);
        f.goto('out');
      },
    },
    kvm_gmem_invalidate_begin: {
      text: 'kvm_gmem_invalidate_begin(inode, start, end)',
      run(f) {
        f.at = f.from;
        const { profile } = f.machine.linux;
        const toPrivate = f.attributes !== 0;
        const exact = toPrivate ? SHARED_HALF : PRIVATE_HALF;
        const halves = profile.toSharedHook === 'make_shared' ? exact : halvesOf(f.machine, f.inode, f.from, f.to);
        f.call(invalidateBegin, [f.inode, f.from, f.to, halves, 0]);
      },
    },
    kvm_gmem_make_shared: {
      text: 'if (!to_private) for each folio: kvm_arch_gmem_invalidate or _make_shared(pfn, pfn + nr)',
      run(f) {
        const { gmem, folios, profile } = f.machine.linux;
        const { hooks } = f.machine.linux.platformOf(f.vm);
        const invalidate = isToldLater(f.machine) ? archInvalidate : hooks.invalidate;
        const hook = profile.toSharedHook === 'make_shared' ? hooks.makeShared : invalidate;
        const head = f.attributes === 0 && hook ? gmem.nextFolio(f.inode, f.at, f.to) : 0;
        if (head === 0 || !hook) {
          f.at = f.from;
          return f.goto('kvm_gmem_zero_range');
        }
        const index = folios.get(head, 'index');
        const first = Math.max(index, f.from);
        f.at = Math.min(index + folios.pageCount(head), f.to);
        f.call(hook, [head + first - index, f.at - first], 'kvm_gmem_make_shared');
      },
    },
    kvm_gmem_zero_range: {
      text: 'if (flags & ZERO) clear every allocated page of the range',
      run(f) {
        if ((f.flags & KVM_SET_MEMORY_ATTRIBUTES2_ZERO) === 0) return f.goto('mas_store_prealloc');
        const { gmem, folios } = f.machine.linux;
        const head = gmem.nextFolio(f.inode, f.at, f.to);
        if (head === 0) return f.goto('mas_store_prealloc');
        f.at = folios.get(head, 'index') + folios.pageCount(head);
        folios.mark(head, UPTODATE);
        f.command(zeroRange, [head, folios.pageCount(head)], 'kvm_gmem_zero_range');
      },
    },
    mas_store_prealloc: {
      text: 'mas_store_prealloc(&mas, xa_mk_value(attrs)): equal neighbours merge',
      run: (f) => f.command(attrStore, [OF_FILE, f.inode, f.from, f.to, f.attributes === 0 ? SHARED : PRIVATE]),
    },
    kvm_gmem_invalidate_end: {
      text: 'kvm_gmem_invalidate_end(inode, start, end)',
      run(f) {
        if (f.result < 0) {
          f.ret = f.result;
          f.error = f.from;
        }
        f.call(invalidateEnd, [f.inode, f.from, f.to, 0]);
      },
    },
    out: {
      text: 'filemap_invalidate_unlock(inode->i_mapping); return r',
      run(f) {
        unlock(f.machine, f.inode);
        f.return(f.ret, f.error);
      },
    },
  },
});

const setAttributesFlow: Flow = flow({
  name: 'kvm_gmem_set_attributes',
  reference: 'virt/kvm/guest_memfd.c, in-place conversion v8',
  params: ARGUMENTS,
  locals: {
    fd: 'number',
    offset: 'bytes',
    size: 'bytes',
    attributes: 'flag',
    flags: 'flag',
    reserved: 'number',
  },
  steps: {
    check_arguments: {
      text: 'if (attrs.flags || attrs.reserved…) return -EINVAL; … size, alignment, end of file',
      run(f) {
        const registers = ARGUMENTS.map((name) => f[name]);
        const failed = firstFailure(checks, f.machine, registers);
        if (failed !== 0) return f.return(failed);
        if (!modeSupported(f.machine, f.fd, f.attributes, f.flags)) f.return(-ERRNO.EOPNOTSUPP, f.offset);
      },
    },
    __kvm_gmem_set_attributes: {
      text: 'r = __kvm_gmem_set_attributes(inode, index, nr_pages, attrs.attributes, &err_index)',
      run(f) {
        const { gmem, pageSize } = f.machine.linux;
        const [from, to] = [f.offset / pageSize, (f.offset + f.size) / pageSize];
        const inode = gmem.inodeOf(f.fd);
        f.call(setRangeAttributes, [inode, vmOf(f.machine, f.fd), from, to, f.attributes, f.flags]);
      },
    },
    out: {
      text: 'if (r) attrs.error_offset = err_index << PAGE_SHIFT; copy it to user; return r',
      run: (f) => f.return(f.result, f.result === 0 ? 0 : f.output(0) * f.machine.linux.pageSize),
    },
  },
});

export const setMemoryAttributes2 = systemCall({
  name: 'KVM_SET_MEMORY_ATTRIBUTES2',
  since: 'linux/inplace-v8',
  models: profilesWhere((profile) => profile.setAttributes2 !== 'none'),
  summary: 'Converts a range of a guest_memfd between private and shared, in place.',
  reference: 'virt/kvm/guest_memfd.c: kvm_gmem_set_attributes, in-place conversion v8',
  params: [
    { name: 'fd', type: 'gmem', text: 'the file' },
    { name: 'range', type: 'range', text: 'bytes of the file' },
    {
      name: 'attributes',
      type: 'flags',
      text: 'KVM_MEMORY_ATTRIBUTE_PRIVATE, or 0 for shared',
      flags: { KVM_MEMORY_ATTRIBUTE_PRIVATE },
    },
    {
      name: 'flags',
      type: 'flags',
      text: '0; an intermediate version had content modes',
      flags: { KVM_SET_MEMORY_ATTRIBUTES2_ZERO, KVM_SET_MEMORY_ATTRIBUTES2_PRESERVE },
      optional: true,
    },
    { name: 'reserved', type: 'u64', text: '0', optional: true },
  ],
  outputs: [{ name: 'error_offset', type: 'u64', valid: 'always', text: 'byte of the file where it failed' }],
  errors: ['EBADF', 'ENOTTY', 'EFAULT', 'EINVAL', 'ENOMEM', 'EAGAIN', 'EOPNOTSUPP'],
  checks,
  effects: [
    'to private: no process maps the range any more, even if the call then fails with -EAGAIN',
    'all of the range has the attribute, or nothing changed',
    'KVM does not touch contents; what is left of them is the platform’s matter',
  ],
  differences: [
    'linux/inplace-v9: a pinned folio fails before references are counted',
    'linux/inplace-v8-modes: content modes ZERO (to shared only) and PRESERVE in flags',
  ],
  flow: setAttributesFlow,
});
