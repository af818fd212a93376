// A guest touches memory that is not mapped for it.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { dropLookup } from '../guest-memfd/get-folio.ts';
import { getPfn } from '../guest-memfd/get-pfn.ts';
import { mmuReadLock, mmuReadUnlock } from '../guest-memfd/lock.ts';
import { pteWritable } from '../linux/address-spaces.ts';
import { handleMmFault, reach } from '../linux/fault.ts';
import { folioPut } from '../linux/folio-put.ts';
import { SIGBUS } from '../linux/signals.ts';
import type { Machine } from '../machine.ts';
import { memoryFaultExit, mmioExit } from './exits.ts';
import { map } from './pieces.ts';
import { ACCESS_EXEC, ACCESS_WRITE } from './platform.ts';
import { KVM_MEM_GUEST_MEMFD, KVM_MEM_READONLY, MEMSLOT_GMEM_ONLY, MEMSLOT_INVALID } from './vms.ts';

/** The fault was not resolved, but trying again may: output 0 of the fault flows. */
export const RET_PF_RETRY = 1;
/** The vCPU exits to user space with what is in its run page: the result of the fault flows. */
export const EXIT_TO_USER = 1;

const LOCALS = {
  vcpu: 'number',
  gpa: 'address',
  access: 'flag',
  isPrivate: 'flag',
  /** KVM_PRE_FAULT_MEMORY asks, no guest does. */
  prefault: 'flag',
  vm: 'number',
  gfn: 'number',
  slot: 'number',
  seq: 'number',
  pfn: 'number',
  writable: 'flag',
  ret: 'errno',
  retry: 'flag',
  /** Of x86. */
  error_code: 'number',
} as const;

const PFERR_WRITE_MASK = 2;
const PFERR_USER_MASK = 4;
const PFERR_FETCH_MASK = 2 ** 4;
/** Bit 49, which no processor sets: KVM says with it that the access was private. SNP has bit 34 of the hardware besides. */
export const PFERR_PRIVATE_ACCESS: number = 2 ** 49;

const isPrivateAccess = (errorCode: number) => Math.floor(errorCode / PFERR_PRIVATE_ACCESS) % 2 === 1;

/** The error code of an x86 fault as VMX makes it of an EPT violation, as many bits of it as this version hands on. */
function errorCode({ linux: { profile } }: Machine, access: number, isPrivate: boolean): number {
  const low = access === ACCESS_WRITE ? PFERR_WRITE_MASK : access === ACCESS_EXEC ? PFERR_FETCH_MASK : PFERR_USER_MASK;
  return low + (profile.faultErrorCode === 64 && isPrivate ? PFERR_PRIVATE_ACCESS : 0);
}

/** Whether an invalidation that goes on covers the frame. */
function isCovered({ linux }: Machine, vm: number, gfn: number): boolean {
  const { rows } = linux.vms;
  return rows.get(vm, 'in progress') > 0 && gfn >= rows.get(vm, 'begin') && gfn < rows.get(vm, 'end');
}

/** The same, or one has ended since the fault began (mmu_invalidate_retry_gfn). */
const isStale = (machine: Machine, vm: number, gfn: number, seq: number) =>
  isCovered(machine, vm, gfn) || machine.linux.vms.rows.get(vm, 'invalidate seq') !== seq;

/** Faults of this guest are served from the slot's file, whatever its privacy. */
const usesGmem = ({ linux }: Machine, slot: number, isPrivate: boolean) =>
  isPrivate ||
  linux.vms.has(slot, MEMSLOT_GMEM_ONLY) ||
  (linux.arch === 'arm64' && isOrdinaryGmem({ linux } as Machine, slot));

const isOrdinaryGmem = ({ linux }: Machine, slot: number) =>
  linux.vms.has(slot, KVM_MEM_GUEST_MEMFD) && !linux.platformOf(linux.vms.vmOfSlot(slot)).privateMemory;

/**
 * Resolves a fault. 0: the guest goes on (output 0 is RET_PF_RETRY if nothing was mapped). EXIT_TO_USER: as the run page
 * says. A negative errno or SIGBUS ends KVM_RUN with it, and with an exit if the run page has one.
 */
