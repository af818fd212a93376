// The error code of an x86 fault: with all its bits the handler reads from it whether the access was private.
import { describe, expect, test } from 'vitest';
import { guestFetch, guestRead, guestWrite } from '../../../server/src/emulator/kvm/guest-access.ts';
import { kvmRun } from '../../../server/src/emulator/kvm/run.ts';
import type { MachineOperation } from '../../../server/src/emulator/operation.ts';
import { KernelScript, kernel } from '../kernel-script.ts';

const GPA = 0xc000_0000;

/** What the fault handler has in its locals once it knows what the fault is: the error code, and whether it is private. */
function faulted(profile: string, type: string, isPrivate: boolean, operation: MachineOperation): string {
  const script = new KernelScript(kernel(profile));
  script.transcript(`v := KVM_CREATE_VM(${type})
c := KVM_CREATE_VCPU(v)
m := mmap_anon(4K)
g := KVM_CREATE_GUEST_MEMFD(v, 4K)
KVM_SET_USER_MEMORY_REGION2(v, slot=1, gpa=0xc0000000, size=4K, hva=m[0], gmem=g[0])
${isPrivate ? 'KVM_SET_MEMORY_ATTRIBUTES(v, 0xc0000000 +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE)' : ''}`);
  const { machine } = script;
  const registers = operation.params.flatMap(({ initial = [0] }) => initial).with(0, GPA);
  let asked = 0;
  machine.guest = { next: () => (asked++ === 0 ? { operation, registers } : undefined) };
  machine.flows.start(0, kvmRun.flow, [1]);
  for (let steps = 0; steps < 100; steps++) {
    machine.flows.step(0);
    const frame = machine.flows.stack(0).find(({ flow }) => flow.name === 'kvm_tdp_page_fault');
    if (frame && frame.step !== 'mmu_invalidate_seq') {
      const { error_code: code = 0, isPrivate: found } = frame.locals;
      return `0x${code.toString(16)} ${found === 1 ? 'private' : 'shared'}`;
    }
  }
  throw new Error('no fault');
}

describe.each(['linux/6.11', 'linux/hooks-v1'])('%s: 64 bits', (profile) => {
  test('KVM sets PFERR_PRIVATE_ACCESS for a software-protected VM from the attributes', () => {
    const found = (isPrivate: boolean, operation: MachineOperation) =>
      faulted(profile, 'KVM_X86_SW_PROTECTED_VM', isPrivate, operation);
    expect(found(true, guestRead)).toBe('0x2000000000004 private');
    expect(found(true, guestWrite)).toBe('0x2000000000002 private');
    expect(found(true, guestFetch)).toBe('0x2000000000010 private');
    expect(found(false, guestWrite)).toBe('0x2 shared');
  });
});

test('linux/6.8: 32 bits say nothing of it, and the handler asks the VM', () => {
  expect(faulted('linux/6.8', 'KVM_X86_SW_PROTECTED_VM', true, guestWrite)).toBe('0x2 private');
});

test('a VM without private memory never has the bit', () => {
  expect(faulted('linux/6.18', 'KVM_X86_DEFAULT_VM', false, guestRead)).toBe('0x4 shared');
});
