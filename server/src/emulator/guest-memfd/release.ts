// The last reference to a gmem file goes, and with the last file of an inode its memory.
import { type Flow, flow } from '../flow.ts';
import { putKvm } from '../kvm/destroy.ts';
import { invalidateFolios, invalidatePlace } from './arch-invalidate.ts';
import { halvesOf, invalidateBegin, invalidateEnd } from './invalidate.ts';
import { lock, lockSlots, unlock, unlockSlots } from './lock.ts';
import { truncateFolios } from './truncate.ts';

export const release: Flow = flow({
  name: 'kvm_gmem_release',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['file'],
  locals: { file: 'number', inode: 'number', vm: 'number', size: 'number', told: 'flag' },
  steps: {
    lock: {
      text: 'mutex_lock(&kvm->slots_lock); filemap_invalidate_lock(inode->i_mapping)',
      run(f) {
        const { gmem } = f.machine.linux;
        f.vm = gmem.files.get(f.file, 'vm');
        f.inode = gmem.files.get(f.file, 'inode');
        f.size = gmem.inodes.get(f.inode, 'size');
        if (!lockSlots(f.machine, f.vm, f.actor)) return f.wait();
        if (lock(f.machine, f.inode, f.actor)) return;
        unlockSlots(f.machine, f.vm);
        f.wait();
      },
    },
    rcu_assign_pointer: {
      text: 'xa_for_each(&f->bindings, index, slot) WRITE_ONCE(slot->gmem.file, NULL)',
      run(f) {
        const { gmem, vms } = f.machine.linux;
        gmem.eachBinding(f.file, 0, f.size, (slot) => vms.slots.set(slot, 'file', 0));
      },
    },
    kvm_gmem_invalidate_begin: {
      text: '__kvm_gmem_invalidate_begin(f, 0, -1ul, kvm_gmem_get_invalidate_filter(inode))',
      run: (f) => f.call(invalidateBegin, [f.inode, 0, f.size, halvesOf(f.machine, f.inode, 0, f.size), f.file]),
    },
    kvm_gmem_invalidate_end: {
      text: '__kvm_gmem_invalidate_end(f, 0, -1ul)',
      run(f) {
        if (f.told === 0 && invalidatePlace(f.machine) === 'punch_hole') {
          f.told = 1;
          return f.call(invalidateFolios, [f.inode, 0, f.size, f.file], 'kvm_gmem_invalidate_end');
        }
        f.call(invalidateEnd, [f.inode, 0, f.size, f.file]);
      },
    },
    list_del: {
      text: 'list_del(&f->entry); filemap_invalidate_unlock(…); mutex_unlock(&kvm->slots_lock); xa_destroy(&f->bindings)',
      run(f) {
        const { gmem } = f.machine.linux;
        gmem.files.set(f.file, 'bindings', 0);
        gmem.files.set(f.file, 'references', 0);
        unlock(f.machine, f.inode);
        unlockSlots(f.machine, f.vm);
      },
    },
    kvm_put_kvm: {
      text: 'kvm_put_kvm(kvm)',
      run: (f) => f.call(putKvm, [f.vm, 1]),
    },
    iput: {
      text: 'iput(inode): the last file frees the memory',
      run(f) {
        const { inodes } = f.machine.linux.gmem;
        // evict_inode of the last file tells the architecture before anything is truncated; no VM has the pages any more.
        if (f.told === 0 && inodes.get(f.inode, 'files') === 1 && invalidatePlace(f.machine) === 'evict_inode') {
          f.told = 1;
          return f.call(invalidateFolios, [f.inode, 0, f.size, 0], 'iput');
        }
        if (inodes.count(f.inode, 'files', -1) > 0) f.return(0);
        else f.call(truncateFolios, [f.inode, 0, f.size]);
      },
    },
  },
});
