// Dropping the last reference of a folio.
import { type Flow, flow } from '../flow.ts';
import { archInvalidate, invalidatePlace } from '../guest-memfd/arch-invalidate.ts';
import { FREEING, OF_GMEM, OWNER_FREE, OWNER_KERNEL } from './folios.ts';
import { freeFolio } from './pieces.ts';

/** Ends a folio if nobody holds it any more; the platforms hear of one that belonged to a guest_memfd. */
export const folioPut: Flow = flow({
  name: '__folio_put',
  reference: 'mm/swap.c; virt/kvm/guest_memfd.c: kvm_gmem_free_folio',
  params: ['pfn'],
  locals: { pfn: 'number' },
  steps: {
    folio_put_testzero: {
      text: 'if (!folio_put_testzero(folio)) return',
      run(f) {
        const { folios } = f.machine.linux;
        const owner = folios.get(f.pfn, 'owner');
        if (f.pfn === 0 || owner === OWNER_FREE || folios.refcount(f.pfn) > 0) return f.return(0);
        // Two may have dropped a reference each before this: one of them has the last one, and what it freed may be in new
        // hands already, which nobody refers to yet.
        if (owner === OWNER_KERNEL || folios.has(f.pfn, FREEING)) return f.return(0);
        folios.mark(f.pfn, FREEING);
        if (!folios.has(f.pfn, OF_GMEM)) f.goto('free_unref_folio');
      },
    },
    kvm_arch_gmem_invalidate: {
      text: 'kvm_arch_gmem_invalidate(pfn, pfn + (1ul << order))',
      run(f) {
        if (invalidatePlace(f.machine) !== 'free_folio') return;
        f.call(archInvalidate, [f.pfn, f.machine.linux.folios.pageCount(f.pfn), 0, 0]);
      },
    },
    free_unref_folio: {
      text: 'free_unref_folio(folio)',
      run(f) {
        // The callback may have taken a reference to what it could not get back.
        const { folios } = f.machine.linux;
        if (folios.refcount(f.pfn) === 0) return f.command(freeFolio, [f.pfn]);
        folios.mark(f.pfn, FREEING, false);
      },
    },
  },
});
