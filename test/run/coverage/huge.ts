// Scenarios for the seed list: folios of 2M, and what becomes of them.
import { HUGE } from './machines.ts';

export const SCENARIOS: readonly string[] = [
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
];
