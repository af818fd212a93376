// A process touches a page of a guest_memfd that it has mapped.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { PROT_WRITE } from '../linux/address-spaces.ts';
import { folioPut } from '../linux/folio-put.ts';
import { HWPOISON, UPTODATE } from '../linux/folios.ts';
import { setPte, warn, zero } from '../linux/pieces.ts';
import { SIGBUS } from '../linux/signals.ts';
import { dropLookup, getFolio } from './get-folio.ts';
import { lockShared, unlockShared } from './lock.ts';

/** 0: the page is mapped. SIGBUS, or -ENOMEM. */
export const faultUserMapping: Flow = flow({
  name: 'kvm_gmem_fault_user_mapping',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['process', 'page', 'inode', 'index'],
  locals: { process: 'number', page: 'number', inode: 'number', index: 'number', pfn: 'number', ret: 'errno' },
  steps: {
    i_size_read: {
      text: 'if (((loff_t)vmf->pgoff << PAGE_SHIFT) >= i_size_read(inode)) return VM_FAULT_SIGBUS',
      run(f) {
        const { gmem } = f.machine.linux;
        if (f.index >= gmem.inodes.get(f.inode, 'size')) f.return(SIGBUS);
      },
    },
    filemap_invalidate_lock_shared: {
      text: 'filemap_invalidate_lock_shared(inode->i_mapping)',
      run(f) {
        if (f.machine.linux.gmem.hasAttributes && !lockShared(f.machine, f.inode)) f.wait();
      },
    },
    kvm_gmem_is_private: {
      text: 'if (kvm_gmem_is_private(inode, vmf->pgoff)) return VM_FAULT_SIGBUS',
      run(f) {
        if (!f.machine.linux.gmem.isPrivate(f.inode, f.index)) return;
        f.ret = SIGBUS;
        f.goto('out_unlock');
      },
    },
    kvm_gmem_get_folio: {
      text: 'folio = kvm_gmem_get_folio(inode, vmf->pgoff)',
      run: (f) => f.call(getFolio, [f.inode, f.index]),
    },
    folio_test_large: {
      text: 'if (IS_ERR(folio)) …; if (WARN_ON_ONCE(folio_test_large(folio))) ret = VM_FAULT_SIGBUS',
      run(f) {
        const { folios } = f.machine.linux;
        if (f.result < 0) {
          f.ret = f.result === -ERRNO.ENOMEM ? f.result : SIGBUS;
          return f.goto('out_unlock');
        }
        f.pfn = f.output(0);
        const head = folios.head(f.pfn);
        if (folios.has(head, HWPOISON)) f.ret = SIGBUS;
        else if (folios.get(head, 'order') > 0) {
          f.ret = SIGBUS;
          return f.command(warn, [f.pfn], 'out_folio');
        } else if (!folios.has(head, UPTODATE)) return f.goto('clear_highpage');
        else return f.goto('vmf_set_page');
        f.goto('out_folio');
      },
    },
    clear_highpage: {
      text: 'clear_highpage(folio_page(folio, 0)); kvm_gmem_mark_prepared(folio)',
      run: (f) => f.command(zero, [f.pfn, 1]),
    },
    vmf_set_page: {
      text: 'vmf->page = folio_file_page(folio, vmf->pgoff); finish_fault(vmf)',
      run(f) {
        const { spaces, gmem } = f.machine.linux;
        // Truncation takes the folio lock, too: where it came first, the lookup has not found this folio.
        if (gmem.pfnAt(f.inode, f.index) !== f.pfn) {
          if (dropLookup(f.machine, f.pfn)) f.call(folioPut, [f.pfn], 'kvm_gmem_get_folio');
          else f.goto('kvm_gmem_get_folio');
          return;
        }
        const prot = spaces.mappings.get(spaces.find(f.process, f.page), 'prot');
        f.command(setPte, [f.process, f.page, f.pfn, (prot & PROT_WRITE) === 0 ? 0 : 1]);
      },
    },
    out_folio: {
      text: 'folio_unlock(folio); folio_put(folio)',
      run(f) {
        if (dropLookup(f.machine, f.pfn)) f.call(folioPut, [f.pfn]);
      },
    },
    out_unlock: {
      text: 'filemap_invalidate_unlock_shared(inode->i_mapping); return ret',
      run(f) {
        if (f.machine.linux.gmem.hasAttributes) unlockShared(f.machine, f.inode);
        f.return(f.ret);
      },
    },
  },
});
