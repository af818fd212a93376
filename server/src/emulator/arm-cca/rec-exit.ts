// Why a REC exited, and what KVM does about it.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { EXITS, KVM_EXIT_INTERNAL_ERROR, KVM_EXIT_MEMORY_FAULT, KVM_MEMORY_EXIT_FLAG_PRIVATE } from '../kvm/exits.ts';
import {
  ACCESS_EXEC,
  ACCESS_READ,
  ACCESS_WRITE,
  GUEST_DONE,
  GUEST_EXIT,
  GUEST_FAULT,
  GUEST_IDLE,
} from '../kvm/platform.ts';
import { warn } from '../linux/pieces.ts';
import type { Machine } from '../machine.ts';
import { type ExitRecord, readExit } from '../rmm/guest/exit.ts';
import { recIndex } from '../rmm/mpidr.ts';
import { PSCI } from '../rmm/psci.ts';
import { RIPAS } from '../rmm/rtt-entry.ts';
import { sharedBit, vmOf } from './host.ts';
import { psciComplete } from './rmi.ts';

/** Exception classes of exits, and the bit that says that a data abort was a store. */
const EC_SHIFT = 26n;
const EC_WFX = 0x01n;
const EC_IABT_LOW = 0x20n;
const EC_DABT_LOW = 0x24n;
const WNR = 0x40n;

const { KVM_EXIT_INTR = 0, KVM_EXIT_SYSTEM_EVENT = 0 } = EXITS;

/** REC_ENTER_FLAG_RIPAS_RESPONSE: the host rejects what the realm asked for. */
const RIPAS_RESPONSE_REJECT = 16;

/** After this many exits in a row at one IPA a signal ends KVM_RUN: nothing that the host does helps. */
const MOST_SPINS = 8;

export const exitOf = (machine: Machine, vcpu: number): ExitRecord =>
  readExit(machine, machine.cca.recs.get(vcpu, 'run'));

/** The vCPU whose REC has the affinity that a PSCI call names; 0 if there is none. */
function vcpuWith({ linux: { vms } }: Machine, vm: number, mpidr: bigint): number {
  for (let vcpu = 1; vcpu <= vms.vcpus.last; vcpu++) {
    if (vms.vcpus.get(vcpu, 'vm') === vm && vms.vcpus.get(vcpu, 'id') === recIndex(mpidr)) return vcpu;
  }
  return 0;
}

/** The PSCI calls that name another REC, which the RMM wants the host to point out. */
const NEEDS_TARGET: ReadonlySet<number> = new Set([
  PSCI.CPU_ON,
  PSCI.CPU_ON_32,
  PSCI.AFFINITY_INFO,
  PSCI.AFFINITY_INFO_32,
]);
const isCpuOn = (fid: number) => fid === PSCI.CPU_ON || fid === PSCI.CPU_ON_32;

/** The fault of an abort: guest physical address, kind of access, 1 if it was to the private half. */
function faultOf(machine: Machine, vcpu: number, exit: ExitRecord): [gpa: number, access: number, isPrivate: number] {
  const shared = sharedBit(machine, vmOf(machine, vcpu));
  const ipa = Number(exit.hpfar >> 4n) * 4096 + Number(exit.far % 4096n);
  const isFetch = exit.esr >> EC_SHIFT === EC_IABT_LOW;
  const isWrite = (exit.esr & WNR) !== 0n;
  const access = isFetch ? ACCESS_EXEC : isWrite ? ACCESS_WRITE : ACCESS_READ;
  return [ipa % shared, access, ipa < shared ? 1 : 0];
}

/** Whether the guest exits again and again at one IPA. */
function spins({ cca }: Machine, vcpu: number, exit: ExitRecord): boolean {
  const at = Number(exit.hpfar) + 1;
  const isSame = cca.recs.get(vcpu, 'spinning at') === at;
  cca.recs.set(vcpu, 'spinning at', at);
  cca.recs.set(vcpu, 'spins', isSame ? cca.recs.get(vcpu, 'spins') + 1 : 0);
  return cca.recs.get(vcpu, 'spins') >= MOST_SPINS;
}

/** The guest got on: what it does next is a new attempt. */
export function gotOn({ cca }: Machine, vcpu: number): void {
  cca.recs.set(vcpu, 'spinning at', 0);
  cca.recs.set(vcpu, 'spins', 0);
}

