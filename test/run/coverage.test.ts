// Small scenarios for questions of the seed list that no sample asks; docs/coverage.md refers to them by their titles.
import { expect, test } from 'vitest';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';

/** A realm of the series that has a call for each stage, its slot over a guest_memfd and over a buffer of the VMM. */
const V9 = `model "linux/cca-v9"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K)
KVM_SET_MEMORY_ATTRIBUTES(vm, GPA +: 8K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
KVM_CAP_ARM_RME_CREATE_REALM(vm)
KVM_CAP_ARM_RME_INIT_RIPAS_REALM(vm, GPA +: 8K)`;

/** A realm over a guest_memfd that the VMM maps, with the flags in brackets. */
const inPlace = (flags: string) => `model "linux/inplace-v8"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K, ${flags})
m := mmap(gm, 0 +: 8K, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=8K, gmem=gm[0])`;

const HUGE = `model "linux/hugetlb-v2"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 16M,
  GUEST_MEMFD_FLAG_SUPPORT_SHARED | GUEST_MEMFD_FLAG_INIT_PRIVATE | GUEST_MEMFD_FLAG_HUGETLB | GUESTMEM_HUGETLB_2MB)
m := mmap(gm, 0 +: 16M, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=16M, hva=m, gmem=gm[0])`;

/** The next page that is given out, by its address: `frame`. */
const FRAME = `frame := alloc_page()
__free_page(frame)
fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 4K)
expect pa(gm[0]) == frame`;

