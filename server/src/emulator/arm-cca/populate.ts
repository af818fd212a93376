// Populate of the earlier series: the VMM loads memory as for an ordinary VM, and the kernel copies it page by page.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { dropLookup } from '../guest-memfd/get-folio.ts';
import { getPfn } from '../guest-memfd/get-pfn.ts';
import { srcuReadLock, srcuReadUnlock } from '../guest-memfd/lock.ts';
import { KVM_MEM_GUEST_MEMFD, MEMSLOT_INVALID } from '../kvm/vms.ts';
import { handleMmFault, reach } from '../linux/fault.ts';
import { folioPut } from '../linux/folio-put.ts';
import type { Machine } from '../machine.ts';
import { createProtectedDataPage } from './data-page.ts';
import { hostPage, lookupHostSource } from './source.ts';

/** Why [.., end) is not populated from a slot: 0, or what the call returns. An invalid slot is being deleted. */
function refusal({ linux: { vms } }: Machine, slot: number, end: number): number {
  if (slot < 0 || vms.has(slot, MEMSLOT_INVALID)) return -ERRNO.EFAULT;
  if (vms.slots.get(slot, 'base') + vms.slots.get(slot, 'pages') < end) return -ERRNO.EINVAL;
  return vms.has(slot, KVM_MEM_GUEST_MEMFD) ? 0 : -ERRNO.EPERM;
}

/** Copies [ipa, end) from the slot's user memory to its guest_memfd and into the realm. Stops at the first error. */
export const populateRegion: Flow = flow({
  name: 'populate_region',
  reference: 'arch/arm64/kvm/rme.c, CCA host series v9 19/43',
  params: ['vm', 'ipa', 'end', 'flags'],
  locals: {
    vm: 'number',
    ipa: 'address',
    end: 'address',
    flags: 'flag',
    slot: 'number',
    src: 'number',
    dst: 'number',
    ret: 'errno',
  },
  steps: {
    gfn_to_memslot: {
      text: 'idx = srcu_read_lock(&kvm->srcu); memslot = gfn_to_memslot(kvm, base_gfn); no slot: -EFAULT; not all of the region: -EINVAL; !kvm_slot_can_be_private(memslot): -EPERM',
      run(f) {
        const { vms, pageSize } = f.machine.linux;
        srcuReadLock(f.machine, f.vm);
        f.slot = vms.slotAt(f.vm, Math.floor(f.ipa / pageSize));
        f.ret = refusal(f.machine, f.slot, Math.floor(f.end / pageSize));
        if (f.ret !== 0) f.goto('out');
      },
    },
    vma_lookup: {
      text: 'while (ipa < ipa_end) { vma = vma_lookup(current->mm, hva); pfn = __kvm_faultin_pfn(memslot, gfn, FOLL_WRITE, &writeable, &page)',
      run(f) {
        if (f.ipa >= f.end) return f.goto('out');
        const { spaces, pageSize, vmm } = f.machine.linux;
        const page = hostPage(f.machine, f.slot, f.ipa / pageSize);
        if (spaces.find(vmm, page) === 0) {
          f.ret = -ERRNO.EFAULT;
          f.goto('out');
        } else if (reach(f.machine, vmm, page, true) === 0) f.call(handleMmFault, [vmm, page, 1]);
        else f.command(lookupHostSource, [vmm, page], 'kvm_gmem_get_pfn');
      },
    },
    faulted: {
      text: 'if (is_error_pfn(pfn)) { ret = -EFAULT; break; }',
      run(f) {
        if (f.result !== 0) {
          f.ret = -ERRNO.EFAULT;
          return f.goto('out');
        }
        const { vmm, pageSize } = f.machine.linux;
        f.command(lookupHostSource, [vmm, hostPage(f.machine, f.slot, f.ipa / pageSize)]);
      },
    },
    kvm_gmem_get_pfn: {
      text: 'ret = kvm_gmem_get_pfn(kvm, memslot, gfn, &priv_pfn, &gmem_page, NULL)',
      run(f) {
        if (f.result !== 0) {
          f.ret = -ERRNO.EFAULT;
          return f.goto('out');
        }
        f.src = f.output(0);
        f.call(getPfn, [f.slot, f.ipa / f.machine.linux.pageSize]);
      },
    },
    realm_create_protected_data_page: {
      text: 'if (ret) { ret = -EFAULT; break; } ret = realm_create_protected_data_page(realm, ipa, priv_pfn, pfn, data_flags)',
      run(f) {
        const { folios } = f.machine.linux;
        if (f.result !== 0) {
          f.ret = -ERRNO.EFAULT;
          return f.goto('kvm_release_page_clean');
        }
        f.dst = f.output(0);
        const source = folios.address(f.src);
        f.call(createProtectedDataPage, [f.vm, f.ipa, folios.address(f.dst), source, f.flags], 'created');
      },
    },
    created: {
      text: 'if (ret) break; the reference to the private page is kept while it is mapped; kvm_release_page_clean(page); ipa += PAGE_SIZE; }',
      run(f) {
        f.ret = f.result;
        if (f.ret !== 0) return f.goto('put_page');
        const { folios, profile, pageSize } = f.machine.linux;
        if (profile.mappingsHoldReferences) folios.count(folios.head(f.dst), 'kvm', 1);
        dropLookup(f.machine, f.dst);
        f.ipa += pageSize;
        if (dropLookup(f.machine, f.src)) f.call(folioPut, [folios.head(f.src)], 'vma_lookup');
        else f.goto('vma_lookup');
      },
    },
    put_page: {
      text: 'put_page(gmem_page)',
      run(f) {
        if (dropLookup(f.machine, f.dst)) f.call(folioPut, [f.machine.linux.folios.head(f.dst)]);
      },
    },
    kvm_release_page_clean: {
      text: 'kvm_release_page_clean(page)',
      run(f) {
        if (dropLookup(f.machine, f.src)) f.call(folioPut, [f.machine.linux.folios.head(f.src)]);
      },
    },
    out: {
      text: 'srcu_read_unlock(&kvm->srcu, idx); return ret',
      run(f) {
        srcuReadUnlock(f.machine, f.vm);
        f.return(f.ret);
      },
    },
  },
});
