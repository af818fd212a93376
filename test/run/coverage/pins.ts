// Scenarios for the seed list: what the VMM still maps or pins of a guest's private memory.

/** A realm that is ready to run, over a guest_memfd that the VMM can map whatever the VM's attributes say. */
const REALM = `model "linux/cca-v9"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K, GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED)
m := mmap(gm, 0 +: 8K, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=8K, gmem=gm[0])
write(m[0], 0x42, 1)
KVM_CAP_ARM_RME_CREATE_REALM(vm)
KVM_CAP_ARM_RME_INIT_RIPAS_REALM(vm, GPA +: 8K)
KVM_ARM_VCPU_FINALIZE(c0, KVM_ARM_VCPU_REC)
KVM_CAP_ARM_RME_ACTIVATE_REALM(vm)`;

export const SCENARIOS: readonly string[] = [
  `scenario "a vCPU that runs while the VMM maps a private page makes that mapping deadly, unless the run is refused"
${REALM}
expect attr(gm[0]) is private
expect mapped(m[0]) is yes
set_policy(on_mapped_private=refuse_run)
KVM_RUN(c0) = -EBUSY
expect granule(pa(gm[0])) is UNDELEGATED
read(m[0], 1) = 0x42
set_policy(on_mapped_private=run)
KVM_RUN(c0)
  < write(GPA, 7, size=1, private=1)
read(m[0], 1) = SIGBUS | SIGKILL`,

  `scenario "the run goes on once the VMM has unmapped what is private, and a page that is shared may stay mapped"
${REALM}
write(m[4K], 0x17, 1)
set_policy(on_mapped_private=refuse_run)
KVM_RUN(c0) = -EBUSY
munmap(m)
KVM_RUN(c0)
  < write(GPA, 7, size=1, private=1)
n := mmap(gm, 0 +: 8K, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_MEMORY_ATTRIBUTES(vm, GPA + 4K +: 4K, 0)
read(n[4K], 1) = 0x17
KVM_RUN(c0)
  < read(GPA, size=1, private=1) = 7`,

  `scenario "what guest_memfd has to know for that: every private page that a process maps, through each map, unmap and conversion"
${REALM}
expect mapped_private(gm) == 1
write(m[4K], 0x17, 1)
expect mapped_private(gm) == 2
KVM_SET_MEMORY_ATTRIBUTES(vm, GPA + 4K +: 4K, 0)
expect mapped_private(gm) == 1
child := fork(m)
read(child[0], 1) = 0x42
expect mapped_private(gm) == 1
munmap(m)
expect mapped_private(gm) == 1
munmap(child)
expect mapped_private(gm) == 0`,

  `scenario "a page that was pinned before it became private passes the check of mappings, and the pin is deadly"
${REALM}
pin := pin_user_pages(m[0 +: 4K], FOLL_WRITE)
munmap(m)
set_policy(on_mapped_private=refuse_run)
expect mapped_private(gm) == 0
KVM_RUN(c0)
  < write(GPA, 7, size=1, private=1)
expect pincount(gm[0]) == 1
kernel_access(pa(gm[0])) = host_crash
expect host() is crashed`,

  `scenario "what each side of the question is without more: anonymous memory of a guest can be pinned, private guest_memfd cannot"
model "linux/inplace-v8"
platform sw-protected
let GPA = 0x1_0000_0000
let ANON = 0x2_0000_0000
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
c0 := KVM_CREATE_VCPU(vm, 0)
a := mmap_anon(4K)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=ANON, size=4K, hva=a)
gm := KVM_CREATE_GUEST_MEMFD(vm, 4K, GUEST_MEMFD_FLAG_MMAP)
m := mmap(gm, 0 +: 4K, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=1, gpa=GPA, size=4K, gmem=gm[0])
KVM_RUN(c0)
  < write(ANON, 0x41, size=1)
  < write(GPA, 0x42, size=1)
pin := pin_user_pages(a[0 +: 4K], FOLL_WRITE | FOLL_LONGTERM)
read(a[0], 1) = 0x41
pin_user_pages(m[0 +: 4K], FOLL_WRITE | FOLL_LONGTERM) = -EFAULT
read(m[0], 1) = SIGBUS`,
];
