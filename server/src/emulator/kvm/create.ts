// KVM_CREATE_VM and KVM_CREATE_VCPU.
import type { Parameter } from '../definition.ts';
import { type Flow, flow } from '../flow.ts';
import { type Checks, firstFailure, systemCall } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';
import { vmGates } from './gates.ts';
import { VM_TYPES } from './vm-types.ts';

const platformIndex = ({ linux }: Machine, type: number) =>
  linux.platforms.findIndex((platform) => platform.hasType(type, linux.arch));

/** ARM64_MIN_PARANGE_BITS, and what a CPU without 52-bit addresses can do. */
const [LEAST_IPA_BITS, MOST_IPA_BITS, DEFAULT_IPA_BITS] = [32, 48, 40];

const vmChecks: Checks = [
  {
    id: 'type',
    text: 'type is one of KVM_CAP_VM_TYPES: the machine has the platform of these VMs',
    errno: 'EINVAL',
    argument: 'type',
    holds: (machine, [type = 0]) => platformIndex(machine, type) >= 0,
  },
  {
    id: 'ipa_bits',
    text: `on arm64 ipa_bits is 0, which stands for ${DEFAULT_IPA_BITS}, or ${LEAST_IPA_BITS} to ${MOST_IPA_BITS} (kvm_init_ipa_range)`,
    errno: 'EINVAL',
    argument: 'ipa_bits',
    holds: ({ linux }, [, bits = 0]) =>
      linux.arch !== 'arm64' || bits === 0 || (bits >= LEAST_IPA_BITS && bits <= MOST_IPA_BITS),
  },
];

const createVmFlow: Flow = flow({
  name: 'kvm_dev_ioctl_create_vm',
  reference: 'virt/kvm/kvm_main.c',
  params: ['type', 'ipaBits'],
  locals: { type: 'number', ipaBits: 'number', vm: 'number' },
  steps: {
    kvm_is_vm_type_supported: {
      text: 'if (!kvm_is_vm_type_supported(type)) return -EINVAL; kvm_init_ipa_range(type)',
      run(f) {
        const failed = firstFailure(vmChecks, f.machine, [f.type, f.ipaBits]);
        if (failed !== 0) f.return(failed);
      },
    },
    kvm_create_vm: {
      text: 'kvm = kvm_create_vm(type, fdname)',
      run(f) {
        const { linux } = f.machine;
        const { rows } = linux.vms;
        f.vm = rows.add();
        if (f.vm === 0) return f.return(-12);
        const platform = platformIndex(f.machine, f.type);
        rows.set(f.vm, 'type', f.type);
        rows.set(f.vm, 'platform', platform);
        rows.set(f.vm, 'fd', 1);
        rows.set(f.vm, 'references', 1);
        rows.set(f.vm, 'process', linux.vmm);
        rows.set(f.vm, 'ipa bits', f.ipaBits || DEFAULT_IPA_BITS);
        if (linux.platforms[platform]?.preFaultFromStart) rows.set(f.vm, 'pre-fault', 1);
      },
    },
    kvm_arch_init_vm: {
      text: 'r = kvm_arch_init_vm(kvm, type)',
      run(f) {
        const hook = f.machine.linux.platformOf(f.vm).hooks.createVm;
        if (hook) f.call(hook, [f.vm, f.type]);
        else f.return(0, f.vm);
      },
    },
    initialised: {
      text: 'if (r) goto out_err; return fd',
      run: (f) => f.return(f.result, f.vm),
    },
  },
});