const pageFault = (name: string, reference: string): Flow =>
  flow({
    name,
    reference,
    params: ['vcpu', 'gpa', 'access', 'isPrivate', 'prefault'],
    locals: LOCALS,
    steps: {
      mmu_invalidate_seq: {
        text: 'x86: fault.error_code = error_code, fault.is_private = error_code & PFERR_PRIVATE_ACCESS; fault->mmu_seq = vcpu->kvm->mmu_invalidate_seq; smp_rmb()',
        run(f) {
          const { vms, pageSize, profile, arch } = f.machine.linux;
          if (arch === 'x86') {
            f.error_code = errorCode(f.machine, f.access, f.isPrivate === 1);
            if (profile.faultErrorCode === 64) f.isPrivate = isPrivateAccess(f.error_code) ? 1 : 0;
          }
          f.vm = vms.vcpus.get(f.vcpu, 'vm');
          f.gfn = Math.floor(f.gpa / pageSize);
          f.slot = vms.slotAt(f.vm, f.gfn);
          f.seq = vms.rows.get(f.vm, 'invalidate seq');
        },
      },
      kvm_mem_is_private: {
        text: 'if (fault->is_private != kvm_mem_is_private(kvm, fault->gfn)) { kvm_mmu_prepare_memory_fault_exit(vcpu, fault); return -EFAULT; }',
        run(f) {
          const { linux } = f.machine;
          if (!linux.platformOf(f.vm).privateMemory) return;
          const tracked = linux.isPrivate(f.vm, f.gfn, f.slot);
          // Without a slot there is no file to ask: what the guest says stands.
          if (tracked === (f.isPrivate === 1) || (linux.gmem.hasAttributes && f.slot < 0)) return;
          memoryFaultExit(f.machine, f.vcpu, f.gfn, f.isPrivate === 1);
          f.return(-ERRNO.EFAULT);
        },
      },
      kvm_faultin_pfn: {
        text: 'if (!slot) return kvm_handle_noslot_fault(vcpu, fault, access); if (slot->flags & KVM_MEMSLOT_INVALID) return RET_PF_RETRY',
        run(f) {
          const { vms, arch } = f.machine.linux;
          if (f.slot < 0) {
            if (f.prefault === 1) return f.return(-ERRNO.ENOENT);
            if (f.isPrivate === 1) {
              memoryFaultExit(f.machine, f.vcpu, f.gfn, true);
              return f.return(-ERRNO.EFAULT);
            }
            if (f.access === ACCESS_EXEC && arch === 'arm64') return f.return(-ERRNO.ENOEXEC);
            mmioExit(f.machine, f.vcpu, f.gpa, accessSize(f.machine, f.vcpu), f.access === ACCESS_WRITE);
            return f.return(EXIT_TO_USER);
          }
          if (vms.has(f.slot, MEMSLOT_INVALID)) {
            if (f.prefault === 1 && f.machine.linux.profile.preFault === 'EAGAIN') return f.return(-ERRNO.EAGAIN);
            return f.wait();
          }
          // While an invalidation goes on the kernel tries again and again; here the fault waits for its end.
          if (isCovered(f.machine, f.vm, f.gfn)) return f.wait();
          if (vms.rows.get(f.vm, 'invalidate seq') !== f.seq) return f.return(0, RET_PF_RETRY);
          if (!usesGmem(f.machine, f.slot, f.isPrivate === 1)) f.goto('hva_to_pfn');
        },
      },
      kvm_gmem_get_pfn: {
        text: 'if (!kvm_slot_has_gmem(slot)) return -EFAULT with a memory fault exit; r = kvm_gmem_get_pfn(kvm, slot, gfn, &pfn, …)',
        run(f) {
          if (f.machine.linux.vms.has(f.slot, KVM_MEM_GUEST_MEMFD)) return f.call(getPfn, [f.slot, f.gfn]);
          memoryFaultExit(f.machine, f.vcpu, f.gfn, f.isPrivate === 1);
          f.return(-ERRNO.EFAULT);
        },
      },
      gmem_pfn: {
        text: 'if (r) { kvm_mmu_prepare_memory_fault_exit(vcpu, fault); return r; }',
        run(f) {
          if (f.result < 0) {
            memoryFaultExit(f.machine, f.vcpu, f.gfn, f.isPrivate === 1);
            return f.return(f.result);
          }
          f.pfn = f.output(0);
          f.writable = 1;
          f.goto('mmu_lock');
        },
      },
      hva_to_pfn: {
        text: 'fault->pfn = kvm_follow_pfn(&kfp): the page at the slot’s user address',
        run(f) {
          const { linux } = f.machine;
          const { vms } = linux;
          const isWrite = f.access === ACCESS_WRITE;
          if (isWrite && vms.has(f.slot, KVM_MEM_READONLY)) {
            mmioExit(f.machine, f.vcpu, f.gpa, accessSize(f.machine, f.vcpu), true);
            return f.return(EXIT_TO_USER);
          }
          const process = vms.rows.get(f.vm, 'process');
          const page = hostPage(f.machine, f.slot, f.gfn);
          f.pfn = reach(f.machine, process, page, isWrite);
          if (f.pfn === 0) return f.call(handleMmFault, [process, page, isWrite ? 1 : 0]);
          f.writable = pteWritable(linux.spaces.pte(process, page)) && !vms.has(f.slot, KVM_MEM_READONLY) ? 1 : 0;
          linux.folios.count(linux.folios.head(f.pfn), 'transient', 1);
          f.goto('mmu_lock');
        },
      },
      hva_to_pfn_slow: {
        text: 'if (is_error_noslot_pfn(pfn)) return kvm_handle_error_pfn(vcpu, fault)',
        run(f) {
          if (f.result === 0) f.goto('hva_to_pfn');
          else f.return(f.result === SIGBUS ? SIGBUS : -ERRNO.EFAULT);
        },
      },
      mmu_lock: {
        text: 'read_lock(&kvm->mmu_lock); if (is_page_fault_stale(vcpu, fault)) goto out_unlock',
        run(f) {
          if (!isStale(f.machine, f.vm, f.gfn, f.seq)) return mmuReadLock(f.machine, f.vm);
          f.retry = RET_PF_RETRY;
          f.goto('kvm_release_page');
        },
      },
      kvm_mmu_map: {
        text: 'r = kvm_tdp_mmu_map(vcpu, fault) or kvm_pgtable_stage2_map(…)',
        run(f) {
          const { hooks } = f.machine.linux.platformOf(f.vm);
          if (f.isPrivate === 1 && hooks.mapPrivate) return f.call(hooks.mapPrivate, [f.vm, f.gfn, f.pfn, 0]);
          if (f.isPrivate === 0 && hooks.mapShared) return f.call(hooks.mapShared, [f.vm, f.gfn, f.pfn, f.writable]);
          f.command(map, [f.vm, f.gfn, f.pfn, f.isPrivate, f.writable]);
        },
      },
      mapped: {
        text: 'out_unlock: read_unlock(&kvm->mmu_lock)',
        run(f) {
          const { linux } = f.machine;
          mmuReadUnlock(f.machine, f.vm);
          f.ret = f.result;
          const keeps = linux.profile.mappingsHoldReferences && linux.platformOf(f.vm).twoHalves && f.isPrivate === 1;
          // The hook says in output 0 that another vCPU had mapped it.
          if (keeps && f.ret === 0 && f.output(0) === 0) linux.folios.count(linux.folios.head(f.pfn), 'kvm', 1);
        },
      },
      kvm_release_page: {
        text: 'kvm_mmu_finish_page_fault(vcpu, fault, r): kvm_release_faultin_page(…)',
        run(f) {
          if (dropLookup(f.machine, f.pfn)) f.call(folioPut, [f.machine.linux.folios.head(f.pfn)]);
        },
      },
      done: {
        text: 'return r',
        run: (f) => f.return(f.ret, f.retry),
      },
    },
  });

/** The page of the VMM's address space that a slot shows at a guest frame. */
function hostPage({ linux }: Machine, slot: number, gfn: number): number {
  const { slots } = linux.vms;
  return slots.get(slot, 'hva') / linux.pageSize + gfn - slots.get(slot, 'base');
}

/** Bytes that the pending access of a vCPU is about, as an exit reports them. */
function accessSize({ linux }: Machine, vcpu: number): number {
  const { vcpus } = linux.vms;
  const operation = vcpus.get(vcpu, 'pending');
  return operation === 1 ? vcpus.get(vcpu, 'register 1') : operation === 2 ? vcpus.get(vcpu, 'register 2') : 8;
}

export const tdpPageFault: Flow = pageFault('kvm_tdp_page_fault', 'arch/x86/kvm/mmu/mmu.c');
export const guestAbort: Flow = pageFault('kvm_handle_guest_abort', 'arch/arm64/kvm/mmu.c: gmem_abort, user_mem_abort');

/** The fault handler of the architecture. */
export const pageFaultOf = ({ linux }: Machine): Flow => (linux.arch === 'arm64' ? guestAbort : tdpPageFault);
