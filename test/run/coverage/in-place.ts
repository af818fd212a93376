// Scenarios for the seed list: an image that lies in the pages themselves, and the ways to populate it.
import { inPlace } from './machines.ts';

export const SCENARIOS: readonly string[] = [
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

  `scenario "one call that converts and populates does both where nobody holds a page"
${inPlace('GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED')}
memset(m[0 +: 8K], 0x42)
set_policy(temporary_pages=1)
glued_populate(vm, base=GPA, size=8K) = 0 {done: 2, error: 0}
expect attr(gm[0 +: 8K]) is private
expect granule(pa(gm[0 +: 8K])) is DATA
KVM_RUN(c0)
  < read(GPA + 4K, size=1, private=1) = 0x42`,

  `scenario "one call that converts and populates fails half way, in either half, and does not say in which"
${inPlace('GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED')}
memset(m[0 +: 8K], 0x42)
pin := pin_user_pages(m[4K +: 4K], FOLL_WRITE)
set_policy(temporary_pages=1)
glued_populate(vm, base=GPA, size=8K) = 0 {done: 1, error: EAGAIN, error_offset: 4K}
expect attr(gm[0]) is private
expect granule(pa(gm[0])) is DATA
expect attr(gm[4K]) is shared
unpin_user_pages(pin)
inject alloc nth 1 = -ENOMEM
glued_populate(vm, base=GPA + 4K, size=4K) = -ENOMEM {done: 0, error: ENOMEM, error_offset: 4K}
expect attr(gm[4K]) is private
expect granule(pa(gm[4K])) is UNDELEGATED
read(m[4K], 1) = SIGBUS`,

  `scenario "one call that converts and populates never gets past the conversion of a page that stays pinned"
${inPlace('GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED')}
memset(m[0 +: 8K], 0x42)
pin := pin_user_pages(m[4K +: 4K], FOLL_WRITE | FOLL_LONGTERM)
set_policy(temporary_pages=1)
glued_populate(vm, base=GPA, size=8K) = 0 {done: 1, error: EAGAIN, error_offset: 4K}
for try in 0 .. 16 step 1 {
  glued_populate(vm, base=GPA + 4K, size=4K) = -EAGAIN {done: 0, error: EAGAIN, error_offset: 4K}
}
expect granule(pa(gm[4K])) is UNDELEGATED
unpin_user_pages(pin)
glued_populate(vm, base=GPA + 4K, size=4K) = 0 {done: 1, error: 0}`,

  `scenario "a page that is populated from a buffer while it is shared is the realm's once it is converted"
${inPlace('GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED')}
buf := mmap_anon(4K)
write(buf[0], 0x42, 1)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=4K, source=buf[0]) = -EINVAL
set_policy(populate_order=populate_first)
KVM_ARM_RMI_POPULATE(vm, base=GPA, size=4K, source=buf[0]) = 0 {size: 0}
expect attr(gm[0]) is shared
expect granule(pa(gm[0])) is DATA
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 8K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
KVM_RUN(c0)
  < read(GPA, size=1, private=1) = 0x42
read(m[0], 1) = SIGBUS`,

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
];
