// KVM_RUN: lets a vCPU go on until something needs user space.
import { type Flow, flow } from '../flow.ts';
import { firstFailure, systemCall } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';
import { GUEST_OPERATIONS as REALM_ACTIONS } from '../rmm/guest/operations.ts';
import { vcpuParameter } from './create.ts';
import {
  clearExit,
  KVM_EXIT_INTERNAL_ERROR,
  KVM_EXIT_MMIO,
  KVM_MEMORY_EXIT_FLAG_PRIVATE,
  runCode,
  runForm,
} from './exits.ts';
import { EXIT_TO_USER, pageFaultOf } from './fault.ts';
import { privateUnmapped, vcpuAlive } from './gates.ts';
import type { GuestAction } from './guest.ts';
import { GUEST_FAULTED, GUEST_OPERATIONS } from './guest-access.ts';
import { GUEST_DONE, GUEST_EXIT, GUEST_FAULT, GUEST_IDLE } from './platform.ts';

const REGISTERS = ['register 0', 'register 1', 'register 2', 'register 3', 'register 4'] as const;

/** What the vCPU does next: the action that is pending, or a new one, which becomes pending. */
function nextAction(machine: Machine, vcpu: number): GuestAction | undefined {
  const { vcpus } = machine.linux.vms;
  const pending = vcpus.get(vcpu, 'pending');
  if (pending !== 0) {
    const operation = GUEST_OPERATIONS[pending - 1] as GuestAction['operation'];
    return { operation, registers: REGISTERS.map((column) => vcpus.get(vcpu, column)) };
  }
  const action = machine.guest.next(machine, vcpu);
  if (!action) return undefined;
  vcpus.set(vcpu, 'pending', GUEST_OPERATIONS.indexOf(action.operation) + 1);
  REGISTERS.forEach((column, i) => {
    vcpus.set(vcpu, column, action.registers[i] ?? 0);
  });
  return action;
}

/** The pending action is over. */
export function finishAction({ linux: { vms } }: Machine, vcpu: number): void {
  vms.vcpus.set(vcpu, 'pending', 0);
  vms.vcpus.set(vcpu, 'done bytes', 0);
}

/** Registers that an operation has, and the vCPU behind them. */
const withVcpu = ({ operation, registers }: GuestAction, vcpu: number) => {
  const count = operation.params.reduce((sum, { type }) => sum + (type === 'range' ? 2 : 1), 0);
  return [...registers.slice(0, count), vcpu];
};

const runChecks = [vcpuAlive, privateUnmapped];

const vcpuIoctlRun: Flow = flow({
  name: 'kvm_arch_vcpu_ioctl_run',
  reference: 'arch/x86/kvm/x86.c; arch/arm64/kvm/arm.c',
  params: ['vcpu'],
  locals: { vcpu: 'number', vm: 'number', ret: 'errno' },
  steps: {
    kvm_vcpu_ioctl: {
      text: 'if (vcpu->kvm->mm != current->mm || vcpu->kvm->vm_dead) return -EIO; the alternative: while a private page is mapped, -EBUSY',
      run(f) {
        const failed = firstFailure(runChecks, f.machine, [f.vcpu]);
        if (failed !== 0) return f.return(failed);
        const { vcpus } = f.machine.linux.vms;
        f.vm = vcpus.get(f.vcpu, 'vm');
        if (vcpus.get(f.vcpu, 'exit reason') === KVM_EXIT_MMIO) finishAction(f.machine, f.vcpu);
        clearExit(f.machine, f.vcpu);
        const hook = f.machine.linux.platformOf(f.vm).hooks.run;
        if (hook) f.call(hook, [f.vcpu]);
        else f.goto('vcpu_enter_guest');
      },
    },
    kvm_arch_vcpu_run_pid_change: {
      text: 'if (ret) return ret',
      run(f) {
        if (f.result === 0) return;
        f.ret = f.result;
        f.goto('out');
      },
    },
    vcpu_enter_guest: {
      text: 'r = vcpu_enter_guest(vcpu)',
      run(f) {
        const hook = f.machine.linux.platformOf(f.vm).hooks.enter;
        if (hook) return f.call(hook, [f.vcpu], 'entered');
        const action = nextAction(f.machine, f.vcpu);
        if (action) return f.command(action.operation, withVcpu(action, f.vcpu), 'exit_fastpath');
        const { vms, arch } = f.machine.linux;
        if (arch === 'x86' && vms.rows.get(f.vm, 'slots 0') === 0) {
          vms.vcpus.set(f.vcpu, 'exit reason', KVM_EXIT_INTERNAL_ERROR);
        }
        f.goto('out');
      },
    },
    entered: {
      text: 'exit_fastpath = the platform’s own entry',
      run(f) {
        if (f.result === GUEST_DONE) return f.goto('vcpu_enter_guest');
        if (f.result === GUEST_FAULT) {
          return f.call(pageFaultOf(f.machine), [f.vcpu, f.output(0), f.output(1), f.output(2), 0], 'handled');
        }
        if (f.result !== GUEST_IDLE && f.result !== GUEST_EXIT) f.ret = f.result;
        f.goto('out');
      },
    },
    exit_fastpath: {
      text: 'the instruction is done, or it faulted',
      run(f) {
        if (f.result !== GUEST_FAULTED) {
          finishAction(f.machine, f.vcpu);
          const exits = f.machine.linux.vms.vcpus.get(f.vcpu, 'exit reason') !== 0;
          return f.goto(exits ? 'out' : 'vcpu_enter_guest');
        }
        f.call(pageFaultOf(f.machine), [f.vcpu, f.output(0), f.output(1), f.output(2), 0], 'handled');
      },
    },
    handled: {
      text: 'r = kvm_x86_call(handle_exit)(vcpu, exit_fastpath); if (r > 0) enter again',
      run(f) {
        if (f.result === 0) return f.goto('vcpu_enter_guest');
        f.ret = f.result === EXIT_TO_USER ? 0 : f.result;
      },
    },
    out: {
      text: 'vcpu_put(vcpu); return r',
      run(f) {
        const { vcpus } = f.machine.linux.vms;
        const get = (column: 'gpa' | 'flags' | 'size' | 'len' | 'is_write') => vcpus.get(f.vcpu, column);
        const code = runCode(vcpus.get(f.vcpu, 'exit reason'), f.ret);
        f.return(code, get('gpa'), get('flags'), get('size'), get('len'), get('is_write'));
      },
    },
  },
});

