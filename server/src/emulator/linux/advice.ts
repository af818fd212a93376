// madvise and mbind on mappings.
import type { Parameter } from '../definition.ts';
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { punchHole } from '../guest-memfd/fallocate.ts';
import { MAPS_GMEM } from './address-spaces.ts';
import { zapPageRange } from './mappings.ts';
import { MPOL_MODES, newPolicy } from './policy.ts';
import { systemCall } from './system-call.ts';

const MADV_DONTNEED = 4;
const MADV_REMOVE = 9;
const MADV_HUGEPAGE = 14;
const MADV_NOHUGEPAGE = 15;
const MADV_COLLAPSE = 25;

const range: Parameter = { name: 'range', type: 'mapping_range', text: 'a part of a mapping' };

const LOCALS = { mapping: 'number', offset: 'bytes', bytes: 'bytes' } as const;

const madviseFlow: Flow = flow({
  name: 'do_madvise',
  reference: 'mm/madvise.c',
  params: ['mapping', 'offset', 'bytes', 'advice'],
  locals: { ...LOCALS, advice: 'number' },
  steps: {
    madvise_vma_behavior: {
      text: 'switch (behavior)',
      run(f) {
        const { spaces, pageSize, gmem } = f.machine.linux;
        const { mappings } = spaces;
        const isGmem = mappings.get(f.mapping, 'kind') === MAPS_GMEM;
        const within = f.offset / pageSize;
        const pages = Math.ceil(f.bytes / pageSize);
        const page = mappings.get(f.mapping, 'start') + within;
        if (f.offset % pageSize !== 0) return f.return(-ERRNO.EINVAL);
        switch (f.advice) {
          case MADV_DONTNEED:
            return f.call(zapPageRange, [mappings.get(f.mapping, 'process'), page, page + pages]);
          case MADV_REMOVE: {
            if (!isGmem) return f.return(-ERRNO.EINVAL);
            const first = within + mappings.get(f.mapping, 'pgoff');
            return f.call(punchHole, [gmem.files.get(mappings.get(f.mapping, 'file'), 'inode'), first, first + pages]);
          }
          case MADV_HUGEPAGE:
          case MADV_NOHUGEPAGE:
            return f.return(0);
          case MADV_COLLAPSE:
            return f.return(isGmem ? -ERRNO.EINVAL : 0);
          default:
            return f.return(-ERRNO.EINVAL);
        }
      },
    },
  },
});

export const madvise = systemCall({
  name: 'madvise',
  since: 'linux/6.8',
  summary: 'Says what the VMM will do with a part of a mapping.',
  reference: 'mm/madvise.c',
  params: [
    range,
    {
      name: 'advice',
      type: 'flags',
      text: 'the advice',
      flags: { MADV_DONTNEED, MADV_REMOVE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_COLLAPSE },
    },
  ],
  errors: ['EINVAL'],
  effects: [
    'MADV_DONTNEED: page table entries go, the file keeps its data; anonymous memory is gone',
    'MADV_REMOVE: a hole in the file',
    'MADV_HUGEPAGE: nothing; MADV_COLLAPSE on a guest_memfd: -EINVAL',
  ],
  flow: madviseFlow,
});

const mbindFlow: Flow = flow({
  name: 'do_mbind',
  reference: 'mm/mempolicy.c; virt/kvm/guest_memfd.c: kvm_gmem_set_policy',
  params: ['mapping', 'offset', 'bytes', 'mode', 'nodes'],
  locals: { ...LOCALS, mode: 'number', nodes: 'flag', policy: 'number' },
  steps: {
    mpol_new: {
      text: 'new = mpol_new(mode, mode_flags, nmask): a mode that exists, with nodes unless it is MPOL_DEFAULT or MPOL_LOCAL',
      run(f) {
        const { allocator, pageSize } = f.machine.linux;
        const policy = newPolicy(f.mode, f.nodes, 2 ** allocator.nodes - 1);
        if (policy === undefined || f.offset % pageSize !== 0) return f.return(-ERRNO.EINVAL);
        f.policy = policy;
      },
    },
    mpol_set_shared_policy: {
      text: 'mpol_set_shared_policy(&GMEM_I(inode)->policy, vma, mpol)',
      run(f) {
        const { spaces, gmem, pageSize, profile } = f.machine.linux;
        const { mappings } = spaces;
        if (mappings.get(f.mapping, 'kind') !== MAPS_GMEM || !profile.numa) return;
        const inode = gmem.files.get(mappings.get(f.mapping, 'file'), 'inode');
        const first = f.offset / pageSize + mappings.get(f.mapping, 'pgoff');
        const end = first + Math.ceil(f.bytes / pageSize);
        const policies = gmem.inodes.get(inode, 'policies');
        gmem.inodes.set(inode, 'policies', gmem.ranges.with(policies, first, end, f.policy));
      },
    },
  },
});

export const mbind = systemCall({
  name: 'mbind',
  since: 'linux/6.8',
  summary: 'Says from which NUMA nodes pages of a range come that are allocated later.',
  reference: 'mm/mempolicy.c: do_mbind; virt/kvm/guest_memfd.c: kvm_gmem_set_policy',
  params: [
    range,
    { name: 'mode', type: 'flags', text: 'the policy', flags: MPOL_MODES },
    { name: 'nodes', type: 'u64', text: 'bit mask of nodes', optional: true },
  ],
  errors: ['EINVAL'],
  effects: ['the policy is kept with the file range; pages that are there stay where they are'],
  differences: ['before linux/7.0 a guest_memfd keeps no policy'],
  flow: mbindFlow,
});
