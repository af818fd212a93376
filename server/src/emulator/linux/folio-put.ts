// Dropping the last reference of a folio.
import { type Flow, flow } from '../flow.ts';
import { OF_GMEM, OWNER_FREE } from './folios.ts';
import { freeFolio } from './pieces.ts';

/** Ends a folio if nobody holds it any more; the platforms hear of one that belonged to a guest_memfd. */
export const folioPut: Flow = flow({
  name: '__folio_put',
  reference: 'mm/swap.c; virt/kvm/guest_memfd.c: kvm_gmem_free_folio',
  params: ['pfn'],
  locals: { pfn: 'number', platform: 'number' },
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
        const { linux } = f.machine;
        const hook = linux.platforms[f.platform]?.hooks.freeFolio;
        f.platform++;
        if (hook) f.call(hook, [f.pfn, linux.folios.pageCount(f.pfn)], 'kvm_arch_gmem_invalidate');
        else if (f.platform < linux.platforms.length) f.goto('kvm_arch_gmem_invalidate');
      },
    },
    free_unref_folio: {
      text: 'free_unref_folio(folio)',
      run: (f) => f.command(freeFolio, [f.pfn]),
    },
  },
});
