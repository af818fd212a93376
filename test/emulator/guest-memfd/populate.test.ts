// The common part of populate, with a platform's part that only copies.
import { expect, test } from 'vitest';
import { errnoText } from '../../../server/src/emulator/errno.ts';
import { type Flow, flow } from '../../../server/src/emulator/flow.ts';
import { populate } from '../../../server/src/emulator/guest-memfd/populate.ts';
import { linuxViolations } from '../../../server/src/emulator/linux/invariants.ts';
import { copyPage } from '../../../server/src/emulator/linux/pieces.ts';
import { KernelScript, kernel } from '../kernel-script.ts';

const GFN = 0x10_0000;

/** Copies the source, if there is one; fails for the page that `opaque` names. */
const copy = flow({
  name: 'test_post_populate',
  reference: 'this test',
  params: ['vm', 'gfn', 'pfn', 'src', 'opaque'],
  locals: { vm: 'number', gfn: 'number', pfn: 'number', src: 'number', opaque: 'number' },
  steps: {
    copy: {
      text: 'memcpy(dst, src, PAGE_SIZE)',
      run(f) {
        if (f.gfn === f.opaque) return f.return(-5);
        if (f.src !== 0) f.machine.linux.folios.copy(f.pfn, f.src);
      },
    },
  },
});

/** A populate that copies itself: the copy is a piece of KVM's own work. */
const copyByCore = flow({
  name: 'test_core_copy',
  reference: 'this test',
  params: ['vm', 'gfn', 'pfn', 'src', 'opaque'],
  locals: { vm: 'number', gfn: 'number', pfn: 'number', src: 'number', opaque: 'number' },
  steps: { copy: { text: 'copy_highpage(page, src_page)', run: (f) => f.command(copyPage, [f.pfn, f.src]) } },
});

const SETUP = `
v := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
m := mmap_anon(12K)
memset(m[0 +: 12K], 0x42)
g := KVM_CREATE_GUEST_MEMFD(v, 16K)
KVM_SET_USER_MEMORY_REGION2(v, slot=1, gpa=0x100000000, size=16K, hva=m[0], gmem=g[0])
KVM_SET_MEMORY_ATTRIBUTES(v, 0x100000000 +: 12K, KVM_MEMORY_ATTRIBUTE_PRIVATE)`;

interface Case {
  readonly title: string;
  readonly profile?: string;
  readonly gfn?: number;
  /** Bytes from the beginning of the source; -1 for no source. */
  readonly from?: number;
  readonly pages: number;
  readonly failing?: number;
  readonly before?: string;
  readonly result: string;
  readonly after: readonly string[];
}

const CASES: readonly Case[] = [
  {
    title: 'copies every page',
    pages: 2,
    result: '2',
    after: ['? folios(g) = 2', '? uptodate(g[4K]) = yes', '? get_refs(m[0]) = 0'],
  },
  { title: 'without a source', from: -1, pages: 1, result: '1', after: ['? contents(g[0]) = zero'] },
  { title: 'is clipped to the slot', gfn: GFN + 2, pages: 9, result: '1', after: ['? folios(g) = 2'] },
  {
    title: 'a page that is not private',
    gfn: GFN + 3,
    pages: 1,
    result: '-EINVAL',
    after: ['? allocated(g[12K]) = yes', '? uptodate(g[12K]) = no'],
  },
  { title: 'no slot', gfn: 5, pages: 1, result: '-EINVAL', after: ['? warnings() = 0'] },
  { title: 'no pages', pages: 0, result: '-EINVAL', after: ['? warnings() = 1'] },
  { title: 'a source that is not aligned', from: 8, pages: 1, result: '-EINVAL', after: ['? warnings() = 1'] },
  {
    title: 'a source that is not aligned, in 6.11',
    profile: 'linux/6.11',
    from: 8,
    pages: 1,
    result: '1',
    after: ['? warnings() = 0'],
  },
  { title: 'a source that ends', from: 8192, pages: 2, result: '1', after: ['? folios(g) = 1'] },
  { title: 'a source that is not there', from: 12288, pages: 2, result: '-EFAULT', after: ['? folios(g) = 0'] },
  { title: 'the file is closed', before: 'close(g)', pages: 1, result: '-EFAULT', after: [] },
  {
    title: 'the platform fails at once',
    failing: GFN,
    pages: 2,
    result: '-EIO',
    after: ['? uptodate(g[0]) = no', '? attr(g[0]) = private'],
  },
  {
    title: 'the platform fails at the second page',
    failing: GFN + 1,
    pages: 3,
    result: '1',
    after: ['? folios(g) = 2'],
  },
  {
    title: 'twice, in 6.11',
    profile: 'linux/6.11',
    before: 'KVM_PRE_FAULT_MEMORY(c, 0x100000000 +: 4K)',
    pages: 1,
    result: '-EEXIST',
    after: [],
  },
];

