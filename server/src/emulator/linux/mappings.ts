// mmap and munmap, and memory of the VMM's own.
import type { Parameter } from '../definition.ts';
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { mmuReaders } from '../guest-memfd/lock.ts';
import { flush, invBegin, invEnd } from '../kvm/pieces.ts';
import { SHARED_HALF } from '../kvm/platform.ts';
import { unmapGfnRange } from '../kvm/unmap.ts';
import { MEMSLOT_GMEM_ONLY } from '../kvm/vms.ts';
import type { Machine } from '../machine.ts';
import { MAPS_ANONYMOUS, MAPS_GMEM, MAPS_MEMFD, PROT_EXEC, PROT_READ, PROT_WRITE, ptePfn } from './address-spaces.ts';
import { FD_GMEM } from './descriptors.ts';
import { folioPut } from './folio-put.ts';
import { clearPte } from './pieces.ts';
import { fput } from './release.ts';
import { type Checks, firstFailure, systemCall } from './system-call.ts';

export const MAP_SHARED = 1;
export const MAP_PRIVATE = 2;

/** Flags of a guest_memfd that allow mapping it: MMAP, and SUPPORT_SHARED in the same bit. */
const MAPPABLE = 1;

const isGmem = ({ linux }: Machine, fd: number) => linux.descriptors.rows.get(fd, 'kind') === FD_GMEM;

const mmapChecks: Checks = [
  {
    id: 'fd',
    text: 'the file descriptor is open',
    errno: 'EBADF',
    argument: 'fd',
    holds: ({ linux }, [fd = 0]) => linux.descriptors.isOpen(fd),
  },
  {
    id: 'range',
    text: 'the length is above 0 and the offset a multiple of the page size',
    errno: 'EINVAL',
    argument: 'range',
    holds: ({ linux }, [, offset = 0, length = 0]) => length > 0 && offset % linux.pageSize === 0,
  },
  {
    id: 'noexec',
    text: 'a guest_memfd is not mapped executable',
    errno: 'EPERM',
    argument: 'prot',
    holds: (machine, [fd = 0, , , prot = 0]) => !isGmem(machine, fd) || (prot & PROT_EXEC) === 0,
  },
  {
    id: 'mappable',
    text: 'the guest_memfd has GUEST_MEMFD_FLAG_MMAP (or _SUPPORT_SHARED)',
    errno: 'ENODEV',
    argument: 'fd',
    holds: (machine, [fd = 0]) =>
      !isGmem(machine, fd) || (machine.linux.gmem.inodes.get(machine.linux.gmem.inodeOf(fd), 'flags') & MAPPABLE) !== 0,
  },
  {
    id: 'shared',
    text: 'a guest_memfd is mapped MAP_SHARED',
    errno: 'EINVAL',
    argument: 'flags',
    holds: (machine, [fd = 0, , , , flags = 0]) => !isGmem(machine, fd) || (flags & MAP_SHARED) !== 0,
  },
];

const mmapFlow: Flow = flow({
  name: 'do_mmap',
  reference: 'mm/mmap.c; virt/kvm/guest_memfd.c: kvm_gmem_mmap',
  params: ['fd', 'offset', 'length', 'prot', 'flags'],
  locals: { fd: 'number', offset: 'bytes', length: 'bytes', prot: 'flag', flags: 'flag' },
  steps: {
    kvm_gmem_mmap: {
      text: 'if (!kvm_gmem_supports_mmap(inode)) return -ENODEV; if (!(vma->vm_flags & VM_SHARED)) return -EINVAL',
      run(f) {
        const failed = firstFailure(mmapChecks, f.machine, [f.fd, f.offset, f.length, f.prot, f.flags]);
        if (failed !== 0) f.return(failed);
      },
    },
    vma_link: {
      text: 'vma = vm_area_alloc(mm); get_file(file); vma_link(mm, vma)',
      run(f) {
        const { linux } = f.machine;
        const { spaces, gmem, descriptors, pageSize } = linux;
        const gmemFile = descriptors.gmemFile(f.fd);
        const kind = gmemFile !== 0 ? MAPS_GMEM : MAPS_MEMFD;
        const file = descriptors.rows.get(f.fd, 'object');
        const pgoff = f.offset / pageSize;
        const mapping = spaces.map(linux.vmm, Math.ceil(f.length / pageSize), {
          kind,
          file,
          pgoff,
          prot: f.prot,
          shared: (f.flags & MAP_SHARED) !== 0,
        });
        if (mapping === 0) return f.return(-ERRNO.ENOMEM);
        if (gmemFile !== 0) gmem.files.count(gmemFile, 'references', 1);
        f.return(0, mapping);
      },
    },
  },
});

