// Scenarios for the seed list: truncation that ends inside a page of a guest, before and since AS_INACCESSIBLE.

/** A guest of that kernel whose private pages hold 0x11, 0x22 at the end of the first, and 0x33. */
const cutOff = (header: string) => `${header}
platform sw-protected
let GPA = 0x1_0000_0000
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 8K)
user := mmap_anon(8K)
KVM_SET_USER_MEMORY_REGION2(vm, slot=1, gpa=GPA, size=8K, hva=user, gmem=gm[0])
KVM_SET_MEMORY_ATTRIBUTES(vm, GPA +: 8K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
KVM_RUN(c0)
  < write(GPA, 0x11, size=1)
  < write(GPA + 4095, 0x22, size=1)
  < write(GPA + 4K, 0x33, size=1)
truncate_inode_pages_range(gm, 100 +: 4K)`;

export const SCENARIOS: readonly string[] = [
  `scenario "AS_INACCESSIBLE: truncation that ends inside a page leaves the page to the guest"
${cutOff('model "linux/6.11"')}
expect kvm_core_writes() == 0
expect folios(gm) == 2
KVM_RUN(c0)
  < read(GPA, size=1) = 0x11
  < read(GPA + 4095, size=1) = 0x22
  < read(GPA + 4K, size=1) = 0x33`,

  `scenario "before AS_INACCESSIBLE truncation zeroes parts of pages that are the guest’s"
${cutOff('model "linux/6.8"\nallow core_writes 2')}
expect kvm_core_writes() == 2
KVM_RUN(c0)
  < read(GPA, size=1) = 0x11
  < read(GPA + 4095, size=1) = 0
  < read(GPA + 4K, size=1) = 0`,
];
