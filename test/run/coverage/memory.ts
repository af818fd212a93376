// Scenarios for the seed list: whose a page is, from its allocation until its file is closed.
import { FRAME, inPlace, V9 } from './machines.ts';

export const SCENARIOS: readonly string[] = [
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

  `scenario "delegating a page destroys what the VMM had written there"
${inPlace('GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED')}
memset(m[0 +: 4K], 0x42)
RMI_GRANULE_DELEGATE(pa(gm[0]))
RMI_GRANULE_UNDELEGATE(pa(gm[0]))
read(m[0]) = 0`,

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
