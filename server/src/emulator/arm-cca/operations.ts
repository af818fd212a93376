// What a VMM can ask of KVM about realms.
import type { Parameter } from '../definition.ts';
import { type Flow, flow } from '../flow.ts';
import { vcpuParameter, vmParameter } from '../kvm/create.ts';
import { vcpuAlive } from '../kvm/gates.ts';
import { attrStore, OF_VM } from '../kvm/pieces.ts';
import { type Check, type Checks, firstFailure, systemCall, wraps } from '../linux/system-call.ts';
import { activateRealm, createRealm } from './create.ts';
import { isRealm, measureFlags, vmChecks } from './gates.ts';
import { gluedPopulateCall } from './glued-populate.ts';
import {
  isCreated,
  REALM_STATE_ACTIVE,
  REALM_STATE_NEW,
  realmState,
  setRealmState,
  TEMPORARY_PAGES,
  vmOf,
} from './host.ts';
import { lazyPopulateCall } from './lazy-populate.ts';
import { populateRegion } from './populate.ts';
import { createRec } from './rec.ts';
import { initIpaState } from './ripas.ts';
import { setPolicy } from './set-policy.ts';
import { populateThroughTemporaryPages } from './temporary-pages.ts';

export const KVM_ARM_RME_POPULATE_FLAGS_MEASURE = 1;
const KVM_ARM_VCPU_SVE = 4;
const KVM_ARM_VCPU_REC = 8;
const ARM_RME_CONFIG_RPV = 0;
const ARM_RME_CONFIG_HASH_ALGO = 1;

/** The series whose user interface has explicit steps. */
const EXPLICIT = ['linux/cca-v9', 'linux/cca-v10'];

const isNew = (errno: Check['errno']): Check => ({
  id: 'realm_new',
  text: 'the realm is created and was not activated yet',
  errno,
  argument: 'vm',
  holds: (machine, [vm = 0]) => realmState(machine, vm) === REALM_STATE_NEW,
  cells: ({ linux }, [vm = 0]) => [linux.vms.rows.cell(vm, 'state')],
});

const rangeAligned: Check = {
  id: 'align',
  text: 'base and size are multiples of the page size, and base + size does not wrap',
  errno: 'EINVAL',
  argument: 'range',
  holds: ({ linux: { pageSize } }, [, base = 0, size = 0]) =>
    base % pageSize === 0 && size % pageSize === 0 && !wraps(base, size),
};

const rangeParameter: Parameter = { name: 'range', type: 'range', text: 'guest physical addresses' };
const rme = {
  since: 'linux/cca-v9',
  models: EXPLICIT,
  reference: 'Documentation/virt/kvm/api.rst: KVM_CAP_ARM_RME, arch/arm64/kvm/rme.c; CCA host series v9',
} as const;

/** A flow that makes the checks and then calls another, with the registers as arguments. */
const checked = (name: string, checks: Checks, params: readonly string[], text: string, called: Flow): Flow =>
  flow({
    name,
    reference: 'arch/arm64/kvm/rme.c, CCA host series v9',
    params,
    locals: Object.fromEntries(params.map((param) => [param, 'number' as const])),
    steps: {
      check_arguments: {
        text: checks.map((check) => `${check.text}, or -${check.errno}`).join('; '),
        run(f) {
          const failed = firstFailure(
            checks,
            f.machine,
            params.map((param) => f[param] as number),
          );
          if (failed !== 0) f.return(failed);
        },
      },
      call: {
        text,
        run: (f) =>
          f.call(
            called,
            params.map((param) => f[param] as number),
          ),
      },
      out: { text: 'return ret', run: (f) => f.return(f.result) },
    },
  });

const createRealmCapability = systemCall({
  ...rme,
  name: 'KVM_CAP_ARM_RME_CREATE_REALM',
  summary: 'Has the RMM create the realm of a VM.',
  params: [vmParameter],
  errors: ['EIO', 'EINVAL', 'EEXIST', 'ENOMEM', 'ENXIO'],
  checks: [
    ...vmChecks,
    {
      id: 'not_created',
      text: 'the realm is not created yet',
      errno: 'EEXIST',
      argument: 'vm',
      holds: (machine, [vm = 0]) => !isCreated(machine, vm),
    },
  ],
  effects: ['the realm is NEW: one descriptor and the start tables are delegated'],
  flow: checked('kvm_realm_enable_cap', vmChecks, ['vm'], 'r = kvm_create_realm(kvm)', createRealm),
});