/** Ends as an `enter` hook does. */
export const handleRecExit: Flow = flow({
  name: 'handle_rec_exit',
  reference: 'arch/arm64/kvm/rme-exit.c, CCA host series v9',
  params: ['vcpu'],
  locals: { vcpu: 'number', fid: 'number', target: 'number' },
  steps: {
    exit_reason: {
      text: 'switch (rec->run->exit.exit_reason)',
      run(f) {
        const exit = exitOf(f.machine, f.vcpu);
        switch (exit.reason) {
          case 'SYNC':
            return f.goto('rec_exit_sync');
          case 'IRQ':
          case 'FIQ':
            return f.return(GUEST_DONE);
          case 'PSCI':
            return f.goto('rec_exit_psci');
          case 'RIPAS_CHANGE':
            return f.goto('rec_exit_ripas_change');
          case 'HOST_CALL':
            return f.goto('rec_exit_host_call');
          case 'SERROR':
            f.machine.linux.vms.vcpus.set(f.vcpu, 'exit reason', KVM_EXIT_INTERNAL_ERROR);
            return f.return(GUEST_EXIT);
        }
      },
    },
    rec_exit_sync: {
      text: 'case RMI_EXIT_SYNC: vcpu->arch.fault.hpfar_el2 = rec->run->exit.hpfar; return rec_exit_handlers[esr_ec](vcpu)',
      run(f) {
        const exit = exitOf(f.machine, f.vcpu);
        const ec = exit.esr >> EC_SHIFT;
        if (ec === EC_WFX) return f.return(GUEST_DONE);
        if (ec !== EC_DABT_LOW && ec !== EC_IABT_LOW) return f.return(-ERRNO.ENXIO);
        if (!spins(f.machine, f.vcpu, exit)) return f.return(GUEST_FAULT, ...faultOf(f.machine, f.vcpu, exit));
        gotOn(f.machine, f.vcpu);
        f.machine.linux.vms.vcpus.set(f.vcpu, 'exit reason', KVM_EXIT_INTR);
        f.return(-ERRNO.EINTR);
      },
    },
    rec_exit_ripas_change: {
      text: 'case RMI_EXIT_RIPAS_CHANGE: exit to the VMM, the actual RIPAS change is done on next entry: kvm_prepare_memory_fault_exit(vcpu, base, top - base, false, false, ripas == RMI_RAM); return -EFAULT',
      run(f) {
        const { ripas_base, ripas_top, ripas_value } = exitOf(f.machine, f.vcpu);
        const shared = sharedBit(f.machine, vmOf(f.machine, f.vcpu));
        if (Number(ripas_base) >= shared || Number(ripas_top) > shared) {
          f.machine.cca.recs.set(f.vcpu, 'flags', RIPAS_RESPONSE_REJECT);
          return f.return(-ERRNO.EINVAL);
        }
        const { vcpus } = f.machine.linux.vms;
        const isPrivate = Number(ripas_value) === RIPAS.indexOf('RAM');
        vcpus.set(f.vcpu, 'exit reason', KVM_EXIT_MEMORY_FAULT);
        vcpus.set(f.vcpu, 'gpa', Number(ripas_base));
        vcpus.set(f.vcpu, 'size', Number(ripas_top - ripas_base));
        vcpus.set(f.vcpu, 'flags', isPrivate ? KVM_MEMORY_EXIT_FLAG_PRIVATE : 0);
        f.return(-ERRNO.EFAULT);
      },
    },
    rec_exit_host_call: {
      text: 'case RMI_EXIT_HOST_CALL: vcpu_set_reg(vcpu, i, rec->run->exit.gprs[i]); return kvm_smccc_call_handler(vcpu): no such function',
      run: (f) => f.return(GUEST_DONE),
    },
    rec_exit_psci: {
      text: 'case RMI_EXIT_PSCI: vcpu_set_reg(vcpu, i, rec->run->exit.gprs[i]); return kvm_smccc_call_handler(vcpu)',
      run(f) {
        const { gprs } = exitOf(f.machine, f.vcpu);
        f.fid = Number(gprs[0] ?? 0n);
        if (NEEDS_TARGET.has(f.fid)) {
          f.target = vcpuWith(f.machine, vmOf(f.machine, f.vcpu), gprs[1] ?? 0n);
          return f.goto('realm_psci_complete');
        }
        if (f.fid === PSCI.CPU_OFF) {
          f.machine.cca.recs.set(f.vcpu, 'stopped', 1);
          return f.return(GUEST_IDLE);
        }
        if (f.fid !== PSCI.SYSTEM_OFF && f.fid !== PSCI.SYSTEM_RESET) return f.return(GUEST_DONE);
        f.machine.linux.vms.vcpus.set(f.vcpu, 'exit reason', KVM_EXIT_SYSTEM_EVENT);
        f.return(GUEST_EXIT);
      },
    },
    realm_psci_complete: {
      text: 'kvm_psci_vcpu_on(vcpu), kvm_psci_vcpu_affinity_info(vcpu): realm_psci_complete(vcpu, target, PSCI_RET_SUCCESS)',
      run(f) {
        const { recs } = f.machine.cca;
        f.command(psciComplete, [recs.get(f.vcpu, 'rec'), recs.get(f.target, 'rec'), PSCI.SUCCESS]);
      },
    },
    completed: {
      text: 'if (ret) return -EINVAL; the target’s thread may enter it',
      run(f) {
        if (f.result !== 0) return f.command(warn, [0], 'refused');
        if (isCpuOn(f.fid)) f.machine.cca.recs.set(f.target, 'stopped', 0);
        f.return(GUEST_DONE);
      },
    },
    refused: { text: 'return -EINVAL', run: (f) => f.return(-ERRNO.EINVAL) },
  },
});
