// Scenarios for the seed list: one stuck page and the answers to it, by which series is there when it gets stuck.

/** Four pages at known addresses behind a slot, a source for them, and a populate whose granule stays with the RMM. */
const pages = (flags: string) => `vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
gm := KVM_CREATE_GUEST_MEMFD(vm, 16K${flags})
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=16K, gmem=gm[0])
src := mmap_anon(16K)
memset(src[0 +: 16K], 0x42)
f0 := alloc_page()
f1 := alloc_page()
f2 := alloc_page()
f3 := alloc_page()
__free_page(f3)
__free_page(f2)
__free_page(f1)
__free_page(f0)
fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 16K)
def stuck(at) {
  inject RMI_DATA_CREATE nth 1 = RMI_ERROR_INPUT
  inject RMI_GRANULE_UNDELEGATE nth 1 = RMI_ERROR_INPUT
  KVM_ARM_RMI_POPULATE(vm, base=GPA + at, size=4K, source=src[at]) = -ENXIO
  expect granule(pa(gm[at])) is DELEGATED
}
def hole(at) {
  fallocate(gm, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, at, 4K)
  expect allocated(gm[at]) is no
}`;

export const SCENARIOS: readonly string[] = [
  `scenario "CCA lands first: a reference that nobody drops is in nobody's way, and every answer but a warning keeps the page"
model "linux/cca-v13"
platform cca
allow leak 1
allow freed_is_hosts
let GPA = 0x1_0000_0000
${pages('')}
def convert(at) {
  KVM_SET_MEMORY_ATTRIBUTES(vm, GPA + at +: 4K, 0)
  KVM_SET_MEMORY_ATTRIBUTES(vm, GPA + at +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
}
KVM_SET_MEMORY_ATTRIBUTES(vm, GPA +: 16K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
stuck(0)
convert(0)
hole(0)
expect page_owner(f0) is detached
set_policy(on_undelegate_failure=hwpoison)
stuck(4K)
convert(4K)
hole(4K)
expect page_owner(f1) is detached
set_policy(on_undelegate_failure=gmem_mark_in_use)
stuck(8K)
convert(8K)
hole(8K)
expect page_owner(f2) is detached
set_policy(on_undelegate_failure=WARN)
stuck(12K)
convert(12K)
hole(12K)
expect page_owner(f3) is free
expect leaked_pages() == 1`,

  `scenario "conversion in place lands first: the reference keeps the page shared for ever, and the other answers do not"
model "linux/inplace-v8"
platform cca
allow leak 1
allow freed_is_hosts
let GPA = 0x1_0000_0000
${pages(', GUEST_MEMFD_FLAG_MMAP')}
def convert(at) {
  KVM_SET_MEMORY_ATTRIBUTES2(gm, at +: 4K, 0)
  KVM_SET_MEMORY_ATTRIBUTES2(gm, at +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
}
stuck(0)
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 4K, 0)
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE) = -EAGAIN {error_offset: 0}
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 16K, KVM_MEMORY_ATTRIBUTE_PRIVATE) = -EAGAIN {error_offset: 0}
hole(0)
expect page_owner(f0) is detached
set_policy(on_undelegate_failure=hwpoison)
stuck(4K)
convert(4K)
hole(4K)
expect page_owner(f1) is detached
set_policy(on_undelegate_failure=gmem_mark_in_use)
stuck(8K)
convert(8K)
hole(8K)
expect page_owner(f2) is detached
set_policy(on_undelegate_failure=WARN)
stuck(12K)
convert(12K)
hole(12K)
expect page_owner(f3) is free
expect leaked_pages() == 1`,

  `scenario "large pages land first: the reference keeps 2M in pieces and in the file, the other answers lose 2M for one page"
model "linux/hugetlb-v2"
platform cca
allow leak 1
let GPA = 0x1_0000_0000
let SECOND = 0x1_7fa0_0000
let THIRD = 0x1_7f80_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
gm := KVM_CREATE_GUEST_MEMFD(vm, 6M,
  GUEST_MEMFD_FLAG_SUPPORT_SHARED | GUEST_MEMFD_FLAG_INIT_PRIVATE | GUEST_MEMFD_FLAG_HUGETLB | GUESTMEM_HUGETLB_2MB)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=6M, gmem=gm[0])
src := mmap_anon(4K)
write(src[0], 0x42, 1)
// One page of 2M that is in use as single pages: it is private for the realm, stays with the RMM, and is shared again.
def stuck(at) {
  KVM_GMEM_CONVERT_SHARED(gm, at +: 2M)
  KVM_GMEM_CONVERT_PRIVATE(gm, at + 20K +: 4K)
  inject RMI_DATA_CREATE nth 1 = RMI_ERROR_INPUT
  inject RMI_GRANULE_UNDELEGATE nth 1 = RMI_ERROR_INPUT
  KVM_ARM_RMI_POPULATE(vm, base=GPA + at + 20K, size=4K, source=src[0]) = -ENXIO
  expect granule(pa(gm[at + 20K])) is DELEGATED
  KVM_GMEM_CONVERT_SHARED(gm, at + 20K +: 4K)
}
fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 6M)
expect pa(gm[2M]) == SECOND
expect pa(gm[4M]) == THIRD
stuck(0)
KVM_GMEM_CONVERT_PRIVATE(gm, 0 +: 2M) = -EAGAIN {error_offset: 20K}
expect folio_order(gm[0]) == 0
fallocate(gm, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 2M) = -EAGAIN
set_policy(on_undelegate_failure=hwpoison)
stuck(2M)
KVM_GMEM_CONVERT_PRIVATE(gm, 2M +: 2M)
expect folio_order(gm[2M]) == 9
set_policy(on_undelegate_failure=gmem_mark_in_use)
stuck(4M)
KVM_GMEM_CONVERT_PRIVATE(gm, 4M +: 2M)
expect folio_order(gm[4M]) == 9
fallocate(gm, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 2M, 4M)
expect page_owner(SECOND + 4K) is detached
expect page_owner(THIRD + 4K) is detached
expect leaked_pages() == 1`,
];
