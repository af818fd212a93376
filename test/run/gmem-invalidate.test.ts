// Where guest_memfd tells the architecture that pages of a realm go away: what each place knows, and what it loses.
import { expect, test } from 'vitest';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { flowActAt } from '../../server/src/run/act.ts';

/** What a trace tells of pages that go: the callbacks with their arguments, and what the host asks of the RMM. */
const SHOWN = /^(arch_invalidate|invalidate_folio|free_folio|split|warn|leak|RMI_(DATA|GRANULE))/;

/** Lines of the statements that begin with `from`, and the problems. Page frames count from the first that the file has. */
function told(text: string, from: RegExp): string[] {
  const analysis = analyse('a.cocoscn', `scenario "goes"\n${text}\n`, () => ({ problem: 'there is no such file' }));
  finish(analysis);
  const { run } = analysis;
  const lines: string[] = [];
  for (let moment = 1; moment <= run.reached; moment++) {
    const { site } = run.instructionAt(moment) ?? {};
    const act = flowActAt(run, moment);
    if (!site || !act || !from.test(site.file.slice(site.span)) || !SHOWN.test(act.call)) continue;
    lines.push(act.result === '0' || act.result === 'RMI_SUCCESS' ? act.call : `${act.call} = ${act.result}`);
  }
  return [...lines, ...problemsOf(analysis).map(({ code, message }) => `${code} ${message}`)];
}

/** A realm that has written two pages, on a kernel that tells the architecture at that place. */
const realm = (place: string, header = '') => `model "linux/cca-v13"
platform cca
${header}
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=8K, gmem=gm[0])
KVM_SET_MEMORY_ATTRIBUTES(vm, GPA +: 8K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
set_policy(gmem_invalidate=${place})
KVM_RUN(c0)
  < write(GPA, 1, size=1, private=1)
  < write(GPA + 4K, 1, size=1, private=1)`;

const HOLE = 'fallocate(gm, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 4K)';
/** The realm does not let the page go while its guest still has it. */
const REFUSED = `inject RMI_DATA_DESTROY nth 1 = RMI_ERROR_INPUT\n${HOLE}`;

test('none: what is unmapped is given back at once', () => {
  expect(told(`${realm('none')}\n${HOLE}`, /^fallocate/)).toMatchInlineSnapshot(`
    [
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000)",
      "RMI_GRANULE_UNDELEGATE(0x9001_5000)",
      "free_folio(0x9_0015)",
    ]
  `);
});

test('free_folio: the callback gets page frames alone, and a page that was taken from its realm needs no more', () => {
  expect(told(`${realm('free_folio')}\n${HOLE}\nexpect leaked_pages() == 0`, /^fallocate/)).toMatchInlineSnapshot(`
    [
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000)",
      "arch_invalidate(0x9_0015, 0x9_0016)",
      "RMI_GRANULE_UNDELEGATE(0x9001_5000)",
      "free_folio(0x9_0015)",
    ]
  `);
});

test('free_folio: without VM and guest frame a page that the realm still has is lost', () => {
  const text = `${realm('free_folio', 'allow leak 1')}\n${REFUSED}\nexpect leaked_pages() == 1`;
  expect(told(text, /^fallocate/)).toMatchInlineSnapshot(`
    [
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000) = RMI_ERROR_INPUT",
      "warn(0)",
      "arch_invalidate(0x9_0015, 0x9_0016)",
      "RMI_GRANULE_UNDELEGATE(0x9001_5000) = RMI_ERROR_INPUT",
      "warn(0x9_0015)",
      "leak(0x9_0015)",
    ]
  `);
});

test('invalidate_folio: data on the folio says whose page it is, and the page is saved', () => {
  const text = `${realm('invalidate_folio')}\nexpect folio_private(gm[0]) is yes\n${REFUSED}\nexpect leaked_pages() == 0`;
  expect(told(text, /^fallocate/)).toMatchInlineSnapshot(`
    [
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000) = RMI_ERROR_INPUT",
      "warn(0)",
      "invalidate_folio(0x9_0015, 0, 0x1000)",
      "arch_invalidate_gfn(1, 0x10_0000, 0x9_0015, 0x9_0016)",
      "RMI_GRANULE_UNDELEGATE(0x9001_5000) = RMI_ERROR_INPUT",
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000)",
      "RMI_GRANULE_UNDELEGATE(0x9001_5000)",
      "free_folio(0x9_0015)",
    ]
  `);
});

test('punch_hole: the old place knows the VM at holes and at release', () => {
  const text = `${realm('punch_hole')}\n${REFUSED}\nclose(gm)\nexpect leaked_pages() == 0`;
  expect(told(text, /^(fallocate|close)/)).toMatchInlineSnapshot(`
    [
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000) = RMI_ERROR_INPUT",
      "warn(0)",
      "arch_invalidate_gfn(1, 0x10_0000, 0x9_0015, 0x9_0016)",
      "RMI_GRANULE_UNDELEGATE(0x9001_5000) = RMI_ERROR_INPUT",
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000)",
      "RMI_GRANULE_UNDELEGATE(0x9001_5000)",
      "free_folio(0x9_0015)",
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000) = RMI_ERROR_RTT(3)",
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_1000)",
      "arch_invalidate_gfn(1, 0x10_0001, 0x9_0016, 0x9_0017)",
      "RMI_GRANULE_UNDELEGATE(0x9001_6000)",
      "free_folio(0x9_0016)",
    ]
  `);
});

