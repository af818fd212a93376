// KVM_SET_MEMORY_ATTRIBUTES on a VM: who may use a range of guest frames, whatever slots and files are behind it.
import { type Flow, flow } from '../flow.ts';
import { KVM_MEMORY_ATTRIBUTE_PRIVATE } from '../guest-memfd/attributes.ts';
import { lockSlots, mmuReaders, unlockSlots } from '../guest-memfd/lock.ts';
import { type Checks, firstFailure, hasOnly, OUT_OF_RANGE, systemCall, wraps } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';
import { vmParameter } from './create.ts';
import { vmGates } from './gates.ts';
import { attrReserve, attrStore, flush, invBegin, invEnd, OF_VM, vmBugged } from './pieces.ts';
import { PRIVATE_HALF, SHARED_HALF } from './platform.ts';
import { unmapGfnRange } from './unmap.ts';

/** Registers: vm, base, size, attributes, flags. */
const ARGUMENTS = ['vm', 'base', 'bytes', 'attributes', 'flags'] as const;

/** Attributes that a VM supports. */
export const supportedAttributes = ({ linux }: Machine, vm: number): number =>
  linux.profile.attributes === 'vm' && linux.platformOf(vm).privateMemory ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0;

const checks: Checks = [
  ...vmGates('vm'),
  {
    id: 'built',
    text: 'the kernel tracks attributes of VMs: on x86, and on arm64 for realms',
    errno: 'ENOTTY',
    argument: 'vm',
    holds: ({ linux }, [vm = 0]) => linux.arch === 'x86' || linux.platformOf(vm).privateMemory,
  },
  {
    id: 'flags',
    text: 'flags is 0',
    errno: 'EINVAL',
    argument: 'flags',
    holds: (_, [, , , , flags = 0]) => flags === 0,
  },
  {
    id: 'attributes',
    text: 'attributes are supported: KVM_MEMORY_ATTRIBUTE_PRIVATE in VMs with private memory, where the VM tracks it',
    errno: 'EINVAL',
    argument: 'attributes',
    holds: (machine, [vm = 0, , , attributes = 0]) => hasOnly(attributes, supportedAttributes(machine, vm)),
  },
  {
    id: 'size',
    text: 'size is above 0, and the range does not wrap',
    errno: 'EINVAL',
    argument: 'range',
    holds: (_, [, base = 0, bytes = 0]) => bytes > 0 && !wraps(base, bytes) && base < OUT_OF_RANGE,
  },
  {
    id: 'align',
    text: 'the range is made of whole pages',
    errno: 'EINVAL',
    argument: 'range',
    holds: ({ linux: { pageSize } }, [, base = 0, bytes = 0]) => base % pageSize === 0 && bytes % pageSize === 0,
  },
];

