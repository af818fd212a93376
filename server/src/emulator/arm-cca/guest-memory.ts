// How the guest of a realm reaches memory: through the tables of the RMM, on the PE that its REC runs on.
import { ACCESS_EXEC, ACCESS_WRITE, PRIVATE_HALF } from '../kvm/platform.ts';
import { piece } from '../linux/piece.ts';
import type { Machine } from '../machine.ts';
import type { MachineOperation } from '../operation.ts';
import { interrupt, isExit, reach } from '../rmm/guest/actions.ts';
import type { Guest } from '../rmm/guest/guest.ts';
import { translate } from '../rmm/guest/memory.ts';
import { entryRipas, isAssigned, isAssignedNs } from '../rmm/rtt-entry.ts';
import { isCreated, RMM_RTT_MAX_LEVEL, rdOf, sharedBit, vmOf } from './host.ts';

/** The REC of a vCPU while it runs; `undefined` while it does not. */
export function guestOf({ rmm, cca }: Machine, vcpu: number): Guest | undefined {
  const pa = cca.recs.get(vcpu, 'rec');
  if (pa === 0) return undefined;
  const rec = rmm.granules.row(pa);
  const running = rmm.recs.get(rec, 'running');
  return running === 0 ? undefined : { rmm, rec, pe: running - 1 };
}

/** What the guest did is not over: an exit interrupted it, and the next entry does it again. */
export function isInterrupted({ rmm, cca }: Machine, vcpu: number): boolean {
  return rmm.recs.get(rmm.granules.row(cca.recs.get(vcpu, 'rec')), 'interrupted') !== 0;
}

/** The last exit was for an access of the shared half that the host may emulate. */
export function isEmulatable({ rmm, cca }: Machine, vcpu: number): boolean {
  return rmm.recs.get(rmm.granules.row(cca.recs.get(vcpu, 'rec')), 'abort_esr') !== 0;
}

/** The PA that an access reaches; 0 if the REC has exited because of it, -1 if the guest took an exception. */
export function reachFromRealm(
  machine: Machine,
  vcpu: number,
  gpa: number,
  access: number,
  isPrivate: boolean,
): number {
  const guest = guestOf(machine, vcpu);
  if (!guest) return 0;
  const shared = sharedBit(machine, vmOf(machine, vcpu));
  const ipa = (gpa % shared) + (isPrivate ? 0 : shared);
  const kind = access === ACCESS_WRITE ? 'write' : access === ACCESS_EXEC ? 'fetch' : 'read';
  const found = translate(guest, ipa, kind);
  if ('pa' in found) return found.pa;
  return isExit(reach(guest, kind, machine.pages.words.number(BigInt(ipa)))) ? 0 : -1;
}

/** Whether the tables of the RMM let a realm through at an address of one half; the cell is that of the entry. */
export function mappedInRealm(machine: Machine, vm: number, gpa: number, half: number): { is: boolean; cell: number } {
  const { rmm, linux } = machine;
  if (!isCreated(machine, vm)) return { is: false, cell: linux.vms.rows.cell(vm, 'object') };
  const shared = sharedBit(machine, vm);
  const isPrivate = half === PRIVATE_HALF;
  const ipa = (gpa % shared) + (isPrivate ? 0 : shared);
  const realm = rmm.granules.row(rdOf(machine, vm));
  const { rtt, index, entry } = rmm.rtts.walk(realm, ipa, RMM_RTT_MAX_LEVEL, { rtt: 0, level: 0, index: 0, entry: 0 });
  const is = isPrivate ? isAssigned(entry) && entryRipas(entry) === 'RAM' : isAssignedNs(entry);
  return { is, cell: rmm.rtts.entryCell(rtt, index) };
}

/** Ends the run of a REC that has nothing more to do. */
export const kick: MachineOperation = {
  ...piece({
    name: 'kvm_vcpu_kick',
    summary: 'A physical interrupt ends the run of a REC.',
    reference: 'virt/kvm/kvm_main.c: kvm_vcpu_kick',
    params: { vcpu: 'the vCPU' },
    effects: ['the REC exits with RMI_EXIT_IRQ'],
    since: 'linux/cca-v9',
    call(machine, [vcpu = 0]) {
      const guest = guestOf(machine, vcpu);
      if (guest) interrupt(guest, 'IRQ');
      return 0;
    },
  }),
  // The exit that it causes is written by the RMM.
  actor: 'CPU',
};
