// Scenarios with the host kernel in them, for the tests of what panels are told.

const kernel = (title: string, flags: string, model: string, vm: string) => `scenario "${title}"
model    "${model}"

let GPA = 0x1_0000_0000

vm := KVM_CREATE_VM(${vm})
gm := KVM_CREATE_GUEST_MEMFD(vm, 64K, ${flags})
m  := mmap(gm, 0 +: 64K, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=64K, gmem=gm[0])
`;

const SHARED = 'GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED';

/** A conversion to private fails on a pinned page, and goes through once it is unpinned. */
export const pinned = `${kernel('in-place conversion meets a pin', SHARED, 'linux/inplace-v8', 'KVM_X86_SW_PROTECTED_VM')}
for off in 0 .. 64K step 4K {
  write(m[off], 0x5a)
}
pin := pin_user_pages(m[8K +: 4K], FOLL_WRITE | FOLL_LONGTERM)

KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 64K, KVM_MEMORY_ATTRIBUTE_PRIVATE) = -EAGAIN {error_offset: 8K}
expect attr(gm[0 +: 64K])  is shared
expect mapped(m[0 +: 64K]) is no
read(m[8K])                                                            = 0x5a

unpin_user_pages(pin)
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 64K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
expect attr(gm[0 +: 64K])  is private
read(m[0])                                                             = SIGBUS
`;

/** A hole is punched in a file that is mapped and has a pinned page. */
export const punched = `${kernel('a hole below a pin', SHARED, 'linux/6.18', 'KVM_X86_DEFAULT_VM')}
write(m[0], 0x11)
write(m[4K], 0x22)
pin := pin_user_pages(m[4K +: 4K], FOLL_WRITE)
fallocate(gm, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 8K)
unpin_user_pages(pin)
`;

/** A page that firmware never gave back, in its file and behind it. */
export const leaked = `${kernel('a leaked page', SHARED, 'linux/inplace-v8', 'KVM_X86_SW_PROTECTED_VM').replace('\n\nlet', '\nallow leak 1\n\nlet')}
memset(m[0 +: 16K], 0x11)
leak_page(gm[4K])
fallocate(gm, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 4K, 4K)
`;

/** A page is copied from the VMM's memory into a realm: every place of a page has something in it. */
export const populated = `scenario "populate one page of a realm"
model    "linux/cca-v9", "rmm/1.0"
platform cca
page     4K

let GPA = 0x8000_0000

vm  := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM, ipa_bits=40)
gm  := KVM_CREATE_GUEST_MEMFD(vm, size=64K)
src := mmap_anon(64K)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=64K, hva=src, gmem=gm[0])
write(src[0], 0x14000000)
KVM_CAP_ARM_RME_CREATE_REALM(vm)
KVM_CAP_ARM_RME_INIT_RIPAS_REALM(vm, GPA +: 64K)
KVM_CAP_ARM_RME_POPULATE_REALM(vm, GPA +: 4K, KVM_ARM_RME_POPULATE_FLAGS_MEASURE)
`;
