// Two actors at once: every interleaving of a guest's fault with what the VMM does meanwhile, and of two faults of one page.
import { describe, expect, test } from 'vitest';
import { fallocate } from '../../../server/src/emulator/guest-memfd/fallocate.ts';
import { type FlowOperation, isReference } from '../../../server/src/emulator/index.ts';
import { setMemoryAttributes } from '../../../server/src/emulator/kvm/attributes.ts';
import { guestRead } from '../../../server/src/emulator/kvm/guest-access.ts';
import { kvmRun } from '../../../server/src/emulator/kvm/run.ts';
import { ptePfn } from '../../../server/src/emulator/linux/address-spaces.ts';
import { readMapping, writeMapping } from '../../../server/src/emulator/linux/host-access.ts';
import { linuxViolations } from '../../../server/src/emulator/linux/invariants.ts';
import type { Machine } from '../../../server/src/emulator/machine.ts';
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

/** A call and its registers. */
type Call = readonly [FlowOperation, ...number[]];

/** The vCPU runs, and the guest reads. */
const RUN: Call = [kvmRun, 1];

/**
 * What came of every interleaving, each outcome once: values that the guest read or the exit, and what `atEnd` says of the
 * machine. The second call is the one whose result is told.
 */
function outcomes(
  setup: string,
  first: Call,
  second: Call,
  atEnd: (machine: Machine) => string,
  profile = 'linux/6.18',
): string[] {
  const script = new KernelScript(kernel(profile));
  script.transcript(setup);
  const { machine } = script;
  const { store, flows } = machine;
  const counter = { asked: 0 };
  machine.guest = {
    next: () => (counter.asked++ === 0 ? { operation: guestRead, registers: [GPA, 8, 2] } : undefined),
  };
  for (const [actor, [{ flow }, ...registers]] of [first, second].entries()) flows.start(actor, flow, registers);
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
        actor === GUEST && event.ended !== undefined && event.ended !== 0 ? second[0].form.text(event.ended) : '';
      const said = read + (access === undefined || isReference(access) ? '' : ` read 0x${access.toString(16)}`) + ended;
      const state = `${store.hash} ${said} ${counter.asked}`;
      if (visited.has(state)) continue;
      visited.add(state);
      explore(next, said, counter.asked);
    }
    store.seek(moment);
    if (progressed) return;
    expect([flows.depth(VMM), flows.depth(GUEST)]).toEqual([0, 0]);
    found.add(`${read.trim()}; ${atEnd(machine)}`);
  };
  explore(start, '', 0);
  return [...found].sort();
}

const attribute = ({ linux }: Machine) => (linux.vms.attribute(1, GPA / 4096) === 1 ? 'private' : 'shared');

test('a conversion during a fault: the guest reads one store or the other, or asks again', () => {
  expect(outcomes(SETUP, [setMemoryAttributes, 1, GPA, 4096, 8, 0], RUN, attribute)).toEqual([
    'KVM_EXIT_MEMORY_FAULT; private',
    'read 0x0; private',
    'read 0x11; private',
  ]);
});

test('a hole during a private fault: the guest always reads zeros', () => {
  const setup = `${SETUP}\nKVM_SET_MEMORY_ATTRIBUTES(v, 0xc0000000 +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE)`;
  expect(outcomes(setup, [fallocate, 1, 3, 0, 4096], RUN, attribute)).toEqual(['read 0x0; private']);
});

test('a hole while the VMM faults the page: what it maps is what the file has', () => {
  const setup = `v := KVM_CREATE_VM(KVM_X86_DEFAULT_VM)
g := KVM_CREATE_GUEST_MEMFD(v, 4K, GUEST_MEMFD_FLAG_MMAP|GUEST_MEMFD_FLAG_INIT_SHARED)
m := mmap(g, 0 +: 4K)
fallocate(g, FALLOC_FL_KEEP_SIZE, 0, 4K)`;
  const mapped = ({ linux }: Machine) => {
    const page = linux.spaces.address(1) / linux.pageSize;
    const pfn = ptePfn(linux.spaces.pte(linux.vmm, page));
    const pages = `${linux.allocator.inUse} pages`;
    return pfn === 0 ? `not mapped, ${pages}` : `${pfn === linux.gmem.pfnAt(1, 0) ? 'mapped' : 'stale'}, ${pages}`;
  };
  const store: Call = [writeMapping, 1, 0, 0x11, 8];
  expect(outcomes(setup, [fallocate, 1, 3, 0, 4096], store, mapped)).toEqual([
    '; mapped, 1 pages',
    '; not mapped, 0 pages',
  ]);
});

/** Two words of the first page of mapping 1, and how many pages there are beside those of the beginning. */
const words =
  (pagesBefore: number) =>
  (machine: Machine): string => {
    const { spaces, pageSize, allocator, vmm } = machine.linux;
    const pte = spaces.pte(vmm, spaces.address(1) / pageSize);
    const page = machine.pages.bytes(ptePfn(pte) * pageSize);
    const [first, second] = [0, 8].map((at) => machine.pages.contents.value(page, at, 8).toString(16));
    return `0x${first} 0x${second}, ${allocator.inUse - pagesBefore} pages more`;
  };

describe('two parties fault one page: one of them gets it, the other gives its own back and takes that', () => {
  const stores: readonly [Call, Call] = [
    [writeMapping, 1, 0, 0x11, 8],
    [writeMapping, 1, 8, 0x22, 8],
  ];

  test('anonymous memory', () => {
    expect(outcomes('m := mmap_anon(4K)', ...stores, words(0))).toEqual(['; 0x11 0x22, 1 pages more']);
    const [store] = stores;
    expect(outcomes('m := mmap_anon(4K)', store, [readMapping, 1, 8, 8], words(0))).toEqual([
      '; 0x11 0x0, 1 pages more',
    ]);
  });

  test('a memfd', () => {
    const setup = 'f := memfd_create(4K)\nm := mmap(f, 0 +: 4K)';
    expect(outcomes(setup, ...stores, words(0))).toEqual(['; 0x11 0x22, 1 pages more']);
  });

  test('a page that is shared after a fork is copied once', () => {
    const setup = 'm := mmap_anon(4K)\nwrite(m[0], 0x77)\nm2 := fork(m)';
    expect(outcomes(setup, ...stores, words(1))).toEqual(['; 0x11 0x22, 1 pages more']);
  });

  test('the VMM and the guest, through the user address of a slot', () => {
    const setup = `v := KVM_CREATE_VM(KVM_X86_DEFAULT_VM)
c := KVM_CREATE_VCPU(v)
m := mmap_anon(4K)
KVM_SET_USER_MEMORY_REGION2(v, slot=1, gpa=0xc0000000, size=4K, hva=m[0])`;
    expect(outcomes(setup, stores[0], RUN, words(0))).toEqual([
      'read 0x0; 0x11 0x0, 1 pages more',
      'read 0x11; 0x11 0x0, 1 pages more',
    ]);
  });
});
