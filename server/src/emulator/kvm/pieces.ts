// What KVM does in one step: announce and end an invalidation, unmap, flush, map, store attributes.
import { piece } from '../linux/piece.ts';
import { BOTH_HALVES, PRIVATE_HALF, SHARED_HALF } from './platform.ts';
import { spteOf } from './vms.ts';

const vm = ['vm', 'the VM'] as const;
const first = 'first guest frame';
const end = 'guest frame behind the last';

export const invBegin = piece({
  name: 'inv_begin',
  summary: 'Announces that a range of guest memory is about to change under the guest.',
  reference: 'virt/kvm/kvm_main.c: kvm_mmu_invalidate_begin, kvm_mmu_invalidate_range_add',
  params: { vm, first, end },
  effects: ['faults in the range are retried until inv_end'],
  call({ linux: { vms } }, [vm = 0, from = 0, to = 0]) {
    const { rows } = vms;
    const nested = rows.count(vm, 'in progress', 1) > 1;
    rows.set(vm, 'begin', nested ? Math.min(rows.get(vm, 'begin'), from) : from);
    rows.set(vm, 'end', nested ? Math.max(rows.get(vm, 'end'), to) : to);
    return 0;
  },
});

export const invEnd = piece({
  name: 'inv_end',
  summary: 'Ends an invalidation.',
  reference: 'virt/kvm/kvm_main.c: kvm_mmu_invalidate_end',
  params: { vm, first, end },
  effects: ['faults that began before are retried', 'later faults go on'],
  call({ linux: { vms } }, [vm = 0]) {
    const { rows } = vms;
    rows.count(vm, 'invalidate seq', 1);
    if (rows.count(vm, 'in progress', -1) === 0) {
      rows.set(vm, 'begin', 0);
      rows.set(vm, 'end', 0);
    }
    return 0;
  },
});

export const zap = piece({
  name: 'zap',
  summary: 'Takes a range out of the second-stage tables.',
  reference: 'arch/x86/kvm/mmu/mmu.c: kvm_unmap_gfn_range; arch/arm64/kvm/mmu.c: __unmap_stage2_range',
  params: { vm, first, end, halves: '1 shared, 2 private, 3 both; ignored where a platform has one half alone' },
  effects: ['no guest frame of the range is mapped'],
  call({ linux }, [vm = 0, from = 0, to = 0, halves = BOTH_HALVES]) {
    const { vms } = linux;
    const chosen = linux.platformOf(vm).twoHalves ? halves : SHARED_HALF;
    vms.eachSpte(vm, chosen, from, to, (gfn, _, half) => vms.setSpte(vm, half, gfn, 0));
    return 0;
  },
});

export const flush = piece({
  name: 'flush',
  summary: 'Flushes what vCPUs remember of translations.',
  reference: 'virt/kvm/kvm_main.c: kvm_flush_remote_tlbs',
  params: { vm },
  effects: ['no vCPU uses an old translation'],
  call: () => 0,
});

export const map = piece({
  name: 'map',
  summary: 'Enters a page into the second-stage table.',
  reference: 'arch/x86/kvm/mmu/tdp_mmu.c: kvm_tdp_mmu_map; arch/arm64/kvm/hyp/pgtable.c: kvm_pgtable_stage2_map',
  params: {
    vm,
    gfn: 'guest frame',
    pfn: 'page frame',
    private: '1 if the private half',
    writable: '1 if it may be written',
  },
  effects: ['the guest frame is mapped to the page frame'],
  errors: ['ENOMEM'],
  call({ linux }, [vm = 0, gfn = 0, pfn = 0, isPrivate = 0, writable = 0]) {
    const half = linux.platformOf(vm).twoHalves && isPrivate !== 0 ? PRIVATE_HALF : SHARED_HALF;
    linux.vms.setSpte(vm, half, gfn, spteOf(pfn, writable !== 0));
    return 0;
  },
});

/** Whose attributes `attr_store` changes. */
export const OF_VM = 0;
export const OF_FILE = 1;

export const attrReserve = piece({
  name: 'attr_reserve',
  summary: 'Takes the memory that storing attributes of a range needs.',
  reference: 'virt/kvm/kvm_main.c: xa_reserve in kvm_vm_set_mem_attributes; virt/kvm/guest_memfd.c: mas_preallocate',
  params: {
    scope: '0 guest frames of a VM, 1 offsets of a file',
    object: 'the VM or the inode',
    first: 'first page',
    end: 'page behind the last',
  },
  effects: ['no attribute changes, and storing them cannot fail any more'],
  errors: ['ENOMEM'],
  call: () => 0,
});

export const attrStore = piece({
  name: 'attr_store',
  summary: 'Stores who may use a range: shared or private.',
  reference: 'virt/kvm/kvm_main.c: kvm_vm_set_mem_attributes; virt/kvm/guest_memfd.c: kvm_gmem_set_attributes',
  params: {
    scope: '0 guest frames of a VM, 1 offsets of a file',
    object: 'the VM or the inode',
    first: 'first page',
    end: 'page behind the last',
    value: '1 private, 0 shared',
  },
  effects: ['every page of the range has the attribute; equal neighbours are one range'],
  errors: ['ENOMEM'],
  call({ linux: { vms, gmem, ranges } }, [scope = OF_VM, object = 0, from = 0, to = 0, value = 0]) {
    if (scope === OF_FILE) gmem.setAttributes(object, from, to, value);
    else vms.rows.set(object, 'attributes', ranges.with(vms.rows.get(object, 'attributes'), from, to, value));
    return 0;
  },
});

export const vmBugged = piece({
  name: 'vm_bugged',
  summary: 'KVM_BUG_ON: something happened that must not, and the VM is unusable from now on.',
  reference: 'include/linux/kvm_host.h: kvm_vm_bugged',
  params: { vm },
  effects: ['every ioctl on the VM and its vCPUs returns -EIO'],
  call({ linux }, [vm = 0]) {
    linux.vms.rows.set(vm, 'bugged', 1);
    linux.warn();
    return 0;
  },
});

export const KVM_PIECES = [invBegin, invEnd, zap, flush, map, attrReserve, attrStore, vmBugged] as const;