const protParameter: Parameter = {
  name: 'prot',
  type: 'flags',
  text: 'what may be done to it',
  flags: { PROT_NONE: 0, PROT_READ, PROT_WRITE, PROT_EXEC },
  optional: true,
  initial: [PROT_READ | PROT_WRITE],
};

export const mmap = systemCall({
  name: 'mmap',
  since: 'linux/6.8',
  summary: 'Maps a range of a file into the address space of the VMM.',
  reference: 'mm/mmap.c: do_mmap; virt/kvm/guest_memfd.c: kvm_gmem_mmap',
  params: [
    { name: 'fd', type: 'gmem', text: 'the file' },
    { name: 'range', type: 'range', text: 'bytes of the file; the end may lie beyond it' },
    protParameter,
    {
      name: 'flags',
      type: 'flags',
      text: 'how writes are shared',
      flags: { MAP_SHARED, MAP_PRIVATE },
      optional: true,
      initial: [MAP_SHARED],
    },
  ],
  outputs: [{ name: 'mapping', type: 'mapping', valid: 'SUCCESS', text: 'the mapping' }],
  errors: ['EBADF', 'EPERM', 'ENODEV', 'EINVAL', 'ENOMEM'],
  checks: mmapChecks,
  effects: ['nothing is mapped yet: pages come with the first access', 'the mapping keeps the file open'],
  differences: ['before linux/6.18: -ENODEV for every guest_memfd'],
  flow: mmapFlow,
});

const mmapAnonFlow: Flow = flow({
  name: 'do_mmap',
  reference: 'mm/mmap.c',
  params: ['size', 'prot'],
  locals: { size: 'bytes', prot: 'flag' },
  steps: {
    vma_link: {
      text: 'vma = vm_area_alloc(mm); vma_set_anonymous(vma); vma_link(mm, vma)',
      run(f) {
        const { linux } = f.machine;
        if (f.size <= 0) return f.return(-ERRNO.EINVAL);
        const what = { kind: MAPS_ANONYMOUS, file: 0, pgoff: 0, prot: f.prot, shared: false };
        const mapping = linux.spaces.map(linux.vmm, Math.ceil(f.size / linux.pageSize), what);
        f.return(mapping === 0 ? -ERRNO.ENOMEM : 0, mapping);
      },
    },
  },
});

export const mmapAnon = systemCall({
  name: 'mmap_anon',
  since: 'linux/6.8',
  summary: 'Maps fresh anonymous memory into the address space of the VMM: mmap with MAP_PRIVATE | MAP_ANONYMOUS.',
  reference: 'mm/mmap.c: do_mmap',
  params: [{ name: 'size', type: 'u64', text: 'bytes' }, protParameter],
  outputs: [{ name: 'mapping', type: 'mapping', valid: 'SUCCESS', text: 'the mapping' }],
  errors: ['EINVAL', 'ENOMEM'],
  effects: ['pages of zeros come with the first access'],
  flow: mmapAnonFlow,
});

/** Takes the entries of [from, to) of a process away, telling KVM first. Mappings stay. */
export const zapPageRange: Flow = flow({
  name: 'zap_page_range_single',
  reference: 'mm/memory.c',
  params: ['process', 'from', 'to'],
  locals: {
    process: 'number',
    from: 'number',
    to: 'number',
    slot: 'number',
    vm: 'number',
    at: 'number',
    pfn: 'number',
  },
  steps: {
    mmu_notifier_invalidate_range_start: {
      text: 'mmu_notifier_invalidate_range_start(&range): kvm_handle_hva_range for every slot that shows the range',
      run(f) {
        const part = nextSlotPart(f.machine, f.process, f.from, f.to, f.slot);
        if (!part) {
          f.at = f.from;
          return f.goto('unmap_single_vma');
        }
        if (mmuReaders(f.machine, part.vm) > 0) return f.wait();
        f.slot = part.slot;
        f.vm = part.vm;
        f.command(invBegin, [part.vm, part.first, part.end]);
      },
    },
    kvm_unmap_gfn_range: {
      text: 'kvm_unmap_gfn_range(kvm, &gfn_range)',
      run(f) {
        const part = nextSlotPart(f.machine, f.process, f.from, f.to, f.slot - 1);
        f.call(unmapGfnRange, [f.vm, part?.first ?? 0, part?.end ?? 0, SHARED_HALF]);
      },
    },
    kvm_flush_remote_tlbs: {
      text: 'kvm_flush_remote_tlbs(kvm)',
      run: (f) => f.command(flush, [f.vm], 'mmu_notifier_invalidate_range_start'),
    },
    unmap_single_vma: {
      text: 'pte = ptep_get_and_clear(mm, addr)',
      run(f) {
        f.slot = 0;
        const { spaces, folios } = f.machine.linux;
        const page = spaces.nextPte(f.process, f.at, f.to);
        if (page < 0) return f.goto('mmu_notifier_invalidate_range_end');
        f.pfn = folios.head(ptePfn(spaces.pte(f.process, page)));
        f.at = page + 1;
        f.command(clearPte, [f.process, page]);
      },
    },
    folio_remove_rmap: {
      text: 'folio_remove_rmap_pte(folio, page, vma); folio_put(folio)',
      run: (f) => f.call(folioPut, [f.pfn], 'unmap_single_vma'),
    },
    mmu_notifier_invalidate_range_end: {
      text: 'mmu_notifier_invalidate_range_end(&range)',
      run(f) {
        const part = nextSlotPart(f.machine, f.process, f.from, f.to, f.slot);
        if (!part) return f.return(0);
        f.slot = part.slot;
        f.command(invEnd, [part.vm, part.first, part.end], 'mmu_notifier_invalidate_range_end');
      },
    },
  },
});

