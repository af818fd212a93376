// Finding or making the folio at an offset of a guest_memfd.
import { type Flow, flow } from '../flow.ts';
import { OF_GMEM } from '../linux/folios.ts';
import { addToBatch, alloc, freeFolio } from '../linux/pieces.ts';
import { nodeFor } from '../linux/policy.ts';
import type { Machine } from '../machine.ts';
import { SHARED } from './files.ts';
import { split } from './pieces.ts';

/** The order in which a missing folio at `index` is allocated: that of the file, if the whole large page lies in it. */
function orderAt({ linux: { gmem } }: Machine, inode: number, index: number): number {
  const order = gmem.inodes.get(inode, 'order');
  const pages = 2 ** order;
  return index - (index % pages) + pages <= gmem.inodes.get(inode, 'size') ? order : 0;
}

/**
 * kvm_gmem_get_folio(inode, index): 0 with the page's frame as output, or -ENOMEM. The caller gets the folio with a
 * reference of its own, which `transient` counts.
 */
export const getFolio: Flow = flow({
  name: 'kvm_gmem_get_folio',
  reference: 'virt/kvm/guest_memfd.c',
  params: ['inode', 'index'],
  locals: { inode: 'number', index: 'number', order: 'number', first: 'number', head: 'number', at: 'number' },
  steps: {
    filemap_lock_folio: {
      text: 'folio = __filemap_get_folio(mapping, index, FGP_LOCK | FGP_ACCESSED, 0)',
      run(f) {
        const { gmem, folios } = f.machine.linux;
        const pfn = gmem.pfnAt(f.inode, f.index);
        if (pfn === 0) return;
        folios.count(folios.head(pfn), 'transient', 1);
        f.return(0, pfn);
      },
    },
    filemap_alloc_folio: {
      text: 'folio = filemap_alloc_folio(mapping_gfp_mask(mapping), order)',
      run(f) {
        f.order = orderAt(f.machine, f.inode, f.index);
        f.first = f.index - (f.index % 2 ** f.order);
        f.command(alloc, [f.order, nodeFor(f.machine, f.inode, f.index)]);
      },
    },
    filemap_add_folio: {
      text: 'ret = filemap_add_folio(mapping, folio, index, gfp): the caller holds it too',
      run(f) {
        if (f.result < 0) return f.return(f.result);
        const { gmem, folios } = f.machine.linux;
        f.head = f.output(0);
        // Somebody else was faster: -EEXIST, and the lookup begins again.
        if (gmem.pfnAt(f.inode, f.index) !== 0) return f.command(freeFolio, [f.head], 'filemap_lock_folio');
        gmem.insert(f.inode, f.first, f.head);
        folios.mark(f.head, OF_GMEM);
        if (gmem.hasAttributes) addToBatch(f.machine, f.head);
        if (f.order > 0) return;
        folios.count(f.head, 'transient', 1);
        if (f.machine.linux.profile.prepareAtAllocation) f.goto('kvm_gmem_prepare_folio');
        else f.return(0, f.head);
      },
    },
    kvm_gmem_split_folio: {
      text: 'if (order && some index of the large page is shared) ret = kvm_gmem_split_folio_in_filemap(…)',
      run(f) {
        const { gmem } = f.machine.linux;
        const attributes = gmem.inodes.get(f.inode, 'attributes');
        const isShared = (value: number) => value === SHARED;
        if (f.order > 0 && gmem.ranges.find(attributes, f.first, f.first + 2 ** f.order, isShared)) {
          f.command(split, [f.inode, f.first]);
        } else f.goto('hold');
      },
    },
    split_done: {
      text: 'if (ret) return ERR_PTR(ret)',
      run(f) {
        if (f.result < 0) f.return(f.result);
      },
    },
    hold: {
      text: 'folio_get(folio)',
      run(f) {
        const { gmem, folios } = f.machine.linux;
        const pfn = gmem.pfnAt(f.inode, f.index);
        folios.count(folios.head(pfn), 'transient', 1);
        if (!f.machine.linux.profile.prepareAtAllocation) f.return(0, pfn);
      },
    },
    kvm_gmem_prepare_folio: {
      text: 'if (the index is bound) rc = kvm_arch_gmem_prepare(kvm, gfn, pfn, order)',
      run(f) {
        const { linux } = f.machine;
        const pfn = linux.gmem.pfnAt(f.inode, f.index);
        const bound = boundAt(f.machine, f.inode, f.index);
        const hook = bound && linux.platformOf(bound.vm).hooks.prepare;
        if (hook) f.call(hook, [bound.vm, bound.gfn, pfn, 0]);
        else f.return(0, pfn);
      },
    },
    prepared: {
      text: 'if (rc) { folio_put(folio); return ERR_PTR(rc); }',
      run(f) {
        const { gmem, folios } = f.machine.linux;
        const pfn = gmem.pfnAt(f.inode, f.index);
        if (f.result < 0) folios.count(folios.head(pfn), 'transient', -1);
        f.return(f.result, pfn);
      },
    },
  },
});

/** The first VM and guest frame that an offset is bound to. */
function boundAt({ linux }: Machine, inode: number, index: number): { vm: number; gfn: number } | undefined {
  let found: { vm: number; gfn: number } | undefined;
  linux.gmem.eachFile(inode, (file) =>
    linux.gmem.eachBinding(file, index, index + 1, (slot) => {
      const { slots } = linux.vms;
      found ??= {
        vm: linux.gmem.files.get(file, 'vm'),
        gfn: slots.get(slot, 'base') + index - slots.get(slot, 'pgoff'),
      };
    }),
  );
  return found;
}

/** Drops the reference that a lookup took. True if it was the last one: the folio must be put. */
export function dropLookup({ linux: { folios } }: Machine, pfn: number): boolean {
  const head = folios.head(pfn);
  folios.count(head, 'transient', -1);
  return folios.refcount(head) === 0;
}