const configChecks: Checks = [
  ...vmChecks,
  {
    id: 'before_creation',
    text: 'the realm is not created yet',
    errno: 'EBUSY',
    argument: 'vm',
    holds: (machine, [vm = 0]) => !isCreated(machine, vm),
  },
  {
    id: 'cfg',
    text: 'cfg is ARM_RME_CONFIG_RPV or ARM_RME_CONFIG_HASH_ALGO, and the algorithm one that the RMM has',
    errno: 'EINVAL',
    argument: 'cfg',
    holds: (_, [, cfg = 0, value = 0]) =>
      cfg === ARM_RME_CONFIG_RPV || (cfg === ARM_RME_CONFIG_HASH_ALGO && value <= 1),
  },
];

const configRealm: Flow = flow({
  name: 'kvm_rme_config_realm',
  reference: 'arch/arm64/kvm/rme.c, CCA host series v9',
  params: ['vm', 'cfg', 'setting'],
  locals: { vm: 'number', cfg: 'number', setting: 'number' },
  steps: {
    check_arguments: {
      text: 'if (kvm_realm_is_created(kvm)) return -EBUSY; switch (cfg.cfg)',
      run(f) {
        const failed = firstFailure(configChecks, f.machine, [f.vm, f.cfg, f.setting]);
        if (failed !== 0) f.return(failed);
      },
    },
    memcpy: {
      text: 'memcpy(&realm->params->rpv, &cfg.rpv, sizeof(cfg.rpv)) or realm->params->hash_algo = cfg->hash_algo',
      run(f) {
        f.machine.cca.realms.set(f.vm, f.cfg === ARM_RME_CONFIG_RPV ? 'rpv' : 'hash algorithm', f.setting);
      },
    },
  },
});

const configRealmCapability = systemCall({
  ...rme,
  name: 'KVM_CAP_ARM_RME_CONFIG_REALM',
  summary: 'Sets a parameter of a realm before it is created.',
  params: [
    vmParameter,
    { name: 'cfg', type: 'flags', text: 'which one', flags: { ARM_RME_CONFIG_RPV, ARM_RME_CONFIG_HASH_ALGO } },
    {
      name: 'value',
      type: 'flags',
      text: 'the hash algorithm, or one byte that the personalization value repeats',
      flags: { ARM_RME_CONFIG_HASH_ALGO_SHA256: 0, ARM_RME_CONFIG_HASH_ALGO_SHA512: 1 },
    },
  ],
  errors: ['EIO', 'EINVAL', 'EBUSY'],
  checks: configChecks,
  effects: ['the realm is created with it'],
  flow: configRealm,
});

const initRipasChecks: Checks = [...vmChecks, isNew('EPERM'), rangeAligned];

const initRipas: Flow = flow({
  name: 'kvm_init_ipa_range_realm',
  reference: 'arch/arm64/kvm/rme.c, CCA host series v9',
  params: ['vm', 'base', 'size'],
  locals: { vm: 'number', base: 'address', size: 'bytes' },
  steps: {
    check_arguments: {
      text: 'if (kvm_realm_state(kvm) != REALM_STATE_NEW) return -EPERM; if (end < addr) return -EINVAL',
      run(f) {
        const failed = firstFailure(initRipasChecks, f.machine, [f.vm, f.base, f.size]);
        if (failed !== 0) f.return(failed);
      },
    },
    realm_init_ipa_state: {
      text: 'ret = realm_init_ipa_state(realm, addr, end)',
      run: (f) => f.call(initIpaState, [f.vm, f.base, f.base + f.size, 0]),
    },
    private: {
      // The series stops above: private_memslot_fault asks kvm_mem_is_private, and the VMM has called KVM_SET_MEMORY_ATTRIBUTES
      // for its RAM. A scenario may leave that call out, and this is the one call that names the range.
      text: 'not in the series: as if the VMM had said KVM_SET_MEMORY_ATTRIBUTES(KVM_MEMORY_ATTRIBUTE_PRIVATE) for what it declares as RAM',
      run(f) {
        if (f.result !== 0) return f.return(f.result);
        const { gmem, pageSize } = f.machine.linux;
        if (gmem.hasAttributes) return f.return(0);
        f.command(attrStore, [OF_VM, f.vm, f.base / pageSize, (f.base + f.size) / pageSize, 1]);
      },
    },
    out: { text: 'return ret', run: (f) => f.return(f.result) },
  },
});

