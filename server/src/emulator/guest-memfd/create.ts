// KVM_CREATE_GUEST_MEMFD.
import { type Flow, flow } from '../flow.ts';
import { vmParameter } from '../kvm/create.ts';
import { vmGates } from '../kvm/gates.ts';
import { FD_GMEM } from '../linux/descriptors.ts';
import { PMD_ORDER, PUD_ORDER } from '../linux/folios.ts';
import { type Checks, firstFailure, hasOnly, isNegative, systemCall } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';
import {
  GUEST_MEMFD_FLAG_HUGETLB,
  GUEST_MEMFD_FLAG_INIT_PRIVATE,
  GUEST_MEMFD_FLAG_INIT_SHARED,
  GUEST_MEMFD_FLAG_MMAP,
  GUEST_MEMFD_FLAG_SUPPORT_SHARED,
  GUESTMEM_HUGETLB_1GB,
  GUESTMEM_HUGETLB_2MB,
} from './files.ts';

/** The bits above the flags: a page size. */
const SIZE_MASK = 0x3f * 2 ** 20;
const HUGE_ORDERS: Readonly<Record<number, number>> = {
  [GUESTMEM_HUGETLB_2MB]: PMD_ORDER,
  [GUESTMEM_HUGETLB_1GB]: PUD_ORDER,
};

/** Whether a version takes these flags for this VM. */
function areSupported({ linux }: Machine, vm: number, flags: number): boolean {
  const { profile, arch } = linux;
  if (profile.gmemFlags === 'none') return flags === 0;
  if (profile.gmemFlags === 'mmap') {
    const mayInitShared = arch === 'arm64' || !linux.platformOf(vm).privateMemory || profile.setAttributes2 !== 'none';
    return hasOnly(flags, GUEST_MEMFD_FLAG_MMAP | (mayInitShared ? GUEST_MEMFD_FLAG_INIT_SHARED : 0));
  }
  const size = flags & SIZE_MASK;
  const plain = flags - size;
  const known = GUEST_MEMFD_FLAG_SUPPORT_SHARED | GUEST_MEMFD_FLAG_INIT_PRIVATE | GUEST_MEMFD_FLAG_HUGETLB;
  if (!hasOnly(plain, known)) return false;
  if ((plain & GUEST_MEMFD_FLAG_INIT_PRIVATE) !== 0 && (plain & GUEST_MEMFD_FLAG_SUPPORT_SHARED) === 0) return false;
  return (plain & GUEST_MEMFD_FLAG_HUGETLB) === 0 ? size === 0 : HUGE_ORDERS[size] !== undefined;
}

/** Order of the folios that a file is made of. */
const orderOf = (flags: number) =>
  (flags & GUEST_MEMFD_FLAG_HUGETLB) !== 0 ? (HUGE_ORDERS[flags & SIZE_MASK] ?? 0) : 0;

/** Whether every page of a new file is private. */
function startsPrivate({ linux: { profile } }: Machine, flags: number): boolean {
  if (profile.gmemFlags !== 'hugetlb') return (flags & GUEST_MEMFD_FLAG_INIT_SHARED) === 0;
  return (flags & GUEST_MEMFD_FLAG_SUPPORT_SHARED) === 0 || (flags & GUEST_MEMFD_FLAG_INIT_PRIVATE) !== 0;
}

const checks: Checks = [
  ...vmGates('vm'),
  {
    id: 'built',
    text: 'the kernel has guest_memfd: on arm64 from linux/6.18 on',
    errno: 'ENOTTY',
    argument: 'vm',
    holds: ({ linux }) => linux.arch === 'x86' || linux.profile.gmemInAnyVm,
  },
  {
    id: 'flags',
    text: 'flags has only flags that this version supports for the VM',
    errno: 'EINVAL',
    argument: 'flags',
    holds: (machine, [vm = 0, , flags = 0]) => areSupported(machine, vm, flags),
  },
  {
    id: 'size',
    text: 'size is above 0 and a multiple of the page size',
    errno: 'EINVAL',
    argument: 'size',
    holds: ({ linux }, [, size = 0, flags = 0]) =>
      !isNegative(size) && size > 0 && size % (linux.pageSize * 2 ** orderOf(flags)) === 0,
  },
  {
    id: 'fd_limit',
    text: 'the process may have another file descriptor',
    errno: 'EMFILE',
    holds: ({ linux }) => !linux.descriptors.full,
  },
];

