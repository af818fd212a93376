// Dropping the last reference of a folio.
import { type Flow, flow } from '../flow.ts';
import { archInvalidate, invalidatePlace } from '../guest-memfd/arch-invalidate.ts';
import { OF_GMEM, OWNER_FREE } from './folios.ts';
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
        if (f.pfn === 0 || folios.get(f.pfn, 'owner') === OWNER_FREE || folios.refcount(f.pfn) > 0) f.return(0);
        else if (!folios.has(f.pfn, OF_GMEM)) f.goto('free_unref_folio');
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
        if (f.machine.linux.folios.refcount(f.pfn) === 0) f.command(freeFolio, [f.pfn]);
      },
    },
  },
});
