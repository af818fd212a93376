// One call that converts and populates: the shape that the list turned down, because of how it fails.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { KVM_MEMORY_ATTRIBUTE_PRIVATE, setRangeAttributes } from '../guest-memfd/attributes.ts';
import { lockSlots, unlockSlots } from '../guest-memfd/lock.ts';
import { populate } from '../guest-memfd/populate.ts';
import { vmParameter } from '../kvm/create.ts';
import { addressOf } from '../kvm/region-checks.ts';
import { KVM_MEM_GUEST_MEMFD } from '../kvm/vms.ts';
import { profilesWhere } from '../linux/profiles.ts';
import { firstFailure, systemCall } from '../linux/system-call.ts';
import { TEMPORARY_PAGES } from './host.ts';
import { populateChecks, populateParameters } from './lazy-populate.ts';
import { realmPopulate } from './realm-populate.ts';
import { ensureCreated } from './run-gate.ts';
import { populateThroughTemporaryPages } from './temporary-pages.ts';

const ARGUMENTS = ['vm', 'base', 'size', 'mapping', 'within', 'flags'] as const;

const gluedPopulate: Flow = flow({
  name: 'kvm_gmem_convert_and_populate',
  reference: 'turned down in the thread on in-place conversion and populate; no code exists',
  params: ARGUMENTS,
  locals: {
    vm: 'number',
    base: 'address',
    size: 'bytes',
    mapping: 'number',
    within: 'bytes',
    flags: 'flag',
    source: 'address',
    slot: 'number',
    inode: 'number',
    index: 'number',
    i: 'number',
    ret: 'errno',
  },
  steps: {
    check_arguments: {
      text: 'if (args->flags & ~KVM_ARM_RMI_POPULATE_FLAGS_MEASURE || !PAGE_ALIGNED(…)) return -EINVAL',
      run(f) {
        const registers = ARGUMENTS.map((name) => f[name]);
        const failed = firstFailure(populateChecks, f.machine, registers);
        if (failed !== 0) return f.return(failed);
        f.source = addressOf(f.machine, f.mapping, f.within);
      },
    },
    realm_ensure_created: {
      text: 'ret = realm_ensure_created(kvm)',
      run: (f) => f.call(ensureCreated, [f.vm]),
    },
    gfn_to_memslot: {
      text: 'if (ret) return ret; mutex_lock(&kvm->slots_lock); slot = gfn_to_memslot(kvm, gfn); if (!kvm_slot_has_gmem(slot)) return -EINVAL; if (!file) return -EFAULT',
      run(f) {
        if (f.result !== 0) return f.return(f.result);
        if (!lockSlots(f.machine, f.vm, f.actor)) return f.wait();
        const { vms, gmem, pageSize } = f.machine.linux;
        f.slot = vms.slotAt(f.vm, f.base / pageSize);
        const isGmem = f.slot >= 0 && vms.has(f.slot, KVM_MEM_GUEST_MEMFD);
        const file = isGmem ? vms.slots.get(f.slot, 'file') : 0;
        if (file === 0) {
          f.ret = isGmem ? -ERRNO.EFAULT : -ERRNO.EINVAL;
          return f.goto('out');
        }
        f.inode = gmem.files.get(file, 'inode');
      },
    },
    __kvm_gmem_set_attributes: {
      text: 'for (i = 0; i < npages; i++) ret = __kvm_gmem_set_attributes(inode, index + i, 1, KVM_MEMORY_ATTRIBUTE_PRIVATE, &err_index)',
      run(f) {
        const { vms, pageSize } = f.machine.linux;
        if (f.i * pageSize >= f.size) return f.goto('out');
        f.index = vms.indexOf(f.slot, f.base / pageSize + f.i);
        f.call(setRangeAttributes, [f.inode, f.vm, f.index, f.index + 1, KVM_MEMORY_ATTRIBUTE_PRIVATE, 0]);
      },
    },
    kvm_gmem_populate: {
      text: 'if (ret) break; ret = kvm_gmem_populate(kvm, gfn + i, src + i * PAGE_SIZE, 1, realm_populate, &flags)',
      run(f) {
        f.ret = f.result;
        if (f.ret < 0) return f.goto('out');
        const { pageSize } = f.machine.linux;
        const at = f.base + f.i * pageSize;
        const isCopied = f.source === 0 && f.machine.cca.policy.get(0, TEMPORARY_PAGES) > 0;
        if (isCopied) return f.call(populateThroughTemporaryPages, [f.vm, at, at + pageSize, f.flags]);
        const source = f.source === 0 ? 0 : f.source + f.i * pageSize;
        f.call(populate, [f.vm, at / pageSize, source, 1, realmPopulate.index, f.flags]);
      },
    },
    next_page: {
      text: 'if (ret < 0) break: the page stays private and has no contents',
      run(f) {
        f.ret = Math.min(0, f.result);
        if (f.ret < 0) return;
        f.i++;
        f.goto('__kvm_gmem_set_attributes');
      },
    },
    out: {
      text: 'mutex_unlock(&kvm->slots_lock); args->done = i; args->error = -ret; args->error_offset = index << PAGE_SHIFT; return i ? 0 : ret',
      run(f) {
        unlockSlots(f.machine, f.vm);
        const at = f.ret < 0 ? f.index * f.machine.linux.pageSize : 0;
        f.return(f.i > 0 ? 0 : f.ret, f.i, -f.ret, at);
      },
    },
  },
});

export const gluedPopulateCall = systemCall({
  name: 'glued_populate',
  since: 'linux/inplace-v8',
  models: profilesWhere(({ setAttributes2, cca }) => setAttributes2 !== 'none' && cca !== 'v9'),
  summary:
    'Converts each page of a range to private and populates it: an alternative in one call, which the list turned down.',
  reference: 'the thread on in-place conversion and populate; no kernel has such a call',
  params: [vmParameter, ...populateParameters],
  outputs: [
    { name: 'done', type: 'u64', valid: 'always', text: 'pages that are converted and populated' },
    {
      name: 'error',
      type: 'flags',
      valid: 'always',
      text: 'why the next one is not; 0 if all are done. It does not say which half failed',
      flags: ERRNO,
    },
    { name: 'error_offset', type: 'u64', valid: 'always', text: 'byte of the file where it failed' },
  ],
  errors: ['EIO', 'EINVAL', 'EBUSY', 'EFAULT', 'EEXIST', 'ENOMEM', 'ENXIO', 'EOPNOTSUPP', 'EHWPOISON', 'EAGAIN'],
  checks: populateChecks,
  effects: [
    '0 if at least one page was done: whether all of them were is in the outputs',
    'a page that somebody holds is not converted, and the call is -EAGAIN for as long as it is held',
    'where populate fails, the page that failed stays private',
  ],
  flow: gluedPopulate,
});
