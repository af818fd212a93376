// System calls on file descriptors: close, dup, fstat and those that a guest_memfd refuses.
import type { Parameter } from '../definition.ts';
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { putKvm } from '../kvm/destroy.ts';
import { FD_GMEM, FD_MEMFD } from './descriptors.ts';
import { fput } from './release.ts';
import { type Check, firstFailure, systemCall } from './system-call.ts';

const fdParameter: Parameter = { name: 'fd', type: 'gmem', text: 'the file descriptor' };

const open: Check = {
  id: 'fd',
  text: 'the file descriptor is open',
  errno: 'EBADF',
  argument: 'fd',
  holds: ({ linux }, [fd = 0]) => linux.descriptors.isOpen(fd),
};

const closeFile: Flow = flow({
  name: 'close',
  reference: 'fs/open.c: close_fd',
  params: ['fd'],
  locals: { fd: 'number' },
  steps: {
    file_close_fd: {
      text: 'file = file_close_fd(fd); if (!file) return -EBADF',
      run(f) {
        const failed = firstFailure([open], f.machine, [f.fd]);
        if (failed !== 0) return f.return(failed);
        const { rows } = f.machine.linux.descriptors;
        rows.set(f.fd, 'open', 0);
        if (rows.get(f.fd, 'kind') !== FD_GMEM) f.return(0);
      },
    },
    filp_close: {
      text: 'return filp_close(file, current->files)',
      run: (f) => f.call(fput, [f.machine.linux.descriptors.rows.get(f.fd, 'object'), 1]),
    },
  },
});

/** Closes a VM's descriptor or a vCPU's. */
const closeVm = (table: 'vm' | 'vcpu'): Flow =>
  flow({
    name: table === 'vm' ? 'kvm_vm_release' : 'kvm_vcpu_release',
    reference: 'virt/kvm/kvm_main.c',
    params: ['row'],
    locals: { row: 'number' },
    steps: {
      file_close_fd: {
        text: 'file = file_close_fd(fd); if (!file) return -EBADF',
        run(f) {
          const { vms } = f.machine.linux;
          const rows = table === 'vm' ? vms.rows : vms.vcpus;
          if (rows.get(f.row, 'fd') === 0) f.return(-ERRNO.EBADF);
          else rows.set(f.row, 'fd', 0);
        },
      },
      kvm_put_kvm: {
        text: 'kvm_put_kvm(kvm)',
        run: (f) => f.call(putKvm, [table === 'vm' ? f.row : f.machine.linux.vms.vcpus.get(f.row, 'vm'), 1]),
      },
    },
  });

const closeCommon = {
  name: 'close',
  since: 'linux/6.8',
  summary: 'Closes a file descriptor.',
  reference: 'fs/open.c: close_fd; virt/kvm/guest_memfd.c: kvm_gmem_release',
  errors: ['EBADF'],
  effects: [
    'the last reference to a guest_memfd takes it from its slots, unmaps it from the guest and frees its memory',
    'a VM ends when its descriptor, its vCPUs and all its guest_memfds are closed',
  ],
} as const;

export const close = {
  ...systemCall({ ...closeCommon, params: [fdParameter], checks: [open], flow: closeFile }),
  overloads: (['vm', 'vcpu'] as const).map((table) =>
    systemCall({
      ...closeCommon,
      params: [{ name: table, type: table, text: 'whose descriptor' }],
      flow: closeVm(table),
    }),
  ),
};

const dupFlow: Flow = flow({
  name: 'ksys_dup3',
  reference: 'fs/file.c',
  params: ['fd'],
  locals: { fd: 'number' },
  steps: {
    fget_raw: {
      text: 'file = fget_raw(fildes); ret = get_unused_fd_flags(0); fd_install(ret, file)',
      run(f) {
        const { descriptors, gmem } = f.machine.linux;
        const failed = firstFailure([open], f.machine, [f.fd]);
        if (failed !== 0) return f.return(failed);
        const kind = descriptors.rows.get(f.fd, 'kind');
        const object = descriptors.rows.get(f.fd, 'object');
        const copy = descriptors.open(kind, object);
        if (copy === 0) return f.return(-ERRNO.EMFILE);
        if (kind === FD_GMEM) gmem.files.count(object, 'references', 1);
        f.return(0, copy);
      },
    },
  },
});

const newFd = { name: 'fd', type: 'gmem', valid: 'SUCCESS', text: 'the new descriptor' } as const;

export const dup = systemCall({
  name: 'dup',
  since: 'linux/6.8',
  summary: 'Makes another descriptor of an open file.',
  reference: 'fs/file.c: ksys_dup3',
  params: [fdParameter],
  outputs: [newFd],
  errors: ['EBADF', 'EMFILE'],
  checks: [open],
  effects: ['the file lives until both are closed'],
  flow: dupFlow,
});