const SCENARIOS = [
  `scenario "the VMM loads a realm like an ordinary VM, and two pages stand behind one guest page"
${V9}
user := mmap_anon(8K)
KVM_SET_USER_MEMORY_REGION2(vm, slot=1, gpa=GPA, size=8K, hva=user, gmem=gm[0])
memset(user[0 +: 8K], 0x42)
KVM_CAP_ARM_RME_POPULATE_REALM(vm, GPA +: 4K, KVM_ARM_RME_POPULATE_FLAGS_MEASURE)
KVM_ARM_VCPU_FINALIZE(c0, KVM_ARM_VCPU_REC)
KVM_CAP_ARM_RME_ACTIVATE_REALM(vm)
expect host_can_read(gm[0]) is no
read(user[0], 1) = 0x42
KVM_RUN(c0)
  < read(GPA, size=1, private=1) = 0x42
  < write(GPA, 0x17, size=1, private=1)
read(user[0], 1) = 0x42`,

  `scenario "populate looks for its source as a store would, so a mapping without write permission is none"
${V9}
file := memfd_create(8K)
user := mmap(file, 0 +: 8K, PROT_READ, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=1, gpa=GPA, size=8K, hva=user, gmem=gm[0])
read(user[0]) = 0
KVM_CAP_ARM_RME_POPULATE_REALM(vm, GPA +: 4K) = -EFAULT
KVM_SET_USER_MEMORY_REGION2(vm, slot=1, size=0)
other := mmap(file, 0 +: 8K, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=1, gpa=GPA, size=8K, hva=other, gmem=gm[0])
KVM_CAP_ARM_RME_POPULATE_REALM(vm, GPA +: 4K)`,

  `scenario "a buffer of the VMM is a second page for every page of the realm"
model "linux/cca-v13"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K)
KVM_SET_USER_MEMORY_REGION2(vm, slot=1, gpa=GPA, size=8K, gmem=gm[0])
KVM_SET_MEMORY_ATTRIBUTES(vm, GPA +: 8K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
buf := mmap_anon(8K)
memset(buf[0 +: 8K], 0x42)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=8K, source=buf[0]) = 0 {size: 0}
expect folios(gm) == 2
expect mapped(buf[0 +: 8K]) is yes
read(buf[4K], 1) = 0x42
KVM_RUN(c0)
  < read(GPA + 4K, size=1, private=1) = 0x42`,

  `scenario "one physical page serves a guest page through every conversion"
model "linux/inplace-v8"
platform sw-protected
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 4K, GUEST_MEMFD_FLAG_MMAP)
m := mmap(gm, 0 +: 4K, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=4K, gmem=gm[0])
${FRAME}
KVM_RUN(c0)
  < write(GPA, 0x41, size=1)
expect pa(gm[0]) == frame
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 4K, 0)
read(m[0], 1) = 0x41
write(m[0], 0x42, 1)
KVM_RUN(c0)
  < read(GPA, size=1) = 0x42
expect pa(gm[0]) == frame
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
read(m[0]) = SIGBUS
KVM_RUN(c0)
  < read(GPA, size=1) = 0x42
expect pa(gm[0]) == frame`,

  `scenario "a page of a realm becomes shared in place, and nothing is left of its contents"
${inPlace('GUEST_MEMFD_FLAG_MMAP')}
${FRAME}
KVM_RUN(c0)
  < write(GPA, 7, size=1, private=1)
expect pa(gm[0]) == frame
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 4K, 0)
expect pa(gm[0]) == frame
read(m[0], 1) = 0
write(m[0], 8, 1)
KVM_RUN(c0)
  < read(GPA, size=1, private=0) = 8
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
read(m[0], 1) = SIGBUS`,

  `scenario "the VMM chooses before the first run what is private RAM and what is shared"
${inPlace('GUEST_MEMFD_FLAG_MMAP')}
expect attr(gm[0 +: 8K]) is private
KVM_SET_MEMORY_ATTRIBUTES2(gm, 4K +: 4K, 0)
write(m[4K], 0x33, 1)
KVM_RUN(c0)
  < read(GPA + 4K, size=1, private=0) = 0x33
expect ripas(vm, GPA) is RAM
expect ripas(vm, GPA + 4K) is EMPTY`,

  `scenario "all memory of a guest_memfd is private RAM at the start"
${inPlace('GUEST_MEMFD_FLAG_MMAP')}
expect attr(gm[0 +: 8K]) is private
KVM_RUN(c0)
expect ripas(vm, GPA) is RAM
expect ripas(vm, GPA + 4K) is RAM`,

  `scenario "an image that lies in the pages themselves is populated through a temporary page"
${inPlace('GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED')}
memset(m[0 +: 8K], 0x42)
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 8K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
set_policy(temporary_pages=1)
expect attr(gm[0 +: 8K]) is private
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=8K) = 0 {size: 0}
expect populate_copies() == 2
expect populate_extra_pages() == 1
KVM_RUN(c0)
  < read(GPA + 4K, size=1, private=1) = 0x42`,

  `scenario "delegating a page destroys what the VMM had written there"
${inPlace('GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED')}
memset(m[0 +: 4K], 0x42)
RMI_GRANULE_DELEGATE(pa(gm[0]))
RMI_GRANULE_UNDELEGATE(pa(gm[0]))
read(m[0]) = 0`,

  `scenario "a page that is populated while it is shared: the VMM still maps it and gets a signal, the kernel crashes"
${inPlace('GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED')}
write(m[0], 0x42, 1)
set_policy(temporary_pages=1, populate_order=populate_first)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=4K) = 0 {size: 0}
expect granule(pa(gm[0])) is DATA
expect attr(gm[0]) is shared
expect mapped(m[0]) is yes
write(m[0], 1, 1) = SIGBUS | SIGKILL
expect host() is alive
kernel_access(pa(gm[0])) = host_crash
expect host() is crashed`,

  `scenario "KVM itself writes no private page where the image is written in place and populated there"
${inPlace('GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED')}
memset(m[0 +: 8K], 0x42)
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 8K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
set_policy(temporary_pages=1)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=8K) = 0 {size: 0}
KVM_RUN(c0)
  < write(GPA, 0x43, size=1, private=1)
expect kvm_core_writes() == 0`,

  `scenario "a conversion that zeroes has KVM itself write private pages, so the version with that mode cannot promise it"
model "linux/inplace-v8-modes"
platform sw-protected
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K, GUEST_MEMFD_FLAG_MMAP)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=8K, gmem=gm[0])
KVM_RUN(c0)
  < write(GPA, 0x41, size=1)
expect kvm_core_writes() == 0
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 4K, 0, flags=KVM_SET_MEMORY_ATTRIBUTES2_ZERO)
expect kvm_core_writes() == 1`,

  `scenario "a temporary buffer is paid for in pages or in round trips"
model "linux/cca-v13"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
gm := KVM_CREATE_GUEST_MEMFD(vm, 4M)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=4M, gmem=gm[0])
KVM_SET_MEMORY_ATTRIBUTES(vm, GPA +: 4M, KVM_MEMORY_ATTRIBUTE_PRIVATE)
fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 4M)
set_policy(temporary_pages=1)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=2M)
expect populate_round_trips() == 512
expect populate_extra_pages() == 1
expect populate_copies() == 2
set_policy(temporary_pages=500)
KVM_ARM_RMI_POPULATE(vm, base=GPA + 2M, size=2M)
expect populate_round_trips() == 2
expect populate_extra_pages() == 500
expect populate_copies() == 2`,

  `scenario "2M of a realm stay one block only where the temporary buffer is as large"
${HUGE}
fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 4M)
set_policy(temporary_pages=64)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=2M)
expect rtt_level(vm, GPA) == 3
set_policy(temporary_pages=512)
KVM_ARM_RMI_POPULATE(vm, base=GPA + 2M, size=2M)
expect rtt_level(vm, GPA + 2M) == 2
expect folio_order(gm[2M]) == 9`,

  `scenario "an image that is still shared is not populated, and not a page behind it"
${inPlace('GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED')}
memset(m[0 +: 8K], 0x42)
set_policy(temporary_pages=2)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=8K) = -EINVAL {size: 8K}
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=8K) = 0 {size: 4K}
expect granule(pa(gm[0])) is DATA
expect granule(pa(gm[4K])) is UNDELEGATED
read(m[4K], 1) = 0x42`,

  `scenario "2M that are populated while they are shared: split, and tables down to 4K"
${HUGE}
KVM_GMEM_CONVERT_SHARED(gm, 0 +: 2M)
memset(m[0 +: 2M], 0x42)
set_policy(temporary_pages=512, populate_order=populate_first)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=2M)
expect folio_order(gm[0]) == 0
expect rtt_level(vm, GPA) == 3
KVM_GMEM_CONVERT_PRIVATE(gm, 0 +: 2M)
expect folio_order(gm[0]) == 9
expect rtt_level(vm, GPA) == 3
KVM_RUN(c0)
  < read(GPA + 2044K, size=1, private=1) = 0x42`,

  `scenario "2M that are converted first are one folio, and populate makes one block of them"
${HUGE}
KVM_GMEM_CONVERT_SHARED(gm, 0 +: 2M)
memset(m[0 +: 2M], 0x42)
KVM_GMEM_CONVERT_PRIVATE(gm, 0 +: 2M)
expect folio_order(gm[0]) == 9
set_policy(temporary_pages=512)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=2M)
expect folio_order(gm[0]) == 9
expect rtt_level(vm, GPA) == 2`,

  `scenario "a firmware image of 2M is one page of the host and one block of the realm that runs"
${HUGE}
KVM_GMEM_CONVERT_SHARED(gm, 0 +: 2M)
memset(m[0 +: 2M], 0x42)
KVM_GMEM_CONVERT_PRIVATE(gm, 0 +: 2M)
set_policy(temporary_pages=512)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=2M) = 0 {size: 0}
KVM_RUN(c0)
  < read(GPA + 2044K, size=1, private=1) = 0x42
expect folio_order(gm[0]) == 9
expect rtt_level(vm, GPA) == 2
expect ripas(vm, GPA + 2M) is RAM`,

  `scenario "activation as v12 has it steps over what is populated page by page, and takes a block of 2M apart"
${HUGE}
fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 2M)
set_policy(temporary_pages=512)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=2M) = 0 {size: 0}
expect rtt_level(vm, GPA) == 2
set_policy(temporary_pages=0)
KVM_RUN(c0)
  < read(GPA + 2044K, size=1, private=1) = 0
expect folio_order(gm[0]) == 9
expect rtt_level(vm, GPA) == 3`,

  `scenario "a leaked page of 4K keeps its 2M in pieces for ever"
allow leak 1
${HUGE}
KVM_GMEM_CONVERT_SHARED(gm, 0 +: 2M)
memset(m[0 +: 2M], 1)
leak_page(gm[20K])
KVM_GMEM_CONVERT_PRIVATE(gm, 0 +: 2M) = -EAGAIN {error_offset: 20K}
KVM_GMEM_CONVERT_PRIVATE(gm, 0 +: 20K)
KVM_GMEM_CONVERT_PRIVATE(gm, 24K +: 2024K)
KVM_GMEM_CONVERT_PRIVATE(gm, 20K +: 4K) = -EAGAIN {error_offset: 20K}
expect attr(gm[0 +: 20K]) is private
expect attr(gm[20K +: 4K]) is shared
expect attr(gm[24K +: 2024K]) is private
expect folio_order(gm[0]) == 0`,

  `scenario "a stuck page that guest_memfd knows about outlives the file"
model "linux/cca-v9"
platform cca
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
gm := KVM_CREATE_GUEST_MEMFD(vm, 4K)
${FRAME}
gmem_mark_in_use(gm[0])
fallocate(gm, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 4K)
close(gm)
close(vm)
next := alloc_page()
expect next != frame
expect page_owner(frame) is detached`,

  `scenario "a page that only got a warning is reused by the kernel, and the host crashes"
model "linux/cca-v9"
platform cca
lost := alloc_page()
RMI_GRANULE_DELEGATE(lost)
__free_page(lost)
again := alloc_page()
expect again == lost
kernel_access(again) = host_crash
expect host() is crashed`,

  `scenario "a page that only got a warning is reused by a process, and the process gets a signal"
model "linux/cca-v9"
platform cca
lost := alloc_page()
RMI_GRANULE_DELEGATE(lost)
__free_page(lost)
again := mmap_anon(4K)
write(again[0], 1) = SIGBUS | SIGKILL
expect host() is alive`,

  `scenario "a hole gives a page of a realm back to the host before it leaves the file, and so does closing the file"
model "linux/cca-v13"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=8K, gmem=gm[0])
KVM_SET_MEMORY_ATTRIBUTES(vm, GPA +: 8K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
KVM_RUN(c0)
  < write(GPA, 1, size=1, private=1)
  < write(GPA + 4K, 1, size=1, private=1)
expect granule(pa(gm[0 +: 8K])) is DATA
fallocate(gm, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 4K)
  > ...
  > RMI_DATA_DESTROY(*, GPA) = RMI_SUCCESS
  > RMI_GRANULE_UNDELEGATE(*) = RMI_SUCCESS
  > ...
expect allocated(gm[0]) is no
close(gm)
  > ...
  > RMI_DATA_DESTROY(*, GPA + 4K) = RMI_SUCCESS
  > RMI_GRANULE_UNDELEGATE(*) = RMI_SUCCESS
  > ...
expect leaked_pages() == 0`,

  `scenario "without its flag a file cannot be mapped, with it its pages can be pinned, and none can be migrated"
model "linux/6.18"
platform default
vm := KVM_CREATE_VM(KVM_X86_DEFAULT_VM)
closed := KVM_CREATE_GUEST_MEMFD(vm, 4K)
mmap(closed, 0 +: 4K, PROT_READ | PROT_WRITE, MAP_SHARED) = -ENODEV
gm := KVM_CREATE_GUEST_MEMFD(vm, 4K, GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED)
m := mmap(gm, 0 +: 4K, PROT_READ | PROT_WRITE, MAP_SHARED)
write(m[0], 1, 1)
pin := pin_user_pages(m[0 +: 4K], FOLL_WRITE)
expect pincount(gm[0]) == 1
unpin_user_pages(pin)
migrate_folio(gm[0]) = -EINVAL`,
];

const titled = SCENARIOS.map((text) => [/"(.*)"/.exec(text)?.[1] ?? '', text] as const);

test.each(titled)('%s', (_, text) => {
  const analysis = analyse('coverage.cocoscn', `${text}\n`, () => ({ problem: 'there is no such file' }));
  finish(analysis);
  expect(problemsOf(analysis).map(({ code, message }) => `${code} ${message}`)).toEqual([]);
});