const initRipasCapability = systemCall({
  ...rme,
  name: 'KVM_CAP_ARM_RME_INIT_RIPAS_REALM',
  summary: 'Declares a range of a realm that does not run yet as RAM.',
  params: [vmParameter, rangeParameter],
  errors: ['EIO', 'EINVAL', 'EPERM', 'ENOMEM', 'ENXIO'],
  checks: initRipasChecks,
  effects: [
    'the RIPAS of the range is RAM, and the RIM is extended with it',
    'the range is private for KVM until KVM_SET_MEMORY_ATTRIBUTES says otherwise',
  ],
  differences: [
    'in the series the attributes stay as they were: the VMM calls KVM_SET_MEMORY_ATTRIBUTES for the range itself, or the first private fault exits with KVM_EXIT_MEMORY_FAULT',
  ],
  flow: initRipas,
});

const populateChecks: Checks = [
  ...vmChecks,
  isNew('EPERM'),
  rangeAligned,
  {
    id: 'flags',
    text: 'flags is 0 or KVM_ARM_RME_POPULATE_FLAGS_MEASURE',
    errno: 'EINVAL',
    argument: 'flags',
    holds: (_, [, , , flags = 0]) => flags === 0 || flags === KVM_ARM_RME_POPULATE_FLAGS_MEASURE,
  },
];

const populate: Flow = flow({
  name: 'kvm_populate_realm',
  reference: 'arch/arm64/kvm/rme.c, CCA host series v9 19/43',
  params: ['vm', 'base', 'size', 'flags'],
  locals: { vm: 'number', base: 'address', size: 'bytes', flags: 'flag' },
  steps: {
    check_arguments: {
      text: 'if (kvm_realm_state(kvm) != REALM_STATE_NEW) return -EPERM; if (!IS_ALIGNED(args->base, PAGE_SIZE) || …) return -EINVAL',
      run(f) {
        const failed = firstFailure(populateChecks, f.machine, [f.vm, f.base, f.size, f.flags]);
        if (failed !== 0) f.return(failed);
      },
    },
    populate_region: {
      text: 'ret = populate_region(kvm, ipa_base, ipa_end, args->flags); the alternative: through temporary pages, without a source',
      run(f) {
        const isDirect = f.machine.cca.policy.get(0, TEMPORARY_PAGES) === 0;
        const called = isDirect ? populateRegion : populateThroughTemporaryPages;
        f.call(called, [f.vm, f.base, f.base + f.size, f.flags]);
      },
    },
    out: { text: 'return ret', run: (f) => f.return(Math.min(0, f.result)) },
  },
});

const populateCapability = systemCall({
  ...rme,
  name: 'KVM_CAP_ARM_RME_POPULATE_REALM',
  summary: 'Copies what the VMM wrote at the user addresses of a slot into the realm, before it runs.',
  params: [vmParameter, rangeParameter, measureFlags({ KVM_ARM_RME_POPULATE_FLAGS_MEASURE })],
  errors: ['EIO', 'EINVAL', 'EPERM', 'EFAULT', 'ENOMEM', 'ENXIO'],
  checks: populateChecks,
  effects: [
    'the pages of the guest_memfd hold the contents and are the realm’s; the user memory stays with the VMM',
    'the first error ends it: earlier pages stay, the page that failed is taken back granule by granule',
    'a page of which a granule cannot be undelegated is leaked, once',
  ],
  flow: populate,
});

const activateChecks: Checks = [...vmChecks, isNew('EINVAL')];

