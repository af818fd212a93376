// Filling a guest's memory before it runs: the common part; what is done with each page is the platform's.
import { ERRNO } from '../errno.ts';
import { FLOWS, type Flow, flow } from '../flow.ts';
import { HELD_GET } from '../linux/descriptors.ts';
import { folioPut } from '../linux/folio-put.ts';
import { HWPOISON, UPTODATE } from '../linux/folios.ts';
import { gupPage, putPage } from '../linux/gup.ts';
import { warn, zero } from '../linux/pieces.ts';
import { dropLookup, getFolio } from './get-folio.ts';
import { lock, unlock } from './lock.ts';

/**
 * kvm_gmem_populate(vm, first gfn, user address or 0, pages, callback, opaque). `callback` is the number of a flow, called as
 * (vm, gfn, pfn, source pfn or 0, opaque), that returns 0 or a negative errno. Returns pages done, or the error of the first;
 * the caller holds the slots lock.
 */
export const populate: Flow = flow({
  name: 'kvm_gmem_populate',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['vm', 'gfn', 'src', 'pages', 'callback', 'opaque'],
  locals: {
    vm: 'number',
    gfn: 'number',
    src: 'address',
    pages: 'number',
    callback: 'number',
    opaque: 'number',
    slot: 'number',
    inode: 'number',
    index: 'number',
    i: 'number',
    srcPfn: 'number',
    pfn: 'number',
    ret: 'errno',
  },
  steps: {
    check_arguments: {
      text: 'if (WARN_ON_ONCE(npages <= 0)) return -EINVAL; if (WARN_ON_ONCE(!PAGE_ALIGNED(src))) return -EINVAL',
      run(f) {
        const { pageSize, profile } = f.machine.linux;
        const unaligned = profile.populate !== '6.11' && f.src % pageSize !== 0;
        if (f.pages <= 0 || unaligned) f.command(warn, [0], 'warned');
      },
    },
    gfn_to_memslot: {
      text: 'slot = gfn_to_memslot(kvm, start_gfn); if (!kvm_slot_has_gmem(slot)) return -EINVAL; if (!file) return -EFAULT',
      run(f) {
        const { vms, gmem } = f.machine.linux;
        f.slot = vms.slotAt(f.vm, f.gfn);
        if (f.slot < 0 || (vms.slots.get(f.slot, 'flags') & 4) === 0) return f.return(-ERRNO.EINVAL);
        const file = vms.slots.get(f.slot, 'file');
        if (file === 0) return f.return(-ERRNO.EFAULT);
        f.inode = gmem.files.get(file, 'inode');
        f.pages = Math.min(f.pages, vms.slots.get(f.slot, 'base') + vms.slots.get(f.slot, 'pages') - f.gfn);
      },
    },
    get_user_pages_fast: {
      text: 'for (i = 0; i < npages; i++) { if (signal_pending(current)) break; if (src) ret = get_user_pages_fast(src + i * PAGE_SIZE, 1, 0, &src_page) }',
      run(f) {
        const { vms, pageSize } = f.machine.linux;
        if (f.i === f.pages) return f.return(f.i);
        if (f.machine.linux.signalPending()) return f.return(f.i > 0 ? f.i : -ERRNO.EINTR);
        f.index = vms.indexOf(f.slot, f.gfn + f.i);
        f.srcPfn = 0;
        if (f.src === 0) return f.goto('filemap_invalidate_lock');
        const page = Math.floor(f.src / pageSize) + f.i;
        f.call(gupPage, [vms.rows.get(f.vm, 'process'), page, HELD_GET, 0]);
      },
    },
    source: {
      text: 'if (ret < 0) break; if (ret != 1) { ret = -ENOMEM; break; }',
      run(f) {
        if (f.result < 0) return f.return(f.i > 0 ? f.i : f.result);
        f.srcPfn = f.output(0);
      },
    },
    filemap_invalidate_lock: {
      text: 'filemap_invalidate_lock(file->f_mapping)',
      run(f) {
        if (!lock(f.machine, f.inode, f.actor)) f.wait();
      },
    },
    __kvm_gmem_get_pfn: {
      text: 'folio = __kvm_gmem_get_pfn(file, slot, index, &pfn, &max_order)',
      run: (f) => f.call(getFolio, [f.inode, f.index]),
    },
    found: {
      text: 'if (IS_ERR(folio)) { ret = PTR_ERR(folio); goto out_unlock; }',
      run(f) {
        const { folios, profile } = f.machine.linux;
        f.ret = f.result;
        if (f.ret < 0) return f.goto('out_unlock');
        f.pfn = f.output(0);
        const head = folios.head(f.pfn);
        if (folios.has(head, HWPOISON)) {
          f.ret = -ERRNO.EHWPOISON;
          f.goto('put_folio');
        } else if (profile.populate === '6.11' && folios.has(head, UPTODATE)) {
          f.ret = -ERRNO.EEXIST;
          f.goto('put_folio');
        } else if (!profile.populateZeroes || folios.has(head, UPTODATE)) f.goto('kvm_mem_is_private');
      },
    },
    clear_highpage: {
      text: 'if (!folio_test_uptodate(folio)) clear_highpage(folio_page(folio, 0))',
      run: (f) => f.command(zero, [f.pfn, 1]),
    },
    kvm_mem_is_private: {
      text: 'if (!kvm_range_has_memory_attributes(kvm, gfn, gfn + 1, PRIVATE, PRIVATE)) { ret = -EINVAL; goto put_folio; }',
      run(f) {
        if (f.machine.linux.mayPopulate(f.vm, f.gfn + f.i, f.slot)) return;
        f.ret = -ERRNO.EINVAL;
        f.goto('put_folio');
      },
    },
    post_populate: {
      text: 'ret = post_populate(kvm, gfn, pfn, src_page, opaque)',
      run(f) {
        const hook = FLOWS[f.callback];
        if (hook) f.call(hook, [f.vm, f.gfn + f.i, f.pfn, f.srcPfn, f.opaque]);
      },
    },
    folio_mark_uptodate: {
      text: 'if (!ret) folio_mark_uptodate(folio)',
      run(f) {
        const { folios } = f.machine.linux;
        f.ret = f.result;
        if (f.ret === 0) folios.mark(folios.head(f.pfn), UPTODATE);
      },
    },
    put_folio: {
      text: 'put_folio: folio_unlock(folio); folio_put(folio)',
      run(f) {
        if (dropLookup(f.machine, f.pfn)) f.call(folioPut, [f.machine.linux.folios.head(f.pfn)]);
      },
    },
    out_unlock: {
      text: 'out_unlock: filemap_invalidate_unlock(file->f_mapping); put_page(src_page)',
      run(f) {
        unlock(f.machine, f.inode);
        if (f.srcPfn !== 0) f.call(putPage, [f.srcPfn, HELD_GET]);
      },
    },
    next_page: {
      text: 'if (ret) break; return ret && !i ? ret : i',
      run(f) {
        if (f.ret < 0) return f.return(f.i > 0 ? f.i : f.ret);
        f.i++;
        f.goto('get_user_pages_fast');
      },
    },
    warned: {
      text: 'return -EINVAL',
      run: (f) => f.return(-ERRNO.EINVAL),
    },
  },
});
