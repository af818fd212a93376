// The invariants of the kernel: each one finds the step that breaks it, and takes nothing else for one.
import { expect, test } from 'vitest';
import { type Frame, flow } from '../../../server/src/emulator/flow.ts';
import { hex } from '../../../server/src/emulator/format.ts';
import { SHARED_HALF } from '../../../server/src/emulator/kvm/platform.ts';
import { OWNER_DETACHED, OWNER_KERNEL } from '../../../server/src/emulator/linux/folios.ts';
import { LINUX_INVARIANTS, linuxViolations } from '../../../server/src/emulator/linux/invariants.ts';
import { copyPage, zero } from '../../../server/src/emulator/linux/pieces.ts';
import { KernelScript, kernel } from '../kernel-script.ts';

/** A guest that wrote its private page 0; page 1 is shared, and the VMM wrote it. */
const SETUP = `
v := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
c := KVM_CREATE_VCPU(v)
g := KVM_CREATE_GUEST_MEMFD(v, 8K, GUEST_MEMFD_FLAG_MMAP)
m := mmap(g, 0 +: 8K)
KVM_SET_USER_MEMORY_REGION2(v, slot=1, gpa=0xc0000000, size=8K, gmem=g[0])
KVM_SET_MEMORY_ATTRIBUTES2(g, 4K +: 4K, 0)
write(m[4K], 7)
KVM_RUN(c)
  < write(0xc0000000, 5)`;

type Broken = Frame<'mine' | 'shared'>;

/** Steps that the kernel does not have, by the invariant that they break; two are what the kernel may do. */
const STEPS: Readonly<Record<string, (f: Broken) => void>> = {
  private_not_mapped: (f) => f.machine.linux.folios.set(f.mine, 'mapcount', 1),
  stage2_has_slot: ({ machine: { linux } }) => linux.vms.cover(linux.vms.slotRow(1, 1), false),
  stage2_has_page: (f) => f.machine.linux.folios.set(f.mine, 'owner', OWNER_DETACHED),
  bindings_disjoint: ({ machine: { linux } }) => linux.gmem.bind(1, 1, 2, linux.vms.slotRow(1, 2)),
  slots_fixed: ({ machine: { linux } }) => linux.vms.slots.set(linux.vms.slotRow(1, 1), 'hva', 4096),
  invalidations_end: ({ machine: { linux } }) => linux.vms.rows.set(1, 'in progress', 1),
  freed_is_hosts(f) {
    const { folios, vms } = f.machine.linux;
    vms.setSpte(1, SHARED_HALF, 0xc0000, 0);
    folios.set(f.mine, 'gets', 1);
    folios.set(f.mine, 'owner', 0);
  },
  counts: (f) => f.machine.linux.folios.set(f.mine, 'pins', -1),
  core_writes: (f) => f.command(copyPage, [f.mine, f.shared]),
  fixed_size: ({ machine: { linux } }) => linux.gmem.inodes.set(1, 'size', 3),
  'a copy to a shared page': (f) => f.command(copyPage, [f.shared, f.mine]),
  'zeroing a new page': (f) => {
    f.machine.linux.folios.set(f.mine, 'flags', 0);
    f.command(zero, [f.mine, 1]);
  },
};
const NAMES = Object.keys(STEPS);

const broken = flow({
  name: 'test_broken_step',
  reference: 'this test',
  params: ['which', 'mine', 'shared'],
  locals: { which: 'number', mine: 'number', shared: 'number' },
  steps: { break: { text: 'what no kernel does', run: (f) => STEPS[NAMES[f.which] ?? '']?.(f) } },
});

/** Invariants that a step breaks, and private pages that KVM's own code wrote in it. */
function found(name: string): [broken: string[], coreWrites: number] {
  const script = new KernelScript(kernel('linux/inplace-v8'));
  script.transcript(SETUP);
  const { linux, flows, store } = script.machine;
  const [mine, shared] = [linux.gmem.pfnAt(1, 0), linux.gmem.pfnAt(1, 1)];
  flows.start(0, broken, [NAMES.indexOf(name), mine, shared]);
  store.commit();
  const { command } = flows.step(0);
  const violations = linuxViolations(script.machine, store.writesOf(store.commit()), command?.operation);
  return [[...new Set(violations.map(({ invariant }) => invariant.id))], linux.coreWritten];
}

test.each(LINUX_INVARIANTS.map(({ id }) => id))('%s', (id) => {
  expect(found(id)).toEqual([[id], id === 'core_writes' ? 1 : 0]);
});

test.each(NAMES.filter((name) => name.includes(' ')))('%s breaks none', (name) => {
  expect(found(name)).toEqual([[], 0]);
});

test('a large page is free when firmware gave all of it back', () => {
  const { machine } = new KernelScript(kernel('linux/hugetlb-v2'));
  const { linux, rmm, store } = machine;
  const pfn = linux.allocator.take(9);
  const give = () => {
    linux.allocator.give(pfn);
    return linuxViolations(machine, store.writesOf(store.commit())).map(({ text }) => text);
  };
  linux.folios.set(pfn, 'owner', OWNER_KERNEL);
  rmm.granules.move(linux.folios.address(pfn + 511), 'DELEGATED');
  store.commit();
  expect(give()).toEqual([`${hex(linux.folios.address(pfn + 511))} is free but DELEGATED`]);
});