interface Call {
  readonly gfn: number;
  readonly from: number;
  readonly pages: number;
  readonly opaque?: number;
}

/** What populate returned, which steps of which functions wrote page contents, and the invariants that broke. */
function run({ machine }: KernelScript, callback: Flow, { gfn, from, pages, opaque = 0 }: Call) {
  const { flows, store, linux } = machine;
  const source = from < 0 ? 0 : linux.spaces.address(1) + from;
  const writers = new Set<string>();
  const broken = new Set<string>();
  flows.start(0, populate, [1, gfn, source, pages, callback.index, opaque]);
  for (;;) {
    const { ended, flow: at, step, command } = flows.step(0);
    const writes = store.writesOf(store.commit());
    if (writes.some(({ cell }) => store.tableOf(cell).name === 'page')) writers.add(`${at.name}: ${step}`);
    for (const { invariant } of linuxViolations(machine, writes, command?.operation)) broken.add(invariant.id);
    if (ended !== undefined) return { ended, writers: [...writers], broken: [...broken] };
  }
}

test.each(CASES)(
  '$title',
  ({ profile = 'linux/7.0', gfn = GFN, from = 0, pages, failing = 0, before, result, after }) => {
    const script = new KernelScript(kernel(profile));
    script.transcript(SETUP);
    if (before?.includes('(c')) script.transcript('c := KVM_CREATE_VCPU(v)');
    if (before) script.transcript(before);
    const { ended } = run(script, copy, { gfn, from, pages, opaque: failing });
    expect(errnoText(ended)).toBe(result);
    expect(script.transcript(after.join('\n'))).toBe(after.join('\n'));
  },
);

/** A shared page that the VMM wrote, converted in place, and none yet behind it; the next one that is given out was used before. */
const IN_PLACE = `
v := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
m := mmap_anon(12K)
memset(m[0 +: 12K], 0x42)
g := KVM_CREATE_GUEST_MEMFD(v, 16K, GUEST_MEMFD_FLAG_MMAP|GUEST_MEMFD_FLAG_INIT_SHARED)
mg := mmap(g, 0 +: 16K)
write(mg[0], 0x17)
KVM_SET_USER_MEMORY_REGION2(v, slot=1, gpa=0x100000000, size=16K, gmem=g[0])
KVM_SET_MEMORY_ATTRIBUTES2(g, 0 +: 16K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
mu := mmap_anon(4K)
write(mu[0], 9)
munmap(mu)`;

test.each([
  ['with a source: the callback alone', 'linux/7.0', SETUP, { from: 0, pages: 2 }, ['test_post_populate: copy']],
  ['without one: nobody', 'linux/7.0', SETUP, { from: -1, pages: 2 }, []],
  ['in place, what the VMM wrote: nobody', 'linux/inplace-v8', IN_PLACE, { from: -1, pages: 1 }, []],
  [
    'in place, with a page that is new: it is zeroed',
    'linux/inplace-v8',
    IN_PLACE,
    { from: -1, pages: 2 },
    ['kvm_gmem_populate: clear_highpage'],
  ],
] as const)('who stores in a page, %s', (_, profile, setup, call, writers) => {
  const script = new KernelScript(kernel(profile));
  script.transcript(setup);
  const outcome = run(script, copy, { gfn: GFN, ...call });
  expect(outcome).toEqual({ ended: call.pages, writers, broken: [] });
  expect(script.machine.linux.coreWritten).toBe(0);
});

test('a populate that copies itself breaks the invariant that KVM stores nothing', () => {
  const script = new KernelScript(kernel('linux/7.0'));
  script.transcript(SETUP);
  const outcome = run(script, copyByCore, { gfn: GFN, from: 0, pages: 2 });
  expect(outcome).toEqual({ ended: 2, writers: ['test_core_copy: copy'], broken: ['core_writes'] });
  expect(script.transcript('? kvm_core_writes()')).toBe('? kvm_core_writes() = 2');
});
