// The versions of Linux that a scenario may name, each a bundle of switches over one kernel.

/** What a version of the kernel has and how it decides where versions differ. */
export interface Profile {
  readonly name: string;
  /** `upstream`: a release. `proposed`: a series on the list. `discussed`: a mail thread, no code. */
  readonly status: 'upstream' | 'proposed' | 'discussed';
  /** What it stands for. */
  readonly text: string;
  /** Flags of KVM_CREATE_GUEST_MEMFD: none, MMAP and INIT_SHARED, or SUPPORT_SHARED, INIT_PRIVATE and HUGETLB. */
  readonly gmemFlags: 'none' | 'mmap' | 'hugetlb';
  /** Who tracks which page is private: the VM by guest frame, or the file by offset. */
  readonly attributes: 'vm' | 'gmem';
  /** KVM_SET_MEMORY_ATTRIBUTES2 on a guest_memfd, with content modes in an intermediate version. */
  readonly setAttributes2: 'none' | 'plain' | 'modes';
  /** What a conversion to private does with pages that somebody still uses: count references, or look at pins and mappings first. */
  readonly conversionCheck: 'references' | 'pins first';
  /** KVM_GMEM_CONVERT_SHARED and _PRIVATE, folios of 2M and 1G that are split and merged. */
  readonly hugetlb: boolean;
  /** KVM_LINK_GUEST_MEMFD. */
  readonly link: boolean;
  /** KVM_PRE_FAULT_MEMORY; `spins` where a slot that is being deleted is waited for instead of -EAGAIN. */
  readonly preFault: 'none' | 'spins' | 'EAGAIN';
  /** When a lookup for the guest calls the platform's prepare hook. */
  readonly prepare: 'never' | 'not up to date' | 'always' | 'private';
  /** fallocate tries the prepare hook too. */
  readonly prepareAtAllocation: boolean;
  /** Which hook a conversion to shared runs over allocated folios. */
  readonly toSharedHook: 'none' | 'invalidate' | 'make_shared';
  /** The populate core of KVM: absent, as in 6.11, or with page-aligned sources pinned by common code. */
  readonly populate: 'none' | '6.11' | '7.0';
  /** Populate zeroes a folio that is not up to date before the platform fills it. */
  readonly populateZeroes: boolean;
  /** KVM_MEM_GUEST_MEMFD in any VM, and arm64; before, only where the VM has private memory. */
  readonly gmemInAnyVm: boolean;
  /** Every slot with a guest_memfd is served from the file alone, not only where the file can be mapped. */
  readonly alwaysGmemOnly: boolean;
  /** Errno of a binding whose file range another slot has already. */
  readonly bindOverlap: 'EINVAL' | 'EEXIST';
  /** NUMA policies per file range. */
  readonly numa: boolean;
  /** Bits of an x86 fault's error code that reach the handler: with 64 they say whether the access was private, with 32 the VM is asked. */
  readonly faultErrorCode: 32 | 64;
  /** AS_INACCESSIBLE: truncation does not zero the part of a page of a guest_memfd that it cuts off. */
  readonly inaccessible: boolean;
  /** KVM keeps a reference to every folio that it maps privately into a realm. */
  readonly mappingsHoldReferences: boolean;
  /** Which CCA host series its realm flows come from. */
  readonly cca: 'v9' | 'v12' | 'v13';
}

const v6_8: Profile = {
  name: 'linux/6.8',
  status: 'upstream',
  text: 'first guest_memfd: private only, no mmap, no hooks, attributes per VM',
  gmemFlags: 'none',
  attributes: 'vm',
  setAttributes2: 'none',
  conversionCheck: 'references',
  hugetlb: false,
  link: false,
  preFault: 'none',
  prepare: 'never',
  prepareAtAllocation: false,
  toSharedHook: 'none',
  populate: 'none',
  populateZeroes: false,
  gmemInAnyVm: false,
  alwaysGmemOnly: false,
  bindOverlap: 'EINVAL',
  numa: false,
  faultErrorCode: 32,
  inaccessible: false,
  mappingsHoldReferences: false,
  cca: 'v9',
};

const v6_11: Profile = {
  ...v6_8,
  name: 'linux/6.11',
  text: 'prepare, invalidate and populate hooks, SNP VMs, KVM_PRE_FAULT_MEMORY',
  preFault: 'spins',
  prepare: 'not up to date',
  populate: '6.11',
  faultErrorCode: 64,
  inaccessible: true,
};

