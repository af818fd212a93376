// Telling every VM that uses a file that a range of it is about to change, and that it has.
import { type Flow, flow } from '../flow.ts';
import { flush, invBegin, invEnd } from '../kvm/pieces.ts';
import { PRIVATE_HALF, SHARED_HALF } from '../kvm/platform.ts';
import { unmapGfnRange } from '../kvm/unmap.ts';
import type { Machine } from '../machine.ts';
import { GUEST_MEMFD_FLAG_INIT_SHARED, PRIVATE } from './files.ts';
import { mmuReaders } from './lock.ts';

/** A bound part of a file's range, as guest frames. */
interface BoundPart {
  /** First and end as offsets of the file, in pages. */
  readonly from: number;
  readonly to: number;
  readonly gfn: number;
}

/** The first bound part of [from, to) of a file. */
export function nextBound({ linux }: Machine, file: number, from: number, to: number): BoundPart | undefined {
  let found: BoundPart | undefined;
  linux.gmem.eachBinding(file, from, to, (slot, begin, end) => {
    const { slots } = linux.vms;
    found ??= { from: begin, to: end, gfn: slots.get(slot, 'base') + begin - slots.get(slot, 'pgoff') };
  });
  return found;
}

/** The guest frames that all bound parts of [from, to) span. */
function spanned({ linux }: Machine, file: number, from: number, to: number): { first: number; end: number } {
  let first = Number.POSITIVE_INFINITY;
  let end = 0;
  linux.gmem.eachBinding(file, from, to, (slot, begin, last) => {
    const offset = linux.vms.slots.get(slot, 'base') - linux.vms.slots.get(slot, 'pgoff');
    first = Math.min(first, offset + begin);
    end = Math.max(end, offset + last);
  });
  return { first, end };
}

/** The halves of guest memory in which pages of [from, to) may be mapped. */
export function halvesOf({ linux }: Machine, inode: number, from: number, to: number): number {
  const { gmem } = linux;
  if (gmem.hasAttributes) {
    let halves = 0;
    gmem.ranges.each(gmem.inodes.get(inode, 'attributes'), from, to, (_, __, value) => {
      halves |= value === PRIVATE ? PRIVATE_HALF : SHARED_HALF;
    });
    return halves;
  }
  const initShared =
    linux.profile.gmemFlags === 'mmap' && (gmem.inodes.get(inode, 'flags') & GUEST_MEMFD_FLAG_INIT_SHARED) !== 0;
  return initShared ? SHARED_HALF : PRIVATE_HALF;
}

/** kvm_gmem_invalidate_begin for every file of an inode; `only` restricts it to one file. */
export const invalidateBegin: Flow = flow({
  name: 'kvm_gmem_invalidate_begin',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['inode', 'from', 'to', 'halves', 'only'],
  locals: {
    inode: 'number',
    from: 'number',
    to: 'number',
    halves: 'flag',
    only: 'number',
    file: 'number',
    at: 'number',
  },
  steps: {
    kvm_gmem_for_each_file: {
      text: 'kvm_gmem_for_each_file(f, inode)',
      run(f) {
        const { gmem } = f.machine.linux;
        if (f.only !== 0) {
          if (f.file === f.only) return f.return(0);
          f.file = f.only;
        } else {
          f.file = gmem.nextFile(f.inode, f.file);
          if (f.file === 0) return f.return(0);
        }
        if (gmem.isUnbound(f.file, f.from, f.to)) f.goto('kvm_gmem_for_each_file');
      },
    },
    kvm_mmu_invalidate_begin: {
      text: 'kvm_mmu_invalidate_begin(kvm); kvm_mmu_invalidate_range_add(kvm, start, end)',
      run(f) {
        const vm = f.machine.linux.gmem.files.get(f.file, 'vm');
        if (mmuReaders(f.machine, vm) > 0) return f.wait();
        const { first, end } = spanned(f.machine, f.file, f.from, f.to);
        f.at = f.from;
        f.command(invBegin, [vm, first, end]);
      },
    },
    kvm_mmu_unmap_gfn_range: {
      text: 'xa_for_each_range(&f->bindings, …) flush |= kvm_mmu_unmap_gfn_range(kvm, &gfn_range)',
      run(f) {
        const part = nextBound(f.machine, f.file, f.at, f.to);
        if (!part) return;
        f.at = part.to;
        const vm = f.machine.linux.gmem.files.get(f.file, 'vm');
        f.call(unmapGfnRange, [vm, part.gfn, part.gfn + part.to - part.from, f.halves], 'kvm_mmu_unmap_gfn_range');
      },
    },
    kvm_flush_remote_tlbs: {
      text: 'if (flush) kvm_flush_remote_tlbs(kvm)',
      run: (f) => f.command(flush, [f.machine.linux.gmem.files.get(f.file, 'vm')], 'kvm_gmem_for_each_file'),
    },
  },
});

/** kvm_gmem_invalidate_end for every file of an inode; `only` restricts it to one file. */
export const invalidateEnd: Flow = flow({
  name: 'kvm_gmem_invalidate_end',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['inode', 'from', 'to', 'only'],
  locals: { inode: 'number', from: 'number', to: 'number', only: 'number', file: 'number' },
  steps: {
    kvm_gmem_for_each_file: {
      text: 'kvm_gmem_for_each_file(f, inode)',
      run(f) {
        const { gmem } = f.machine.linux;
        if (f.only !== 0 && f.file === f.only) return f.return(0);
        f.file = f.only !== 0 ? f.only : gmem.nextFile(f.inode, f.file);
        if (f.file === 0) return f.return(0);
        if (gmem.isUnbound(f.file, f.from, f.to)) f.goto('kvm_gmem_for_each_file');
      },
    },
    kvm_mmu_invalidate_end: {
      text: 'kvm_mmu_invalidate_end(kvm)',
      run(f) {
        const { first, end } = spanned(f.machine, f.file, f.from, f.to);
        f.command(invEnd, [f.machine.linux.gmem.files.get(f.file, 'vm'), first, end], 'kvm_gmem_for_each_file');
      },
    },
  },
});