const memfdCreateFlow: Flow = flow({
  name: 'memfd_create',
  reference: 'mm/memfd.c',
  params: ['size'],
  locals: { size: 'bytes' },
  steps: {
    shmem_file_setup: {
      text: 'file = shmem_file_setup(name, size, VM_NORESERVE); fd_install(fd, file)',
      run(f) {
        const { descriptors, gmem, pageSize } = f.machine.linux;
        const inode = gmem.inodes.add();
        if (inode === 0 || descriptors.full) return f.return(-ERRNO.EMFILE);
        gmem.inodes.set(inode, 'size', Math.ceil(f.size / pageSize));
        gmem.inodes.set(inode, 'memfd', 1);
        f.return(0, descriptors.open(FD_MEMFD, inode));
      },
    },
  },
});

export const memfdCreate = systemCall({
  name: 'memfd_create',
  since: 'linux/6.8',
  summary: 'Makes a file of ordinary memory: not a guest_memfd.',
  reference: 'mm/memfd.c',
  params: [{ name: 'size', type: 'u64', text: 'bytes' }],
  outputs: [newFd],
  errors: ['EMFILE'],
  effects: ['the file is empty'],
  flow: memfdCreateFlow,
});

const fstatFlow: Flow = flow({
  name: 'vfs_fstat',
  reference: 'fs/stat.c',
  params: ['fd'],
  locals: { fd: 'number' },
  steps: {
    vfs_getattr: {
      text: 'generic_fillattr(idmap, request_mask, inode, stat)',
      run(f) {
        const { gmem, pageSize } = f.machine.linux;
        const failed = firstFailure([open], f.machine, [f.fd]);
        const inode = gmem.inodeOf(f.fd);
        if (failed !== 0) f.return(failed);
        else f.return(0, gmem.inodes.get(inode, 'size') * pageSize, pageSize, inode);
      },
    },
  },
});

const statField = (name: string, text: string) => ({ name, type: 'u64', valid: 'SUCCESS', text }) as const;

export const fstat = systemCall({
  name: 'fstat',
  since: 'linux/6.8',
  summary: 'Size, block size and inode number of a file.',
  reference: 'fs/stat.c: vfs_fstat',
  params: [fdParameter],
  outputs: [statField('size', 'bytes'), statField('blksize', 'bytes of a block'), statField('ino', 'inode number')],
  errors: ['EBADF'],
  checks: [open],
  effects: ['nothing changes'],
  flow: fstatFlow,
});

/** A call that no guest_memfd answers. */
function refused(name: string, reference: string, text: string, params: readonly Parameter[]) {
  const gmemRefuses: Check = {
    id: 'operation',
    text,
    errno: 'EINVAL',
    argument: 'fd',
    holds: ({ linux }, [fd = 0]) => linux.descriptors.rows.get(fd, 'kind') !== FD_GMEM,
  };
  const checks = [open, gmemRefuses];
  const names = params.map((param) => param.name);
  return systemCall({
    name,
    since: 'linux/6.8',
    summary: `${name}: a guest_memfd has no such operation.`,
    reference,
    params,
    errors: ['EBADF', 'EINVAL'],
    checks,
    effects: ['nothing changes'],
    flow: flow({
      name,
      reference,
      params: names,
      locals: Object.fromEntries(names.map((local) => [local, 'number'] as const)),
      steps: {
        refuse: {
          text: 'return -EINVAL',
          run: (f) => f.return(firstFailure(checks, f.machine, [f[names[0] ?? ''] ?? 0])),
        },
      },
    }),
  });
}

const u64 = (name: string, text: string): Parameter => ({ name, type: 'u64', text });
const SETATTR = 'virt/kvm/guest_memfd.c: kvm_gmem_setattr';
const NO_ATTRIBUTES = 'the file is no guest_memfd: size and attributes of one never change';
const NO_IO = 'the file is no guest_memfd: it has neither read nor write';

export const ftruncate = refused('ftruncate', SETATTR, NO_ATTRIBUTES, [fdParameter, u64('size', 'bytes')]);
export const fchmod = refused('fchmod', SETATTR, NO_ATTRIBUTES, [fdParameter, u64('mode', 'permission bits')]);
export const pread = refused('pread', 'fs/read_write.c', NO_IO, [
  fdParameter,
  u64('count', 'bytes'),
  u64('offset', 'byte'),
]);
export const pwrite = refused('pwrite', 'fs/read_write.c', NO_IO, [
  fdParameter,
  u64('count', 'bytes'),
  u64('offset', 'byte'),
]);
const count = [fdParameter, u64('count', 'bytes')];
/** read and write of a descriptor, beside those of memory through a mapping. */
export const readFd = refused('read', 'fs/read_write.c', NO_IO, count);
export const writeFd = refused('write', 'fs/read_write.c', NO_IO, count);