const v6_16: Profile = { ...v6_11, name: 'linux/6.16', text: 'TDX VMs and KVM_TDX_INIT_MEM_REGION' };

const v6_18: Profile = {
  ...v6_16,
  name: 'linux/6.18',
  text: 'GUEST_MEMFD_FLAG_MMAP and _INIT_SHARED, slots served by the file alone, arm64',
  gmemFlags: 'mmap',
  preFault: 'EAGAIN',
  gmemInAnyVm: true,
};

const v7_0: Profile = {
  ...v6_18,
  name: 'linux/7.0',
  text: 'one inode a guest_memfd, NUMA policies, populate pins page-aligned sources, prepare on every lookup',
  prepare: 'always',
  populate: '7.0',
  numa: true,
};

const v7_2: Profile = {
  ...v7_0,
  name: 'linux/7.2',
  text: 'binding a file range twice gives -EEXIST, unsigned offsets',
  bindOverlap: 'EEXIST',
};

const proposed = { status: 'proposed' } as const;

const inplaceV8: Profile = {
  ...v7_2,
  ...proposed,
  name: 'linux/inplace-v8',
  text: 'guest_memfd: In-place conversion support, v8 of 2026-06-18',
  attributes: 'gmem',
  setAttributes2: 'plain',
  prepare: 'private',
  toSharedHook: 'invalidate',
  populateZeroes: true,
  cca: 'v13',
};

const ccaV9: Profile = {
  ...v6_18,
  ...proposed,
  name: 'linux/cca-v9',
  text: 'arm64: Support for Arm CCA in KVM, v9',
  mappingsHoldReferences: true,
  cca: 'v9',
};

/** All versions, in the order in which they came. */
export const PROFILES: readonly Profile[] = [
  v6_8,
  v6_11,
  v6_16,
  v6_18,
  v7_0,
  v7_2,
  {
    ...v6_8,
    ...proposed,
    name: 'linux/hooks-v1',
    text: 'KVM: gmem hooks/changes needed for x86, RFC of 2023-10',
    prepare: 'not up to date',
    prepareAtAllocation: true,
    populate: '6.11',
    faultErrorCode: 64,
    inaccessible: true,
  },
  {
    ...v6_18,
    ...proposed,
    name: 'linux/hugetlb-v2',
    text: '1G page support for guest_memfd, RFC v2 of 2025-05',
    gmemFlags: 'hugetlb',
    attributes: 'gmem',
    hugetlb: true,
    prepare: 'private',
    toSharedHook: 'invalidate',
    cca: 'v13',
  },
  {
    ...v6_16,
    ...proposed,
    name: 'linux/link-v2',
    text: 'New KVM ioctl to link a gmem inode, RFC v2 of 2025-05',
    link: true,
  },
  ccaV9,
  { ...ccaV9, name: 'linux/cca-v10', text: 'arm64: Support for Arm CCA in KVM, v10: the interface of v9' },
  { ...ccaV9, name: 'linux/cca-v12', text: 'arm64: Support for Arm CCA in KVM, v12', cca: 'v12' },
  {
    ...v7_0,
    ...proposed,
    name: 'linux/cca-v13',
    text: 'arm64: Support for Arm CCA in KVM, v13 and v14, RMM 2.0 style calls',
    cca: 'v13',
  },
  inplaceV8,
  {
    ...inplaceV8,
    name: 'linux/inplace-v8-modes',
    text: 'an intermediate posting of in-place conversion with ZERO and PRESERVE content modes',
    setAttributes2: 'modes',
  },
  {
    ...inplaceV8,
    name: 'linux/inplace-v9',
    text: 'in-place conversion after v8: hooks split into make_private, make_shared, reclaim and invalidate_range',
    conversionCheck: 'pins first',
    alwaysGmemOnly: true,
    toSharedHook: 'make_shared',
  },
];

/** Where a scenario names no version. */
export const DEFAULT_PROFILE: Profile = v6_18;

/** The version of that name. */
export const profileNamed = (name: string): Profile | undefined => PROFILES.find((profile) => profile.name === name);

/** The names of the versions for which a rule holds, for definitions and documentation. */
export const profilesWhere = (holds: (profile: Profile) => boolean): readonly string[] =>
  PROFILES.filter(holds).map(({ name }) => name);
