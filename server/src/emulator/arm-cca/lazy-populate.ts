// KVM_ARM_RMI_POPULATE, the populate call of the series in which realms are created and activated on their own.

import type { Parameter } from '../definition.ts';
import { type Flow, flow } from '../flow.ts';
import { lockSlots, unlockSlots } from '../guest-memfd/lock.ts';
import { populate } from '../guest-memfd/populate.ts';
import { vmParameter } from '../kvm/create.ts';
import { addressOf } from '../kvm/region-checks.ts';
import { PROFILES } from '../linux/profiles.ts';
import { type Checks, firstFailure, systemCall, wraps } from '../linux/system-call.ts';
import { measureFlags, vmChecks } from './gates.ts';
import { TEMPORARY_PAGES } from './host.ts';
import { realmPopulate } from './realm-populate.ts';
import { ensureCreated } from './run-gate.ts';
import { populateThroughTemporaryPages } from './temporary-pages.ts';

const KVM_ARM_RMI_POPULATE_FLAGS_MEASURE = 1;

/** The versions whose realms are created by the first populate and activated by the first KVM_RUN. */
const LAZY: readonly string[] = PROFILES.filter(({ cca }) => cca !== 'v9').map(({ name }) => name);

const LAZY_ARGUMENTS = ['vm', 'base', 'size', 'mapping', 'within', 'flags', 'reserved'] as const;

/** What a call that populates checks of its arguments. */
export const populateChecks: Checks = [
  ...vmChecks,
  {
    id: 'flags',
    text: 'flags is 0 or KVM_ARM_RMI_POPULATE_FLAGS_MEASURE',
    errno: 'EINVAL',
    argument: 'flags',
    holds: (_, [, , , , , flags = 0]) => flags <= KVM_ARM_RMI_POPULATE_FLAGS_MEASURE,
  },
  {
    id: 'align',
    text: 'base, base + size and source are multiples of the page size, and nothing wraps',
    errno: 'EINVAL',
    argument: 'base',
    holds(machine, [, base = 0, size = 0, mapping = 0, within = 0]) {
      const { pageSize } = machine.linux;
      const aligned = [base, size, addressOf(machine, mapping, within)].every((value) => value % pageSize === 0);
      return aligned && !wraps(base, size);
    },
  },
];

const lazyPopulateChecks: Checks = [
  ...populateChecks,
  {
    id: 'reserved',
    text: 'reserved is 0',
    errno: 'EINVAL',
    argument: 'reserved',
    holds: (_, [, , , , , , reserved = 0]) => reserved === 0,
  },
];

/** Where to populate and from what. */
export const populateParameters: readonly Parameter[] = [
  { name: 'base', type: 'ipa', text: 'first guest physical address' },
  { name: 'size', type: 'u64', text: 'bytes' },
  {
    name: 'source',
    type: 'mapping_at',
    text: 'where the contents begin in the VMM; left out: nowhere',
    optional: true,
  },
  measureFlags({ KVM_ARM_RMI_POPULATE_FLAGS_MEASURE }),
];

const lazyPopulate: Flow = flow({
  name: 'kvm_arm_rmi_populate',
  reference: 'arch/arm64/kvm/rmi.c, CCA host series v12 and v13',
  params: LAZY_ARGUMENTS,
  locals: {
    vm: 'number',
    base: 'address',
    size: 'bytes',
    mapping: 'number',
    within: 'bytes',
    flags: 'flag',
    reserved: 'number',
    address: 'address',
  },
  steps: {
    check_arguments: {
      text: 'if (args->reserved || args->flags & ~KVM_ARM_RMI_POPULATE_FLAGS_MEASURE || !PAGE_ALIGNED(…)) return -EINVAL',
      run(f) {
        const registers = LAZY_ARGUMENTS.map((name) => f[name]);
        const failed = firstFailure(lazyPopulateChecks, f.machine, registers);
        if (failed !== 0) return f.return(failed, f.base, f.size, 0);
        f.address = addressOf(f.machine, f.mapping, f.within);
      },
    },
    realm_ensure_created: {
      text: 'ret = realm_ensure_created(kvm)',
      run: (f) => f.call(ensureCreated, [f.vm]),
    },
    kvm_gmem_populate: {
      text: 'if (ret) return ret; mutex_lock(&kvm->slots_lock); pages_populated = kvm_gmem_populate(kvm, base_gfn, u64_to_user_ptr(args->source_uaddr), npages, realm_populate, &flags)',
      run(f) {
        if (f.result !== 0) return f.return(f.result, f.base, f.size, f.address);
        if (!lockSlots(f.machine, f.vm, f.actor)) return f.wait();
        const isCopied = f.address === 0 && f.machine.cca.policy.get(0, TEMPORARY_PAGES) > 0;
        if (isCopied) return f.call(populateThroughTemporaryPages, [f.vm, f.base, f.base + f.size, f.flags]);
        const { pageSize } = f.machine.linux;
        const pages = f.size / pageSize;
        f.call(populate, [f.vm, f.base / pageSize, f.address, pages, realmPopulate.index, f.flags]);
      },
    },
    advanced: {
      text: 'mutex_unlock(&kvm->slots_lock); if (pages_populated < 0) return it; args->base += size; args->source_uaddr += size; args->size -= size',
      run(f) {
        unlockSlots(f.machine, f.vm);
        const done = Math.max(0, f.result) * f.machine.linux.pageSize;
        const source = f.address === 0 ? 0 : f.address + done;
        f.return(Math.min(0, f.result), f.base + done, f.size - done, source);
      },
    },
  },
});

export const lazyPopulateCall = systemCall({
  name: 'KVM_ARM_RMI_POPULATE',
  since: 'linux/cca-v12',
  models: LAZY,
  summary: 'Copies a buffer of the VMM into a realm before it runs; the realm is created first if it is not there yet.',
  reference: 'Documentation/virt/kvm/api.rst: KVM_ARM_RMI_POPULATE; CCA host series v12 and v13',
  params: [vmParameter, ...populateParameters, { name: 'reserved', type: 'u64', text: '0', optional: true }],
  outputs: [
    { name: 'base', type: 'ipa', valid: 'always', text: 'where the next call goes on' },
    { name: 'size', type: 'u64', valid: 'always', text: 'bytes that are left' },
    { name: 'source_uaddr', type: 'u64', valid: 'always', text: 'address where the source goes on' },
  ],
  errors: ['EIO', 'EINVAL', 'EBUSY', 'EINTR', 'EFAULT', 'EEXIST', 'ENOMEM', 'ENXIO', 'EOPNOTSUPP', 'EHWPOISON'],
  checks: lazyPopulateChecks,
  effects: [
    'the pages of the guest_memfd hold the contents and are the realm’s; the buffer stays with the VMM',
    '0 if at least one page was done, with base, size and source_uaddr advanced',
  ],
  differences: ['without a source: -EOPNOTSUPP, unless temporary pages are chosen with set_policy'],
  flow: lazyPopulate,
});
