// Two actors at once: every interleaving of a guest's fault with what the VMM does meanwhile.
import { expect, test } from 'vitest';
import { fallocate } from '../../../server/src/emulator/guest-memfd/fallocate.ts';
import { type FlowOperation, isReference } from '../../../server/src/emulator/index.ts';
import { setMemoryAttributes } from '../../../server/src/emulator/kvm/attributes.ts';
import { guestRead } from '../../../server/src/emulator/kvm/guest-access.ts';
import { kvmRun } from '../../../server/src/emulator/kvm/run.ts';
import { linuxViolations } from '../../../server/src/emulator/linux/invariants.ts';
import { KernelScript, kernel } from '../kernel-script.ts';

const GPA = 0xc000_0000;
const SETUP = `
v := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
c := KVM_CREATE_VCPU(v)
m := mmap_anon(4K)
write(m[0], 0x11)
g := KVM_CREATE_GUEST_MEMFD(v, 4K)
KVM_SET_USER_MEMORY_REGION2(v, slot=1, gpa=0xc0000000, size=4K, hva=m[0], gmem=g[0])`;

const VMM = 0;
const GUEST = 1;

/** What came of every interleaving, each outcome once: values that the guest read or the exit, and the attribute at the end. */
function outcomes(setup: string, operation: FlowOperation, registers: readonly number[]): string[] {
  const script = new KernelScript(kernel('linux/6.18'));
  script.transcript(setup);
  const { machine } = script;
  const { store, flows } = machine;
  const counter = { asked: 0 };
  machine.guest = {
    next: () => (counter.asked++ === 0 ? { operation: guestRead, registers: [GPA, 8, 2] } : undefined),
  };
  flows.start(VMM, operation.flow, registers);
  flows.start(GUEST, kvmRun.flow, [1]);
  const start = store.commit();
  const found = new Set<string>();
  const visited = new Set<string>();

  const explore = (moment: number, read: string, asked: number): void => {
    let progressed = false;
    for (const actor of [VMM, GUEST]) {
      store.seek(moment);
      counter.asked = asked;
      if (flows.depth(actor) === 0) continue;
      const event = flows.step(actor);
      if (event.waiting) continue;
      progressed = true;
      const next = store.commit();
      expect(linuxViolations(machine, store.writesOf(next), event.command?.operation)).toEqual([]);
      const access = event.command?.operation === guestRead && event.command.code >= 0 ? event.command.code : undefined;
      const ended =
        actor === GUEST && event.ended !== undefined && event.ended !== 0 ? kvmRun.form.text(event.ended) : '';
      const said = read + (access === undefined || isReference(access) ? '' : ` read 0x${access.toString(16)}`) + ended;
      const state = `${store.hash} ${said} ${counter.asked}`;
      if (visited.has(state)) continue;
      visited.add(state);
      explore(next, said, counter.asked);
    }
    store.seek(moment);
    if (progressed) return;
    expect([flows.depth(VMM), flows.depth(GUEST)]).toEqual([0, 0]);
    const { vms } = machine.linux;
    found.add(`${read.trim()}; ${vms.attribute(1, GPA / 4096) === 1 ? 'private' : 'shared'}`);
  };
  explore(start, '', 0);
  return [...found].sort();
}

test('a conversion during a fault: the guest reads one store or the other, or asks again', () => {
  expect(outcomes(SETUP, setMemoryAttributes, [1, GPA, 4096, 8, 0])).toEqual([
    'KVM_EXIT_MEMORY_FAULT; private',
    'read 0x0; private',
    'read 0x11; private',
  ]);
});

test('a hole during a private fault: the guest always reads zeros', () => {
  const setup = `${SETUP}\nKVM_SET_MEMORY_ATTRIBUTES(v, 0xc0000000 +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE)`;
  expect(outcomes(setup, fallocate, [1, 3, 0, 4096])).toEqual(['read 0x0; private']);
});
