// KVM_LINK_GUEST_MEMFD: another VM's file over the same memory.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { vmParameter } from '../kvm/create.ts';
import { vmGates } from '../kvm/gates.ts';
import { FD_GMEM } from '../linux/descriptors.ts';
import { profilesWhere } from '../linux/profiles.ts';
import { type Checks, firstFailure, systemCall } from '../linux/system-call.ts';

const checks: Checks = [
  ...vmGates('vm'),
  {
    id: 'version',
    text: 'the kernel has KVM_LINK_GUEST_MEMFD',
    errno: 'ENOTTY',
    holds: ({ linux }) => linux.profile.link,
  },
  {
    id: 'flags',
    text: 'flags is 0',
    errno: 'EINVAL',
    argument: 'flags',
    holds: (_, [, , flags = 0]) => flags === 0,
  },
  {
    id: 'fd',
    text: 'fd is an open guest_memfd',
    errno: 'EINVAL',
    argument: 'fd',
    holds: ({ linux }, [, fd = 0]) =>
      linux.descriptors.isOpen(fd) && linux.descriptors.rows.get(fd, 'kind') === FD_GMEM,
  },
  {
    id: 'other_vm',
    text: 'the file belongs to another VM',
    errno: 'EINVAL',
    argument: 'fd',
    holds: ({ linux }, [vm = 0, fd = 0]) => linux.gmem.files.get(linux.descriptors.gmemFile(fd), 'vm') !== vm,
  },
];

const linkFlow: Flow = flow({
  name: 'kvm_gmem_link',
  reference: 'virt/kvm/guest_memfd.c, New KVM ioctl to link a gmem inode, RFC v2',
  params: ['vm', 'fd', 'flags'],
  locals: { vm: 'number', fd: 'number', flags: 'flag' },
  steps: {
    check_arguments: {
      text: 'if (args->flags) return -EINVAL; … if (src_file is not a guest_memfd || its VM is this one) return -EINVAL',
      run(f) {
        const failed = firstFailure(checks, f.machine, [f.vm, f.fd, f.flags]);
        if (failed !== 0) f.return(failed);
      },
    },
    kvm_gmem_link_inode: {
      text: 'ihold(inode); file = kvm_gmem_alloc_file(kvm, inode); fd_install(fd, file)',
      run(f) {
        const { gmem, vms, descriptors } = f.machine.linux;
        const inode = gmem.inodeOf(f.fd);
        const file = descriptors.full ? 0 : gmem.files.add();
        if (file === 0) return f.return(-ERRNO.EMFILE);
        gmem.files.set(file, 'inode', inode);
        gmem.files.set(file, 'vm', f.vm);
        gmem.files.set(file, 'references', 1);
        gmem.inodes.count(inode, 'files', 1);
        vms.rows.count(f.vm, 'references', 1);
        f.return(0, descriptors.open(FD_GMEM, file));
      },
    },
  },
});

export const linkGuestMemfd = systemCall({
  name: 'KVM_LINK_GUEST_MEMFD',
  since: 'linux/link-v2',
  models: profilesWhere((profile) => profile.link),
  summary: 'Gives a VM a file of its own over the memory of another VM’s guest_memfd.',
  reference: 'New KVM ioctl to link a gmem inode, RFC v2 of 2025-05',
  params: [
    vmParameter,
    { name: 'fd', type: 'gmem', text: 'the guest_memfd of the other VM' },
    { name: 'flags', type: 'u64', text: '0', optional: true },
  ],
  outputs: [{ name: 'gmem', type: 'gmem', valid: 'SUCCESS', text: 'the new file' }],
  errors: ['EBADF', 'EIO', 'ENOTTY', 'EINVAL', 'EMFILE', 'ENOMEM'],
  checks,
  effects: [
    'both files show the same memory: contents, attributes of the file and poison are common',
    'attributes of the VM are not copied',
    'memory lives until the last file is closed; every invalidation runs for all files',
  ],
  flow: linkFlow,
});
