// Scenarios for the seed list: pages that firmware did not give back.
import { FRAME } from './machines.ts';

export const SCENARIOS: readonly string[] = [
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
];