export const createVm = systemCall({
  name: 'KVM_CREATE_VM',
  since: 'linux/6.8',
  summary: 'Makes a virtual machine.',
  reference: 'Documentation/virt/kvm/api.rst, 4.2; virt/kvm/kvm_main.c: kvm_dev_ioctl_create_vm',
  params: [
    { name: 'type', type: 'flags', text: 'what kind of VM', flags: VM_TYPES },
    {
      name: 'ipa_bits',
      type: 'u64',
      text: 'arm64: bits of a guest physical address',
      optional: true,
      initial: [DEFAULT_IPA_BITS],
    },
  ],
  outputs: [{ name: 'vm', type: 'vm', valid: 'SUCCESS', text: 'the VM' }],
  errors: ['EINVAL', 'ENOMEM', 'ENXIO'],
  checks: vmChecks,
  effects: ['the VM has no memslots, all of its memory is shared, nothing is mapped'],
  flow: createVmFlow,
});

const vcpuChecks: Checks = [
  ...vmGates('vm'),
  {
    id: 'id_free',
    text: 'the VM has no vCPU with this id yet',
    errno: 'EEXIST',
    argument: 'id',
    holds: ({ linux }, [vm = 0, id = 0]) => {
      const { vcpus } = linux.vms;
      for (let vcpu = 1; vcpu <= vcpus.last; vcpu++) {
        if (vcpus.get(vcpu, 'vm') === vm && vcpus.get(vcpu, 'id') === id) return false;
      }
      return true;
    },
  },
];

const createVcpuFlow: Flow = flow({
  name: 'kvm_vm_ioctl_create_vcpu',
  reference: 'virt/kvm/kvm_main.c',
  params: ['vm', 'id'],
  locals: { vm: 'number', id: 'number', vcpu: 'number' },
  steps: {
    kvm_vm_ioctl: {
      text: 'if (kvm->mm != current->mm || kvm->vm_dead) return -EIO; if (id >= KVM_MAX_VCPU_IDS) return -EINVAL; …',
      run(f) {
        const failed = firstFailure(vcpuChecks, f.machine, [f.vm, f.id]);
        if (failed !== 0) f.return(failed);
      },
    },
    kvm_vcpu_init: {
      text: 'vcpu = kmem_cache_zalloc(kvm_vcpu_cache, …); kvm_vcpu_init(vcpu, kvm, id); kvm_get_kvm(kvm)',
      run(f) {
        const { vms } = f.machine.linux;
        f.vcpu = vms.vcpus.add();
        if (f.vcpu === 0) return f.return(-12);
        vms.vcpus.set(f.vcpu, 'vm', f.vm);
        vms.vcpus.set(f.vcpu, 'id', f.id);
        vms.vcpus.set(f.vcpu, 'fd', 1);
        vms.rows.count(f.vm, 'references', 1);
      },
    },
    kvm_arch_vcpu_create: {
      text: 'r = kvm_arch_vcpu_create(vcpu)',
      run(f) {
        const hook = f.machine.linux.platformOf(f.vm).hooks.createVcpu;
        if (hook) f.call(hook, [f.vcpu]);
        else f.return(0, f.vcpu);
      },
    },
    created: {
      text: 'if (r) goto vcpu_free_run_page; return fd',
      run: (f) => f.return(f.result, f.vcpu),
    },
  },
});

export const vmParameter: Parameter = { name: 'vm', type: 'vm', text: 'the VM' };
export const vcpuParameter: Parameter = { name: 'vcpu', type: 'vcpu', text: 'the vCPU' };

export const createVcpu = systemCall({
  name: 'KVM_CREATE_VCPU',
  since: 'linux/6.8',
  summary: 'Adds a vCPU to a VM.',
  reference: 'Documentation/virt/kvm/api.rst, 4.7; virt/kvm/kvm_main.c: kvm_vm_ioctl_create_vcpu',
  params: [vmParameter, { name: 'id', type: 'u64', text: 'its number', optional: true }],
  outputs: [{ name: 'vcpu', type: 'vcpu', valid: 'SUCCESS', text: 'the vCPU' }],
  errors: ['EBADF', 'EIO', 'EINVAL', 'EEXIST', 'ENOMEM', 'EBUSY'],
  checks: vcpuChecks,
  effects: ['the VM lives until the vCPU is closed too'],
  flow: createVcpuFlow,
});
