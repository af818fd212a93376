// KVM_SET_USER_MEMORY_REGION2 and its older sister: slots of guest physical memory.
import type { Parameter } from '../definition.ts';
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { lock, lockSlots, srcuReaders, unlock, unlockSlots } from '../guest-memfd/lock.ts';
import { firstFailure, systemCall } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';
import { vmParameter } from './create.ts';
import { flush } from './pieces.ts';
import { BOTH_HALVES } from './platform.ts';
import {
  archChecks,
  bindChecks,
  isUnchanged,
  numberChecks,
  oldFlags,
  type Region,
  regionOf,
  slotChecks,
} from './region-checks.ts';
import { unmapGfnRange } from './unmap.ts';
import {
  KVM_MEM_GUEST_MEMFD,
  KVM_MEM_LOG_DIRTY_PAGES,
  KVM_MEM_READONLY,
  MEMSLOT_GMEM_ONLY,
  MEMSLOT_INVALID,
} from './vms.ts';

/** The registers of the ioctl, as the first locals of its flows. */
const ARGUMENTS = ['vm', 'slot', 'gpa', 'size', 'mapping', 'within', 'fd', 'offset', 'flags'] as const;
type Argument = (typeof ARGUMENTS)[number];

const registers = (f: Record<Argument, number>) => ARGUMENTS.map((name) => f[name]);
const region = (f: Record<Argument, number> & { readonly machine: Machine }): Region =>
  regionOf(f.machine, registers(f));

/** Slots whose shared faults are served from the file, too. */
const isGmemOnly = ({ linux: { profile, gmem } }: Machine, fd: number) =>
  profile.alwaysGmemOnly || (profile.gmemFlags !== 'none' && (gmem.inodes.get(gmem.inodeOf(fd), 'flags') & 1) !== 0);

const deleteMemslot: Flow = flow({
  name: 'kvm_delete_memslot',
  reference: 'virt/kvm/kvm_main.c: kvm_set_memslot with KVM_MR_DELETE',
  params: ['row'],
  locals: { row: 'number', file: 'number', inode: 'number', vm: 'number' },
  steps: {
    kvm_invalidate_memslot: {
      text: 'kvm_invalidate_memslot(kvm, old, invalid_slot): faults see a slot that is invalid and has no file',
      run(f) {
        const { vms } = f.machine.linux;
        f.vm = vms.vmOfSlot(f.row);
        f.file = vms.slots.get(f.row, 'file');
        vms.slots.set(f.row, 'flags', vms.slots.get(f.row, 'flags') | MEMSLOT_INVALID);
        if (srcuReaders(f.machine, f.vm) === 0) vms.slots.set(f.row, 'file', 0);
      },
    },
    synchronize_srcu: {
      text: 'synchronize_srcu_expedited(&kvm->srcu): whoever looked the slot up before goes on with the old copy, and is waited for',
      run(f) {
        if (srcuReaders(f.machine, f.vm) > 0) return f.wait();
        f.machine.linux.vms.slots.set(f.row, 'file', 0);
      },
    },
    kvm_arch_flush_shadow_memslot: {
      text: 'kvm_arch_flush_shadow_memslot(kvm, old): an ordinary x86 VM loses all of its mappings',
      run(f) {
        const { linux } = f.machine;
        const base = linux.vms.slots.get(f.row, 'base');
        const all = linux.arch === 'x86' && linux.platformOf(f.vm).name === 'default';
        const from = all ? 0 : base;
        const to = all ? linux.vms.end : base + linux.vms.slots.get(f.row, 'pages');
        f.call(unmapGfnRange, [f.vm, from, to, BOTH_HALVES]);
      },
    },
    kvm_flush_remote_tlbs: {
      text: 'kvm_flush_remote_tlbs(kvm)',
      run: (f) => f.command(flush, [f.vm]),
    },
    kvm_activate_memslot: {
      text: 'kvm_replace_memslot(kvm, old, NULL): lookups do not find it any more',
      run(f) {
        const { vms } = f.machine.linux;
        vms.cover(f.row, false);
        if (f.file === 0) f.goto('kvm_commit_memory_region');
      },
    },
    kvm_gmem_unbind: {
      text: 'kvm_gmem_unbind(old): filemap_invalidate_lock; xa_store_range(&f->bindings, start, end - 1, NULL); unlock',
      run(f) {
        const { gmem, vms } = f.machine.linux;
        f.inode = gmem.files.get(f.file, 'inode');
        if (!lock(f.machine, f.inode, f.actor)) return f.wait();
        const pgoff = vms.slots.get(f.row, 'pgoff');
        gmem.unbind(f.file, pgoff, pgoff + vms.slots.get(f.row, 'pages'));
        unlock(f.machine, f.inode);
      },
    },
    kvm_commit_memory_region: {
      text: 'kvm_free_memslot(kvm, old)',
      run(f) {
        const { slots } = f.machine.linux.vms;
        for (const column of ['base', 'pages', 'hva', 'flags', 'file', 'pgoff', 'used'] as const)
          slots.set(f.row, column, 0);
      },
    },
  },
});