const activate: Flow = flow({
  name: 'kvm_realm_enable_cap',
  reference: 'arch/arm64/kvm/rme.c, CCA host series v9',
  params: ['vm'],
  locals: { vm: 'number' },
  steps: {
    check_arguments: {
      text: 'if (kvm_realm_state(kvm) != REALM_STATE_NEW) return -EINVAL',
      run(f) {
        const failed = firstFailure(activateChecks, f.machine, [f.vm]);
        if (failed !== 0) f.return(failed);
      },
    },
    kvm_activate_realm: {
      text: 'r = kvm_activate_realm(kvm)',
      run: (f) => f.call(activateRealm, [f.vm]),
    },
    active: {
      text: 'WRITE_ONCE(realm->state, REALM_STATE_ACTIVE)',
      run(f) {
        if (f.result === 0) setRealmState(f.machine, f.vm, REALM_STATE_ACTIVE);
        f.return(f.result);
      },
    },
  },
});

const activateCapability = systemCall({
  ...rme,
  name: 'KVM_CAP_ARM_RME_ACTIVATE_REALM',
  summary: 'Lets a realm run: nothing can be populated any more.',
  params: [vmParameter],
  errors: ['EIO', 'EINVAL', 'ENXIO'],
  checks: activateChecks,
  effects: ['the realm is ACTIVE', 'its RIM is final'],
  flow: activate,
});

const finalizeChecks: Checks = [
  vcpuAlive,
  {
    id: 'feature',
    text: 'feature is KVM_ARM_VCPU_REC, and the VM is a realm',
    errno: 'EINVAL',
    argument: 'feature',
    holds: (machine, [vcpu = 0, feature = 0]) => feature === KVM_ARM_VCPU_REC && isRealm(machine, vmOf(machine, vcpu)),
  },
  {
    id: 'realm_new',
    text: 'the realm is created and was not activated yet',
    errno: 'ENOENT',
    argument: 'vcpu',
    holds: (machine, [vcpu = 0]) => realmState(machine, vmOf(machine, vcpu)) === REALM_STATE_NEW,
  },
  {
    id: 'not_finalized',
    text: 'the vCPU has no REC yet',
    errno: 'EBUSY',
    argument: 'vcpu',
    holds: ({ cca }, [vcpu = 0]) => cca.recs.get(vcpu, 'rec') === 0,
  },
];

const finalize: Flow = flow({
  name: 'kvm_arm_vcpu_finalize',
  reference: 'arch/arm64/kvm/reset.c, CCA host series v9',
  params: ['vcpu', 'feature'],
  locals: { vcpu: 'number', feature: 'flag' },
  steps: {
    check_arguments: {
      text: 'if (kvm_realm_state(vcpu->kvm) != REALM_STATE_NEW) return -ENOENT; if (rec->run) return -EBUSY',
      run(f) {
        const failed = firstFailure(finalizeChecks, f.machine, [f.vcpu, f.feature]);
        if (failed !== 0) f.return(failed);
      },
    },
    kvm_create_rec: {
      text: 'case KVM_ARM_VCPU_REC: return kvm_create_rec(vcpu)',
      run: (f) => f.call(createRec, [f.vcpu]),
    },
  },
});

const vcpuFinalize = systemCall({
  ...rme,
  name: 'KVM_ARM_VCPU_FINALIZE',
  summary: 'Makes the REC of a realm’s vCPU.',
  reference: 'Documentation/virt/kvm/api.rst: KVM_ARM_VCPU_FINALIZE; arch/arm64/kvm/rme.c: kvm_create_rec',
  params: [
    vcpuParameter,
    {
      name: 'feature',
      type: 'flags',
      text: 'what is final',
      flags: { KVM_ARM_VCPU_SVE, KVM_ARM_VCPU_REC },
    },
  ],
  errors: ['EIO', 'EINVAL', 'ENOENT', 'EBUSY', 'ENOMEM', 'ENXIO'],
  checks: finalizeChecks,
  effects: ['the REC and its auxiliary granules are delegated', 'the REC may run from the beginning if the id is 0'],
  flow: finalize,
});

export const CCA_OPERATIONS = [
  configRealmCapability,
  createRealmCapability,
  initRipasCapability,
  populateCapability,
  activateCapability,
  vcpuFinalize,
  lazyPopulateCall,
  gluedPopulateCall,
  setPolicy,
] as const;
