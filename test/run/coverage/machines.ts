// What the scenarios for the seed list begin with: versions, VMs and their memory.

/** A realm of the series that has a call for each stage, its slot over a guest_memfd and over a buffer of the VMM. */
export const V9: string = `model "linux/cca-v9"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K)
KVM_SET_MEMORY_ATTRIBUTES(vm, GPA +: 8K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
KVM_CAP_ARM_RME_CREATE_REALM(vm)
KVM_CAP_ARM_RME_INIT_RIPAS_REALM(vm, GPA +: 8K)`;

/** A realm over a guest_memfd that the VMM maps, with the flags in brackets. */
export const inPlace = (flags: string): string => `model "linux/inplace-v8"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K, ${flags})
m := mmap(gm, 0 +: 8K, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=8K, gmem=gm[0])`;

export const HUGE: string = `model "linux/hugetlb-v2"
platform cca
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 16M,
  GUEST_MEMFD_FLAG_SUPPORT_SHARED | GUEST_MEMFD_FLAG_INIT_PRIVATE | GUEST_MEMFD_FLAG_HUGETLB | GUESTMEM_HUGETLB_2MB)
m := mmap(gm, 0 +: 16M, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=16M, hva=m, gmem=gm[0])`;

/** The next page that is given out, by its address: `frame`. */
export const FRAME: string = `frame := alloc_page()
__free_page(frame)
fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 4K)
expect pa(gm[0]) == frame`;
