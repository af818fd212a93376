// Running a vCPU of a realm: its REC is entered, the guest acts, the REC exits.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import type { GuestAction } from '../kvm/guest.ts';
import { GUEST_OPERATIONS as ACCESSES } from '../kvm/guest-access.ts';
import { GUEST_EXIT, GUEST_IDLE } from '../kvm/platform.ts';
import { finishAction } from '../kvm/run.ts';
import type { Machine } from '../machine.ts';
import type { MachineOperation } from '../operation.ts';
import { GUEST_OPERATIONS as REALM_ACTIONS } from '../rmm/guest/operations.ts';
import { guestOf, isEmulatable, isInterrupted, kick } from './guest-memory.ts';
import { REALM_STATE_ACTIVE, realmState, vmOf } from './host.ts';
import { exitOf, gotOn, handleRecExit } from './rec-exit.ts';
import { completeRipasChange } from './ripas.ts';
import { isRealmError, recEnter, returnIndex } from './rmi.ts';

const REGISTERS = ['register 0', 'register 1', 'register 2', 'register 3', 'register 4'] as const;

/** What the guest of a realm may do: accesses as any guest makes them, and what only realms do. */
const ACTIONS: readonly MachineOperation[] = [...ACCESSES, ...REALM_ACTIONS.values()];

/** Fields of the run page, in bytes. */
const ENTER_FLAGS = 0x0;
const ENTER_GPRS = 0x200;
const REC_RUN_GPRS = 31;
const EMUL_MMIO = 1;
/** SMCCC_RET_NOT_SUPPORTED: KVM knows no function that a host call could mean. */
const NOT_SUPPORTED = -1n;

/** The action that is pending, or a new one, which becomes pending. */
function nextAction(machine: Machine, vcpu: number): GuestAction | undefined {
  const { vcpus } = machine.linux.vms;
  const isLeft = machine.guest.leavesUndone?.(machine, vcpu) === true;
  const operation = isLeft ? undefined : ACTIONS[vcpus.get(vcpu, 'pending') - 1];
  if (operation) return { operation, registers: REGISTERS.map((column) => vcpus.get(vcpu, column)) };
  const action = machine.guest.next(machine, vcpu);
  if (!action) return undefined;
  vcpus.set(vcpu, 'done bytes', 0);
  vcpus.set(vcpu, 'pending', ACTIONS.indexOf(action.operation) + 1);
  REGISTERS.forEach((column, i) => {
    vcpus.set(vcpu, column, action.registers[i] ?? 0);
  });
  return action;
}

/** Registers that an operation has; an access of the KVM layer is told the vCPU behind them. */
function registersOf({ operation, registers }: GuestAction, vcpu: number): readonly number[] {
  const count = operation.params.reduce((sum, { type }) => sum + (type === 'range' ? 2 : 1), 0);
  const own = registers.slice(0, count);
  return ACCESSES.includes(operation) ? [...own, vcpu] : own;
}

/** Writes the flags of the next entry, and for a host call the registers that answer it. */
function prepareEntry(machine: Machine, vcpu: number): void {
  const { cca, pages } = machine;
  const run = cca.recs.get(vcpu, 'run');
  const exit = exitOf(machine, vcpu);
  const isMmioDone = machine.linux.vms.vcpus.get(vcpu, 'pending') === 0 && isEmulatable(machine, vcpu);
  const flags = cca.recs.get(vcpu, 'flags') | (isMmioDone ? EMUL_MMIO : 0);
  cca.recs.set(vcpu, 'flags', 0);
  const words: [number, bigint][] = [[ENTER_FLAGS, BigInt(flags)]];
  if (exit.reason === 'HOST_CALL' || exit.reason === 'PSCI') {
    for (let i = 0; i < REC_RUN_GPRS; i++) words.push([ENTER_GPRS + 8 * i, exit.gprs[i] ?? 0n]);
  }
  if (exit.reason === 'HOST_CALL') words.push([ENTER_GPRS, BigInt.asUintN(64, NOT_SUPPORTED)]);
  pages.setBytes(run, pages.contents.rewritten(pages.bytes(run), 0, 0, words));
}