const setMemoryRegion: Flow = flow({
  name: 'kvm_set_memory_region',
  reference: 'virt/kvm/kvm_main.c',
  params: ARGUMENTS,
  locals: {
    vm: 'number',
    slot: 'number',
    gpa: 'address',
    size: 'bytes',
    mapping: 'number',
    within: 'bytes',
    fd: 'number',
    offset: 'bytes',
    flags: 'flag',
    ret: 'errno',
  },
  steps: {
    check_memory_region_flags: {
      text: 'r = check_memory_region_flags(kvm, mem); … alignment, ranges, ids',
      run(f) {
        const failed = firstFailure(numberChecks, f.machine, registers(f));
        if (failed !== 0) f.return(failed);
      },
    },
    mutex_lock: {
      text: 'mutex_lock(&kvm->slots_lock)',
      run(f) {
        if (!lockSlots(f.machine, f.vm, f.actor)) f.wait();
      },
    },
    id_to_memslot: {
      text: 'old = id_to_memslot(slots, id); if (!mem->memory_size) kvm_set_memslot(kvm, old, NULL, KVM_MR_DELETE)',
      run(f) {
        if (f.size === 0) f.call(deleteMemslot, [region(f).row], 'unlock_result');
      },
    },
    kvm_check_memslot_overlap: {
      text: 'private slots are immutable; if (kvm_check_memslot_overlap(slots, id, base_gfn, base_gfn + npages)) return -EEXIST',
      run(f) {
        f.ret = firstFailure(slotChecks, f.machine, registers(f));
        if (f.ret !== 0) return f.goto('unlock');
        const wanted = region(f);
        const { vms } = f.machine.linux;
        if (!vms.slotExists(wanted.row)) return f.goto('kvm_gmem_bind');
        if (!isUnchanged(f.machine, wanted)) return f.goto('kvm_arch_prepare_move');
        vms.slots.set(wanted.row, 'flags', wanted.flags);
        f.goto('unlock');
      },
    },
    kvm_arch_prepare_move: {
      text: 'r = kvm_prepare_memory_region(kvm, old, new, KVM_MR_MOVE)',
      run(f) {
        f.ret = firstFailure(archChecks, f.machine, registers(f));
        if (f.ret !== 0) f.goto('unlock');
        else f.call(deleteMemslot, [region(f).row], 'kvm_commit_memory_region');
      },
    },
    kvm_gmem_bind: {
      text: 'r = kvm_gmem_bind(kvm, new, mem->guest_memfd, mem->guest_memfd_offset)',
      run(f) {
        const wanted = region(f);
        if ((wanted.flags & KVM_MEM_GUEST_MEMFD) === 0) return f.goto('kvm_prepare_memory_region');
        f.ret = firstFailure(bindChecks, f.machine, registers(f));
        if (f.ret !== 0) return f.goto('unlock');
        const { gmem, descriptors, pageSize } = f.machine.linux;
        const inode = gmem.inodeOf(f.fd);
        if (!lock(f.machine, inode, f.actor)) return f.wait();
        const from = f.offset / pageSize;
        gmem.bind(descriptors.gmemFile(f.fd), from, from + f.size / pageSize, wanted.row);
        unlock(f.machine, inode);
      },
    },
    kvm_prepare_memory_region: {
      text: 'r = kvm_arch_prepare_memory_region(kvm, old, new, KVM_MR_CREATE)',
      run(f) {
        f.ret = firstFailure(archChecks, f.machine, registers(f));
        if (f.ret !== 0) return f.goto('out_unbind');
        const hook = f.machine.linux.platformOf(f.vm).hooks.prepareSlot;
        if (hook) f.call(hook, [f.vm, f.slot]);
        else f.goto('kvm_commit_memory_region');
      },
    },
    prepared: {
      text: 'if (r) goto out_unbind',
      run(f) {
        f.ret = f.result;
        if (f.ret !== 0) f.goto('out_unbind');
      },
    },
    kvm_commit_memory_region: {
      text: 'kvm_create_memslot(kvm, new); kvm_commit_memory_region(kvm, old, new, change)',
      run(f) {
        const wanted = region(f);
        const { vms, descriptors, pageSize } = f.machine.linux;
        const isGmem = (wanted.flags & KVM_MEM_GUEST_MEMFD) !== 0;
        const { slots } = vms;
        slots.set(wanted.row, 'base', f.gpa / pageSize);
        slots.set(wanted.row, 'pages', f.size / pageSize);
        slots.set(wanted.row, 'hva', wanted.hva);
        slots.set(wanted.row, 'flags', wanted.flags | (isGmem && isGmemOnly(f.machine, f.fd) ? MEMSLOT_GMEM_ONLY : 0));
        if (isGmem) {
          slots.set(wanted.row, 'file', descriptors.gmemFile(f.fd));
          slots.set(wanted.row, 'pgoff', f.offset / pageSize);
        }
        slots.set(wanted.row, 'used', 1);
        vms.cover(wanted.row, true);
        f.goto('unlock');
      },
    },
    out_unbind: {
      text: 'if (mem->flags & KVM_MEM_GUEST_MEMFD) kvm_gmem_unbind(new)',
      run(f) {
        const { gmem, descriptors, pageSize } = f.machine.linux;
        const from = f.offset / pageSize;
        if ((region(f).flags & KVM_MEM_GUEST_MEMFD) !== 0) {
          gmem.unbind(descriptors.gmemFile(f.fd), from, from + f.size / pageSize);
        }
        f.goto('unlock');
      },
    },
    unlock_result: {
      text: 'r = kvm_set_memslot(…)',
      run(f) {
        f.ret = f.result;
      },
    },
    unlock: {
      text: 'mutex_unlock(&kvm->slots_lock); return r',
      run(f) {
        unlockSlots(f.machine, f.vm);
        f.return(f.ret);
      },
    },
  },
});

