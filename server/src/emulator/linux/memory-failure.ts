// Memory failure: a page of hardware memory is broken, and everybody who uses it hears of it.
import type { Parameter } from '../definition.ts';
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { halvesOf, invalidateBegin, invalidateEnd } from '../guest-memfd/invalidate.ts';
import { lockShared, unlockShared } from '../guest-memfd/lock.ts';
import { unmapHost } from '../guest-memfd/pieces.ts';
import { HWPOISON } from './folios.ts';
import { warn } from './pieces.ts';
import { systemCall } from './system-call.ts';

/** The error handler of a guest_memfd: guests lose the page, the file keeps it. */
const errorFolio: Flow = flow({
  name: 'kvm_gmem_error_folio',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['inode', 'from', 'to'],
  locals: { inode: 'number', from: 'number', to: 'number' },
  steps: {
    filemap_invalidate_lock_shared: {
      text: 'filemap_invalidate_lock_shared(mapping)',
      run(f) {
        if (!lockShared(f.machine, f.inode)) f.wait();
      },
    },
    kvm_gmem_invalidate_begin: {
      text: 'kvm_gmem_invalidate_begin(inode, start, end)',
      run: (f) => f.call(invalidateBegin, [f.inode, f.from, f.to, halvesOf(f.machine, f.inode, f.from, f.to), 0]),
    },
    kvm_gmem_invalidate_end: {
      text: 'no truncation: the data may still be of use; kvm_gmem_invalidate_end(inode, start, end)',
      run: (f) => f.call(invalidateEnd, [f.inode, f.from, f.to, 0]),
    },
    filemap_invalidate_unlock_shared: {
      text: 'filemap_invalidate_unlock_shared(mapping); return MF_DELAYED',
      run: (f) => unlockShared(f.machine, f.inode),
    },
  },
});

const memoryFailureFlow: Flow = flow({
  name: 'memory_failure',
  reference: 'mm/memory-failure.c',
  params: ['fd', 'offset'],
  locals: { fd: 'number', offset: 'bytes', inode: 'number', pfn: 'number', index: 'number', pages: 'number' },
  steps: {
    TestSetPageHWPoison: {
      text: 'if (TestSetPageHWPoison(p)) return -EHWPOISON',
      run(f) {
        const { gmem, folios, pageSize } = f.machine.linux;
        f.inode = gmem.inodeOf(f.fd);
        const found = f.inode === 0 ? 0 : gmem.pfnAt(f.inode, Math.floor(f.offset / pageSize));
        if (found === 0) return f.return(-ERRNO.ENXIO);
        f.pfn = folios.head(found);
        if (folios.has(f.pfn, HWPOISON)) return f.return(-ERRNO.EHWPOISON);
        folios.mark(f.pfn, HWPOISON);
        f.index = folios.get(f.pfn, 'index');
        f.pages = folios.pageCount(f.pfn);
      },
    },
    hwpoison_user_mappings: {
      text: 'hwpoison_user_mappings(folio, p, pfn, flags): unmap, and signal the owners as they asked for',
      run: (f) => f.command(unmapHost, [f.inode, f.index, f.index + f.pages]),
    },
    error_remove_folio: {
      text: 'identify_page_state(pfn, p, page_flags): mapping->a_ops->error_remove_folio(mapping, folio)',
      run: (f) => f.call(errorFolio, [f.inode, f.index, f.index + f.pages]),
    },
  },
});

const at: Parameter = { name: 'at', type: 'gmem_at', text: 'a page of a guest_memfd' };

export const memoryFailure = systemCall({
  name: 'memory_failure',
  actor: 'host',
  since: 'linux/6.8',
  summary: 'The hardware reports a page as broken.',
  reference: 'mm/memory-failure.c; virt/kvm/guest_memfd.c: kvm_gmem_error_folio',
  params: [at],
  errors: ['ENXIO', 'EHWPOISON'],
  effects: [
    'processes and guests lose the page',
    'the file keeps it: KVM_RUN ends with -EHWPOISON, accesses of processes with SIGBUS',
  ],
  flow: memoryFailureFlow,
});

const migrateFlow: Flow = flow({
  name: 'kvm_gmem_migrate_folio',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['fd', 'offset'],
  locals: { fd: 'number', offset: 'bytes' },
  steps: {
    WARN_ON_ONCE: {
      text: 'WARN_ON_ONCE(1)',
      run: (f) => f.command(warn, [0]),
    },
    refuse: {
      text: 'return -EINVAL',
      run: (f) => f.return(-ERRNO.EINVAL),
    },
  },
});

export const migrateFolio = systemCall({
  name: 'migrate_folio',
  actor: 'host',
  since: 'linux/6.8',
  summary: 'Memory management tries to move a page of a guest_memfd elsewhere.',
  reference: 'virt/kvm/guest_memfd.c: kvm_gmem_migrate_folio',
  params: [at],
  errors: ['EINVAL'],
  effects: ['always refused: the page stays where it is'],
  flow: migrateFlow,
});
