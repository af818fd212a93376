// The page behind a guest frame of a slot: found or made, zeroed, prepared for its guest.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { folioPut } from '../linux/folio-put.ts';
import { HWPOISON, UPTODATE } from '../linux/folios.ts';
import { warn, zero } from '../linux/pieces.ts';
import { dropLookup, getFolio } from './get-folio.ts';
import { lockShared, unlockShared } from './lock.ts';

/**
 * 0 with the page frame as output 0, or -EFAULT, -EIO, -ENOMEM, -EHWPOISON or the hook's errno. The folio is held by the
 * lookup; whoever calls drops it with dropLookup.
 */
export const getPfn: Flow = flow({
  name: 'kvm_gmem_get_pfn',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['slot', 'gfn'],
  locals: {
    slot: 'number',
    gfn: 'number',
    inode: 'number',
    index: 'number',
    pfn: 'number',
    fresh: 'flag',
    ret: 'errno',
  },
  steps: {
    kvm_gmem_get_file: {
      text: 'file = kvm_gmem_get_file(slot); if (!file) return -EFAULT',
      run(f) {
        const { vms, gmem } = f.machine.linux;
        const file = vms.slots.get(f.slot, 'file');
        if (file === 0) return f.return(-ERRNO.EFAULT);
        f.inode = gmem.files.get(file, 'inode');
        f.index = vms.indexOf(f.slot, f.gfn);
        if (gmem.ranges.get(gmem.files.get(file, 'bindings'), f.index) !== f.slot + 1) return f.return(-ERRNO.EIO);
        if (gmem.hasAttributes && !lockShared(f.machine, f.inode)) f.wait();
      },
    },
    __kvm_gmem_get_pfn: {
      text: 'folio = __kvm_gmem_get_pfn(file, slot, index, pfn, max_order)',
      run: (f) => f.call(getFolio, [f.inode, f.index]),
    },
    folio_test_hwpoison: {
      text: 'if (IS_ERR(folio)) …; if (folio_test_hwpoison(folio)) return ERR_PTR(-EHWPOISON)',
      run(f) {
        const { folios } = f.machine.linux;
        f.ret = f.result;
        if (f.ret < 0) return f.goto('unlock');
        f.pfn = f.output(0);
        const head = folios.head(f.pfn);
        if (folios.has(head, HWPOISON)) {
          f.ret = -ERRNO.EHWPOISON;
          f.goto('folio_put');
        } else if (folios.has(head, UPTODATE)) f.goto('kvm_gmem_prepare_folio');
      },
    },
    clear_highpage: {
      text: 'if (!folio_test_uptodate(folio)) { clear_highpage(…); folio_mark_uptodate(folio); }',
      run(f) {
        const { folios } = f.machine.linux;
        const head = folios.head(f.pfn);
        f.fresh = 1;
        f.command(zero, [head, folios.pageCount(head)]);
      },
    },
    kvm_gmem_prepare_folio: {
      text: 'r = kvm_gmem_prepare_folio(kvm, slot, gfn, folio)',
      run(f) {
        const { linux } = f.machine;
        const vm = linux.vms.vmOfSlot(f.slot);
        const hook = linux.platformOf(vm).hooks.prepare;
        const when = linux.profile.prepare;
        const due =
          when === 'always' ||
          (when === 'not up to date' && f.fresh === 1) ||
          (when === 'private' && linux.gmem.isPrivate(f.inode, f.index));
        if (hook && due) f.call(hook, [vm, f.gfn, f.pfn, 0]);
        else f.goto('unlock');
      },
    },
    prepared: {
      text: 'if (r < 0) { pr_warn_ratelimited(…); folio_put(folio); }',
      run(f) {
        const { folios, profile } = f.machine.linux;
        f.ret = f.result;
        if (f.ret === 0) return f.goto('unlock');
        if (profile.prepare === 'not up to date') folios.mark(folios.head(f.pfn), UPTODATE, false);
        f.command(warn, [f.pfn]);
      },
    },
    folio_put: {
      text: 'folio_unlock(folio); folio_put(folio)',
      run(f) {
        if (dropLookup(f.machine, f.pfn)) f.call(folioPut, [f.machine.linux.folios.head(f.pfn)]);
      },
    },
    unlock: {
      text: 'filemap_invalidate_unlock_shared(mapping); return r',
      run(f) {
        if (f.machine.linux.gmem.hasAttributes) unlockShared(f.machine, f.inode);
        f.return(f.ret, f.pfn);
      },
    },
  },
});