const field = (name: string, text: string) => ({ name, type: 'u64', valid: 'always', text }) as const;

export const kvmRun = {
  ...systemCall({
    name: 'KVM_RUN',
    since: 'linux/6.8',
    summary: 'Lets a vCPU run: the lines below say what its guest does.',
    reference: 'Documentation/virt/kvm/api.rst, 4.10; arch/x86/kvm/x86.c: kvm_arch_vcpu_ioctl_run',
    params: [vcpuParameter],
    outputs: [
      field('gpa', 'KVM_EXIT_MEMORY_FAULT and KVM_EXIT_MMIO: the guest physical address'),
      {
        ...field('flags', 'KVM_EXIT_MEMORY_FAULT: KVM_MEMORY_EXIT_FLAG_PRIVATE if the access was private'),
        type: 'flags',
        flags: { KVM_MEMORY_EXIT_FLAG_PRIVATE, PRIVATE: KVM_MEMORY_EXIT_FLAG_PRIVATE },
      },
      field('size', 'KVM_EXIT_MEMORY_FAULT: bytes concerned'),
      field('len', 'KVM_EXIT_MMIO: bytes of the access'),
      field('is_write', 'KVM_EXIT_MMIO: 1 for a store'),
    ],
    errors: [],
    form: runForm,
    checks: runChecks,
    effects: [
      'an access that exits stays pending and is tried again by the next KVM_RUN; one that exited with KVM_EXIT_MMIO is over',
      '0 when the guest has nothing more to do',
    ],
    flow: vcpuIoctlRun,
  }),
  // What only realms do, and what any guest does.
  guest: new Map([
    ...REALM_ACTIONS,
    ...GUEST_OPERATIONS.map((operation): [string, GuestAction['operation']] => [operation.name, operation]),
  ]),
};

/** The VMM changes the registers of a vCPU: what it was about to do again is forgotten. */
const setRegs: Flow = flow({
  name: 'kvm_arch_vcpu_ioctl_set_regs',
  reference: 'arch/x86/kvm/x86.c',
  params: ['vcpu'],
  locals: { vcpu: 'number' },
  steps: {
    __set_regs: {
      text: 'kvm_rip_write(vcpu, regs->rip)',
      run(f) {
        const failed = firstFailure([vcpuAlive], f.machine, [f.vcpu]);
        if (failed === 0) finishAction(f.machine, f.vcpu);
        f.return(failed);
      },
    },
  },
});

export const setRegisters = systemCall({
  name: 'KVM_SET_REGS',
  since: 'linux/6.8',
  summary: 'Lets a vCPU go on somewhere else: the access that was pending is not tried again.',
  reference: 'Documentation/virt/kvm/api.rst, 4.12',
  params: [vcpuParameter],
  errors: ['EIO'],
  checks: [vcpuAlive],
  effects: ['nothing is pending on the vCPU'],
  flow: setRegs,
});