test('punch_hole: what leaves the file in another way is not told', () => {
  const text = `${realm('punch_hole')}\nKVM_SET_USER_MEMORY_REGION2(vm, slot=0, size=0)\ntruncate_inode_pages_range(gm, 0 +: 4K)`;
  expect(told(text, /^truncate/)).toMatchInlineSnapshot(`
    [
      "free_folio(0x9_0015)",
      "CCS501 freed_is_hosts is broken: 0x9001_5000 is free but DELEGATED",
    ]
  `);
});

test('evict_inode: at the end of the inode nobody knows whose pages they are, and holes are never told', () => {
  expect(told(`${realm('evict_inode')}\nclose(gm)\nexpect leaked_pages() == 0`, /^close/)).toMatchInlineSnapshot(`
    [
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000)",
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_1000)",
      "arch_invalidate(0x9_0015, 0x9_0016)",
      "RMI_GRANULE_UNDELEGATE(0x9001_5000)",
      "arch_invalidate(0x9_0016, 0x9_0017)",
      "RMI_GRANULE_UNDELEGATE(0x9001_6000)",
      "free_folio(0x9_0015)",
      "free_folio(0x9_0016)",
    ]
  `);
  expect(told(`${realm('evict_inode')}\n${HOLE}`, /^fallocate/)).toMatchInlineSnapshot(`
    [
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000)",
      "free_folio(0x9_0015)",
      "CCS501 freed_is_hosts is broken: 0x9001_5000 is free but DELEGATED",
    ]
  `);
});

/** A large folio of which the realm has the page at 8K; then the page before it is cut out. */
const large = (place: string) => `model "linux/hugetlb-v2"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 2M,
  GUEST_MEMFD_FLAG_SUPPORT_SHARED | GUEST_MEMFD_FLAG_INIT_PRIVATE | GUEST_MEMFD_FLAG_HUGETLB | GUESTMEM_HUGETLB_2MB)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=2M, gmem=gm[0])
set_policy(gmem_invalidate=${place})
KVM_RUN(c0)
  < write(GPA + 8K, 1, size=1, private=1)
expect folio_order(gm[8K]) == 9
expect folio_private(gm[8K]) is yes
truncate_inode_pages_range(gm, 4K +: 4K)
expect folio_order(gm[8K]) == 0
expect allocated(gm[4K]) is no`;

/** Only what is told about pages of the realm: the others of the 2M were never delegated. */
const ofRealm = (lines: string[]) => lines.filter((line) => !line.startsWith('free_folio'));

test('invalidate_folio: a hole splits the folio, and the data on it is lost', () => {
  const text = `${large('invalidate_folio')}\nexpect folio_private(gm[8K]) is no\nclose(gm)`;
  expect(ofRealm(told(text, /^(truncate|close)/))).toMatchInlineSnapshot(`
    [
      "invalidate_folio(0x17_fc00, 0x1000, 0x1000)",
      "arch_invalidate_gfn(1, 0x10_0001, 0x17_fc01, 0x17_fc02)",
      "split(1, 0)",
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000) = RMI_ERROR_RTT(3)",
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_2000)",
      "CCS501 freed_is_hosts is broken: 0x1_7fc0_2000 is free but DELEGATED",
    ]
  `);
});

test.each(['invalidate_folio_rescan', 'invalidate_folio_truncate'])('%s: the pieces have the data again', (place) => {
  const text = `${large(place)}\nexpect folio_private(gm[8K]) is yes\nclose(gm)\nexpect leaked_pages() == 0`;
  const lines = ofRealm(told(text, /^(truncate|close)/));
  expect(lines.filter((line) => /^(split|RMI|CCS)|0x10_0002/.test(line))).toMatchSnapshot();
});

test('invalidate_folio_rescan: where nothing is bound nothing is attached, and only truncation keeps what was there', () => {
  const unbound = (place: string) =>
    large(place).replace('truncate_', 'KVM_SET_USER_MEMORY_REGION2(vm, slot=0, size=0)\ntruncate_');
  expect(told(`${unbound('invalidate_folio_rescan')}\nexpect folio_private(gm[8K]) is no`, /^never/)).toEqual([]);
  expect(told(`${unbound('invalidate_folio_truncate')}\nexpect folio_private(gm[8K]) is yes`, /^never/)).toEqual([]);
});

test('a page that stayed delegated is mapped again without being delegated again', () => {
  const again = `KVM_SET_USER_MEMORY_REGION2(vm, slot=0, size=0)
expect granule(pa(gm[0])) is DELEGATED
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=8K, gmem=gm[0])
KVM_RUN(c0) = *
  < read(GPA, size=1, private=1) = *
expect granule(pa(gm[0])) is DATA`;
  const [created] = told(`${realm('free_folio')}\n${again}`, /^KVM_RUN.*= \*/s);
  expect(created).toBe('RMI_DATA_CREATE_UNKNOWN(0x9000_1000, 0x9001_5000, 0x1_0000_0000)');
});

test('a conversion to shared in place tells the architecture, too', () => {
  const text = `model "linux/inplace-v8"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K, GUEST_MEMFD_FLAG_MMAP)
m := mmap(gm, 0 +: 8K, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=8K, gmem=gm[0])
set_policy(gmem_invalidate=free_folio)
KVM_RUN(c0)
  < write(GPA, 7, size=1, private=1)
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 4K, 0)
read(m[0], 1) = 0`;
  expect(told(text, /^KVM_SET_MEMORY_ATTRIBUTES2/)).toMatchInlineSnapshot(`
    [
      "RMI_DATA_DESTROY(0x9000_1000, 0x1_0000_0000)",
      "arch_invalidate(0x9_0015, 0x9_0016)",
      "RMI_GRANULE_UNDELEGATE(0x9001_5000)",
    ]
  `);
});