const kvmGmemCreate: Flow = flow({
  name: 'kvm_gmem_create',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['vm', 'size', 'flags'],
  locals: { vm: 'number', size: 'bytes', flags: 'flag' },
  steps: {
    check_arguments: {
      text: 'if (flags & ~kvm_gmem_get_supported_flags(kvm)) return -EINVAL; if (size <= 0 || !PAGE_ALIGNED(size)) return -EINVAL',
      run(f) {
        const failed = firstFailure(checks, f.machine, [f.vm, f.size, f.flags]);
        if (failed !== 0) f.return(failed);
      },
    },
    __kvm_gmem_create: {
      text: 'file = __kvm_gmem_create_file(kvm, size, flags); kvm_get_kvm(kvm); fd_install(fd, file)',
      run(f) {
        const { gmem, vms, descriptors, pageSize } = f.machine.linux;
        const inode = gmem.inodes.add();
        const file = gmem.files.add();
        if (inode === 0 || file === 0) return f.return(-12);
        gmem.inodes.set(inode, 'size', f.size / pageSize);
        gmem.inodes.set(inode, 'flags', f.flags);
        gmem.inodes.set(inode, 'order', orderOf(f.flags));
        gmem.inodes.set(inode, 'attributes', gmem.initialAttributes(startsPrivate(f.machine, f.flags)));
        gmem.inodes.set(inode, 'files', 1);
        gmem.files.set(file, 'inode', inode);
        gmem.files.set(file, 'vm', f.vm);
        gmem.files.set(file, 'references', 1);
        vms.rows.count(f.vm, 'references', 1);
        f.return(0, descriptors.open(FD_GMEM, file));
      },
    },
  },
});

export const createGuestMemfd = systemCall({
  name: 'KVM_CREATE_GUEST_MEMFD',
  since: 'linux/6.8',
  summary: 'Makes a file of guest memory that belongs to a VM.',
  reference: 'Documentation/virt/kvm/api.rst, 4.142; virt/kvm/guest_memfd.c: kvm_gmem_create',
  params: [
    vmParameter,
    { name: 'size', type: 'u64', text: 'bytes, fixed for the life of the file' },
    {
      name: 'flags',
      type: 'flags',
      text: 'what the file can do',
      optional: true,
      flags: {
        GUEST_MEMFD_FLAG_MMAP,
        GUEST_MEMFD_FLAG_INIT_SHARED,
        GUEST_MEMFD_FLAG_SUPPORT_SHARED,
        GUEST_MEMFD_FLAG_INIT_PRIVATE,
        GUEST_MEMFD_FLAG_HUGETLB,
        GUESTMEM_HUGETLB_2MB,
        GUESTMEM_HUGETLB_1GB,
      },
    },
  ],
  outputs: [{ name: 'gmem', type: 'gmem', valid: 'SUCCESS', text: 'the guest_memfd' }],
  errors: ['EBADF', 'EIO', 'EINVAL', 'EMFILE', 'ENOMEM', 'ENOTTY'],
  checks,
  effects: ['the file is empty: pages come into being when they are used', 'the VM lives until the file is closed too'],
  differences: [
    'before linux/6.18: no flags',
    'linux/6.18 and later: GUEST_MEMFD_FLAG_MMAP; on x86 _INIT_SHARED only for VMs without private memory',
    'linux/inplace-v8 and later: _INIT_SHARED for all VMs',
    'linux/hugetlb-v2: _SUPPORT_SHARED, _INIT_PRIVATE (only with it) and _HUGETLB with a page size',
  ],
  flow: kvmGmemCreate,
});