const oldIoctl: Flow = flow({
  name: 'kvm_vm_ioctl_set_memory_region',
  reference: 'virt/kvm/kvm_main.c',
  params: ARGUMENTS,
  locals: {
    vm: 'number',
    slot: 'number',
    gpa: 'address',
    size: 'bytes',
    mapping: 'number',
    within: 'bytes',
    fd: 'number',
    offset: 'bytes',
    flags: 'flag',
  },
  steps: {
    check_flags: {
      text: 'if (mem.flags & ~KVM_SET_USER_MEMORY_REGION_V1_FLAGS) goto out',
      run(f) {
        if (firstFailure([oldFlags], f.machine, registers(f)) !== 0) f.return(-ERRNO.EINVAL);
      },
    },
    kvm_set_memory_region: {
      text: 'r = kvm_vm_ioctl_set_memory_region(kvm, &mem)',
      run: (f) => f.call(setMemoryRegion, registers(f)),
    },
  },
});

const optional = { optional: true } as const;
const FLAGS = { KVM_MEM_LOG_DIRTY_PAGES, KVM_MEM_READONLY, KVM_MEM_GUEST_MEMFD };

/** `initial` registers of hva and gmem name nothing. */
const params: readonly Parameter[] = [
  vmParameter,
  { name: 'slot', type: 'u64', text: 'the slot: address space in the high 16 bits, id in the low ones', ...optional },
  { name: 'gpa', type: 'ipa', text: 'where the slot begins', ...optional },
  { name: 'size', type: 'u64', text: 'its size in bytes; 0 deletes it' },
  { name: 'hva', type: 'mapping_at', text: 'memory of the VMM behind it; 0 if there is none', ...optional },
  {
    name: 'gmem',
    type: 'gmem_at',
    text: 'the guest_memfd behind it; naming one sets KVM_MEM_GUEST_MEMFD',
    ...optional,
  },
  { name: 'flags', type: 'flags', text: 'what is special about it', flags: FLAGS, ...optional },
];

const common = {
  since: 'linux/6.8',
  summary: 'Makes, changes, moves or deletes a slot of guest physical memory.',
  params,
  errors: ['EIO', 'EINVAL', 'EEXIST', 'EBADF', 'EFAULT', 'ENOMEM'],
  effects: [
    'create: guest frames of the range have memory; a guest_memfd is bound to the slot, but the slot does not keep it alive',
    'delete (size 0): the guest loses its mappings; folios, contents and attributes stay',
  ],
  differences: [
    'before linux/6.18: KVM_MEM_GUEST_MEMFD only in VMs with private memory',
    'linux/7.2 and later: a file range that is bound already gives -EEXIST, before it gave -EINVAL',
    'linux/hugetlb-v2: the user address of a file that supports sharing is 0 or maps that file',
  ],
} as const;

export const setUserMemoryRegion2 = systemCall({
  ...common,
  name: 'KVM_SET_USER_MEMORY_REGION2',
  reference: 'Documentation/virt/kvm/api.rst, 4.140; virt/kvm/kvm_main.c: kvm_set_memory_region',
  checks: [...numberChecks, ...slotChecks, ...bindChecks, ...archChecks],
  flow: setMemoryRegion,
});

export const setUserMemoryRegion = systemCall({
  ...common,
  name: 'KVM_SET_USER_MEMORY_REGION',
  reference: 'Documentation/virt/kvm/api.rst, 4.35; virt/kvm/kvm_main.c: kvm_set_memory_region',
  checks: [oldFlags, ...numberChecks, ...slotChecks, ...archChecks],
  flow: oldIoctl,
});