const setMemAttributes: Flow = flow({
  name: 'kvm_vm_set_mem_attributes',
  reference: 'virt/kvm/kvm_main.c',
  params: ARGUMENTS,
  locals: {
    vm: 'number',
    base: 'address',
    bytes: 'bytes',
    attributes: 'flag',
    flags: 'flag',
    from: 'number',
    to: 'number',
    at: 'number',
    begun: 'flag',
    ret: 'errno',
  },
  steps: {
    kvm_vm_ioctl_set_mem_attributes: {
      text: 'if (attrs->flags) return -EINVAL; if (attrs->attributes & ~kvm_supported_mem_attributes(kvm)) return -EINVAL; …',
      run(f) {
        const registers = ARGUMENTS.map((name) => f[name]);
        const failed = firstFailure(checks, f.machine, registers);
        if (failed !== 0) return f.return(failed);
        const { pageSize } = f.machine.linux;
        f.from = f.base / pageSize;
        f.to = (f.base + f.bytes) / pageSize;
        f.at = f.from;
      },
    },
    mutex_lock: {
      text: 'mutex_lock(&kvm->slots_lock)',
      run(f) {
        if (!lockSlots(f.machine, f.vm, f.actor)) f.wait();
      },
    },
    kvm_range_has_memory_attributes: {
      text: 'if (kvm_range_has_memory_attributes(kvm, start, end, ~0, attributes)) goto out_unlock',
      run(f) {
        const { vms, ranges } = f.machine.linux;
        const wanted = f.attributes === 0 ? 0 : 1;
        if (ranges.isFilled(vms.rows.get(f.vm, 'attributes'), f.from, f.to, wanted)) f.goto('out_unlock');
      },
    },
    xa_reserve: {
      text: 'if (entry) for (i = start; i < end; i++) r = xa_reserve(&kvm->mem_attr_array, i, GFP_KERNEL_ACCOUNT)',
      run(f) {
        if (f.attributes !== 0) f.command(attrReserve, [OF_VM, f.vm, f.from, f.to]);
      },
    },
    kvm_pre_set_memory_attributes: {
      text: 'if (r) goto out_unlock; kvm_handle_gfn_range(kvm, &pre_set_range): kvm_mmu_invalidate_begin where a slot overlaps',
      run(f) {
        if (f.result < 0) {
          f.ret = f.result;
          return f.goto('out_unlock');
        }
        const { vms } = f.machine.linux;
        vms.eachSlot(f.vm, f.from, f.to, () => {
          f.begun = 1;
        });
        if (f.begun === 0) f.goto('xa_store');
        else if (mmuReaders(f.machine, f.vm) > 0) f.wait();
        else f.command(invBegin, [f.vm, f.from, f.to]);
      },
    },
    kvm_arch_pre_set_memory_attributes: {
      text: 'kvm_for_each_memslot_in_gfn_range(…) flush |= kvm_arch_pre_set_memory_attributes(kvm, &gfn_range)',
      run(f) {
        let part: { from: number; to: number } | undefined;
        f.machine.linux.vms.eachSlot(f.vm, f.at, f.to, (_, from, to) => {
          if (!part || from < part.from) part = { from, to };
        });
        if (!part) return;
        f.at = part.to;
        const halves = f.attributes === 0 ? PRIVATE_HALF : SHARED_HALF;
        f.call(unmapGfnRange, [f.vm, part.from, part.to, halves], 'kvm_arch_pre_set_memory_attributes');
      },
    },
    kvm_flush_remote_tlbs: {
      text: 'if (flush) kvm_flush_remote_tlbs(kvm)',
      run: (f) => f.command(flush, [f.vm]),
    },
    xa_store: {
      text: 'for (i = start; i < end; i++) xa_store(&kvm->mem_attr_array, i, entry)',
      run: (f) => f.command(attrStore, [OF_VM, f.vm, f.from, f.to, f.attributes === 0 ? 0 : 1]),
    },
    kvm_post_set_memory_attributes: {
      text: 'KVM_BUG_ON(r, kvm); kvm_handle_gfn_range(kvm, &post_set_range): kvm_mmu_invalidate_end',
      run(f) {
        if (f.result < 0) {
          f.ret = f.result;
          return f.command(vmBugged, [f.vm], 'kvm_post_set_memory_attributes');
        }
        if (f.begun === 1) f.command(invEnd, [f.vm, f.from, f.to]);
      },
    },
    out_unlock: {
      text: 'mutex_unlock(&kvm->slots_lock); return r',
      run(f) {
        unlockSlots(f.machine, f.vm);
        f.return(f.ret);
      },
    },
  },
});

export const setMemoryAttributes = systemCall({
  name: 'KVM_SET_MEMORY_ATTRIBUTES',
  since: 'linux/6.8',
  summary: 'Says which guest frames of a VM are private.',
  reference: 'Documentation/virt/kvm/api.rst, 4.141; virt/kvm/kvm_main.c: kvm_vm_set_mem_attributes',
  params: [
    vmParameter,
    { name: 'range', type: 'range', text: 'guest physical addresses' },
    {
      name: 'attributes',
      type: 'flags',
      text: 'KVM_MEMORY_ATTRIBUTE_PRIVATE, or 0 for shared',
      flags: { KVM_MEMORY_ATTRIBUTE_PRIVATE },
    },
    { name: 'flags', type: 'u64', text: '0', optional: true },
  ],
  errors: ['EBADF', 'EIO', 'ENOTTY', 'EINVAL', 'ENOMEM'],
  checks,
  effects: [
    'what slots map of the range is unmapped for the guest',
    'every guest frame of the range has the attribute, whether a slot covers it or not',
    'contents of user memory and of the guest_memfd stay: after a conversion the guest sees the other one',
  ],
  differences: [
    'where the guest_memfd tracks attributes (linux/inplace-v8 and later, linux/hugetlb-v2), no attribute is supported',
  ],
  flow: setMemAttributes,
});