/** The first slot behind `after` whose user address range overlaps pages of the VMM; guest_memfd alone needs no notifier. */
function nextSlotPart(
  { linux }: Machine,
  process: number,
  from: number,
  to: number,
  after: number,
): { slot: number; vm: number; first: number; end: number } | undefined {
  const { vms, pageSize } = linux;
  let found: { slot: number; vm: number; first: number; end: number } | undefined;
  for (let vm = 1; vm <= vms.rows.last && process === linux.vmm; vm++) {
    vms.eachSlot(vm, 0, vms.end, (slot) => {
      if (slot <= after || (found && found.slot < slot) || vms.has(slot, MEMSLOT_GMEM_ONLY)) return;
      const start = vms.slots.get(slot, 'hva') / pageSize;
      const first = Math.max(from, start);
      const end = Math.min(to, start + vms.slots.get(slot, 'pages'));
      const offset = vms.slots.get(slot, 'base') - start;
      if (start > 0 && first < end) found = { slot, vm, first: first + offset, end: end + offset };
    });
  }
  return found;
}

const munmapFlow: Flow = flow({
  name: 'do_vmi_munmap',
  reference: 'mm/vma.c',
  params: ['mapping', 'offset', 'length'],
  locals: {
    mapping: 'number',
    offset: 'bytes',
    length: 'bytes',
    process: 'number',
    from: 'number',
    to: 'number',
    file: 'number',
  },
  steps: {
    find_vma: {
      text: 'vma = vma_find(vmi, end)',
      run(f) {
        const { spaces, pageSize } = f.machine.linux;
        const { mappings } = spaces;
        if (f.offset % pageSize !== 0 || !mappings.has(f.mapping)) return f.return(-ERRNO.EINVAL);
        const pages = f.length === 0 ? mappings.get(f.mapping, 'pages') : Math.ceil(f.length / pageSize);
        f.process = mappings.get(f.mapping, 'process');
        f.from = mappings.get(f.mapping, 'start') + f.offset / pageSize;
        f.to = f.from + pages;
      },
    },
    unmap_region: {
      text: 'unmap_region(mas, vma, prev, next)',
      run: (f) => f.call(zapPageRange, [f.process, f.from, f.to]),
    },
    remove_vma: {
      text: 'remove_vma(vma): the last piece of a mapping drops its reference to the file',
      run(f) {
        const { spaces } = f.machine.linux;
        const before = spaces.mappings.get(f.mapping, 'pages left');
        spaces.forget(f.process, f.from, f.to);
        const isLast = before > 0 && spaces.mappings.get(f.mapping, 'pages left') === 0;
        if (!isLast || spaces.mappings.get(f.mapping, 'kind') !== MAPS_GMEM) return f.return(0);
        f.call(fput, [spaces.mappings.get(f.mapping, 'file'), 1]);
      },
    },
  },
});

const wholeMapping: Parameter = { name: 'mapping', type: 'mapping', text: 'the mapping, whole' };
const mappingRange: Parameter = { name: 'range', type: 'mapping_range', text: 'a part of a mapping' };

const munmapCommon = {
  name: 'munmap',
  since: 'linux/6.8',
  summary: 'Takes memory out of the address space of the VMM.',
  reference: 'mm/vma.c: do_vmi_munmap',
  errors: ['EINVAL'],
  effects: [
    'guests lose what they had of it through slots',
    'the file is released with its last mapping and descriptor',
  ],
  flow: munmapFlow,
} as const;

export const munmap = {
  ...systemCall({ ...munmapCommon, params: [wholeMapping] }),
  overloads: [systemCall({ ...munmapCommon, params: [mappingRange] })],
};