/** The platform’s `enter` hook: goes on until the guest needs the host, or has nothing more to do. */
export const enterRec: Flow = flow({
  name: 'kvm_rec_enter',
  reference: 'arch/arm64/kvm/arm.c, rme.c; CCA host series v9',
  params: ['vcpu'],
  locals: { vcpu: 'number' },
  steps: {
    kvm_rec_pre_enter: {
      text: 'if (kvm_realm_state(vcpu->kvm) != REALM_STATE_ACTIVE) return -EINVAL; switch (rec->run->exit.exit_reason)',
      run(f) {
        const { recs } = f.machine.cca;
        if (guestOf(f.machine, f.vcpu)) return f.goto('guest');
        if (realmState(f.machine, vmOf(f.machine, f.vcpu)) !== REALM_STATE_ACTIVE) return f.return(-ERRNO.EINVAL);
        if (recs.get(f.vcpu, 'stopped') === 1) return f.return(GUEST_IDLE);
        const exit = exitOf(f.machine, f.vcpu);
        if (exit.reason !== 'RIPAS_CHANGE' || recs.get(f.vcpu, 'flags') !== 0) return f.goto('copy_gprs');
        const { ripas_base, ripas_top, ripas_value } = exit;
        f.call(completeRipasChange, [f.vcpu, Number(ripas_base), Number(ripas_top), Number(ripas_value)]);
      },
    },
    copy_gprs: {
      text: 'case RMI_EXIT_HOST_CALL: case RMI_EXIT_PSCI: rec->run->enter.gprs[i] = vcpu_get_reg(vcpu, i)',
      run: (f) => prepareEntry(f.machine, f.vcpu),
    },
    rmi_rec_enter: {
      text: 'ret = rmi_rec_enter(virt_to_phys(rec->rec_page), virt_to_phys(rec->run))',
      run(f) {
        const { recs } = f.machine.cca;
        f.command(recEnter, [recs.get(f.vcpu, 'rec'), recs.get(f.vcpu, 'run')]);
      },
    },
    entered: {
      text: 'if (status == RMI_ERROR_REALM && index == 1) the realm is off: return to user space; if (rec_run_ret) return -ENXIO',
      run(f) {
        if (isRealmError(f.result) && returnIndex(f.result) === 1) f.return(GUEST_EXIT);
        else if (f.result !== 0) f.return(-ERRNO.ENXIO);
        else if (!guestOf(f.machine, f.vcpu)) f.goto('handle_rec_exit');
      },
    },
    guest: {
      text: 'the realm runs',
      run(f) {
        const action = nextAction(f.machine, f.vcpu);
        f.machine.rmm.actingPe = guestOf(f.machine, f.vcpu)?.pe;
        if (action) f.command(action.operation, registersOf(action, f.vcpu));
        else f.command(kick, [f.vcpu], 'idle');
      },
    },
    acted: {
      text: 'it goes on, or exits to the host',
      run(f) {
        f.machine.rmm.actingPe = undefined;
        const runs = guestOf(f.machine, f.vcpu) !== undefined;
        if (runs || !isInterrupted(f.machine, f.vcpu)) {
          finishAction(f.machine, f.vcpu);
          gotOn(f.machine, f.vcpu);
        }
        if (runs) f.goto('guest');
      },
    },
    handle_rec_exit: {
      text: 'ret = handle_rec_exit(vcpu, ret)',
      run: (f) => f.call(handleRecExit, [f.vcpu], 'handled'),
    },
    idle: {
      text: 'case RMI_EXIT_IRQ: the guest has nothing more to do',
      run: (f) => f.return(GUEST_IDLE),
    },
    handled: {
      text: 'return ret',
      run: (f) => f.return(f.result, f.output(0), f.output(1), f.output(2)),
    },
  },
});
