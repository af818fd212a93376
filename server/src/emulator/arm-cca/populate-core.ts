// Populate of the later series: KVM's common loop over pages, with the realm's way to fill each of them.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { dropLookup, getFolio } from '../guest-memfd/get-folio.ts';
import { KVM_MEM_GUEST_MEMFD } from '../kvm/vms.ts';
import { HELD_GET } from '../linux/descriptors.ts';
import { folioPut } from '../linux/folio-put.ts';
import { HWPOISON, UPTODATE } from '../linux/folios.ts';
import { gupPage, putPage } from '../linux/gup.ts';
import { zero } from '../linux/pieces.ts';
import { createProtectedDataPage } from './data-page.ts';

/**
 * Fills the pages of [ipa, end) that one slot covers. `address` is where the source begins in the VMM, 0 if there is none.
 * Returns the pages done if there are any, otherwise a negative errno.
 */
export const gmemPopulate: Flow = flow({
  name: 'kvm_gmem_populate',
  reference: 'virt/kvm/guest_memfd.c; realm_populate of the CCA host series v13',
  params: ['vm', 'ipa', 'end', 'address', 'flags'],
  locals: {
    vm: 'number',
    ipa: 'address',
    end: 'address',
    address: 'address',
    flags: 'flag',
    slot: 'number',
    inode: 'number',
    first: 'address',
    src: 'number',
    dst: 'number',
    ret: 'errno',
    holdsSource: 'flag',
  },
  steps: {
    gfn_to_memslot: {
      text: 'slot = gfn_to_memslot(kvm, start_gfn); if (!kvm_slot_has_gmem(slot)) return -EINVAL; npages = min(slot->npages - (start_gfn - slot->base_gfn), npages)',
      run(f) {
        const { vms, gmem, pageSize } = f.machine.linux;
        f.first = f.ipa;
        if (f.end <= f.ipa) return f.return(-ERRNO.EINVAL);
        f.slot = vms.slotAt(f.vm, f.ipa / pageSize);
        if (f.slot < 0 || !vms.has(f.slot, KVM_MEM_GUEST_MEMFD)) return f.return(-ERRNO.EINVAL);
        const file = vms.slots.get(f.slot, 'file');
        if (file === 0) return f.return(-ERRNO.EFAULT);
        f.inode = gmem.files.get(file, 'inode');
        const last = (vms.slots.get(f.slot, 'base') + vms.slots.get(f.slot, 'pages')) * pageSize;
        f.end = Math.min(f.end, last);
      },
    },
    get_user_pages_fast: {
      text: 'for (i = 0; i < npages; i++) { ret = get_user_pages_fast((unsigned long)src, 1, 0, &src_page)',
      run(f) {
        if (f.ipa >= f.end) return f.goto('out');
        f.holdsSource = 0;
        if (f.address === 0) return f.goto('__kvm_gmem_get_pfn');
        const { linux } = f.machine;
        f.call(gupPage, [linux.vmm, Math.floor((f.address + f.ipa - f.first) / linux.pageSize), HELD_GET, 0]);
      },
    },
    source_pinned: {
      text: 'if (ret < 0) break',
      run(f) {
        f.ret = f.result;
        if (f.ret < 0) return f.goto('out');
        f.src = f.output(0);
        f.holdsSource = 1;
      },
    },
    __kvm_gmem_get_pfn: {
      text: 'folio = __kvm_gmem_get_pfn(file, slot, index, &pfn, NULL)',
      run: (f) => f.call(getFolio, [f.inode, f.machine.linux.vms.indexOf(f.slot, f.ipa / f.machine.linux.pageSize)]),
    },
    clear_highpage: {
      text: 'if (IS_ERR(folio)) …; in-place conversion: if (!folio_test_uptodate(folio)) clear_highpage(…)',
      run(f) {
        const { folios, profile } = f.machine.linux;
        f.dst = 0;
        f.ret = f.result;
        if (f.ret < 0) return f.goto('put_source');
        f.dst = f.output(0);
        const head = folios.head(f.dst);
        f.ret = folios.has(head, HWPOISON) ? -ERRNO.EHWPOISON : 0;
        if (f.ret !== 0) return f.goto('folio_put');
        if (profile.populateZeroes && !folios.has(head, UPTODATE)) f.command(zero, [head, folios.pageCount(head)]);
      },
    },
    kvm_mem_is_private: {
      text: 'if (!kvm_range_has_memory_attributes(kvm, gfn, gfn + 1, KVM_MEMORY_ATTRIBUTE_PRIVATE)) ret = -EINVAL',
      run(f) {
        const { linux } = f.machine;
        if (linux.isPrivate(f.vm, f.ipa / linux.pageSize, f.slot)) return;
        f.ret = -ERRNO.EINVAL;
        f.goto('folio_put');
      },
    },
    realm_populate: {
      text: 'ret = post_populate(kvm, gfn, pfn, src_page, opaque): if (!src_page) return -EOPNOTSUPP; realm_create_protected_data_page(…)',
      run(f) {
        const { folios } = f.machine.linux;
        f.ret = -ERRNO.EOPNOTSUPP;
        if (f.holdsSource === 0) return f.goto('folio_put');
        const [dst, src] = [folios.address(f.dst), folios.address(f.src)];
        f.call(createProtectedDataPage, [f.vm, f.ipa, dst, src, f.flags]);
      },
    },
    folio_mark_uptodate: {
      text: 'if (!ret) folio_mark_uptodate(folio)',
      run(f) {
        const { folios, profile } = f.machine.linux;
        f.ret = f.result;
        if (f.ret !== 0) return;
        folios.mark(folios.head(f.dst), UPTODATE);
        if (profile.mappingsHoldReferences) folios.count(folios.head(f.dst), 'kvm', 1);
      },
    },
    folio_put: {
      text: 'folio_put(folio)',
      run(f) {
        if (dropLookup(f.machine, f.dst)) f.call(folioPut, [f.machine.linux.folios.head(f.dst)]);
      },
    },
    put_source: {
      text: 'if (src_page) put_page(src_page)',
      run(f) {
        if (f.holdsSource === 1) f.call(putPage, [f.src, HELD_GET]);
      },
    },
    next: {
      text: 'if (ret) break; src += PAGE_SIZE; }',
      run(f) {
        if (f.ret !== 0) return f.goto('out');
        f.ipa += f.machine.linux.pageSize;
        f.goto('get_user_pages_fast');
      },
    },
    out: {
      text: 'return ret && !i ? ret : i',
      run: (f) => f.return(f.ipa > f.first ? (f.ipa - f.first) / f.machine.linux.pageSize : f.ret),
    },
  },
});
