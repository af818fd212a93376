// Populate of the later series: KVM's common loop over pages, with the realm's way to fill each of them.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { createProtectedDataPage } from './data-page.ts';

/** What kvm_gmem_populate does with each page. `flags` are those of RMI_DATA_CREATE. */
export const realmPopulate: Flow = flow({
  name: 'realm_populate',
  reference: 'arch/arm64/kvm/rmi.c, CCA host series v12 and v13',
  params: ['vm', 'gfn', 'pfn', 'source', 'flags'],
  locals: { vm: 'number', gfn: 'number', pfn: 'number', source: 'number', flags: 'flag' },
  steps: {
    realm_create_protected_data_page: {
      text: 'if (!src_page) return -EOPNOTSUPP; realm_create_protected_data_page(kvm, gfn, pfn, src_page, *flags)',
      run(f) {
        if (f.source === 0) return f.return(-ERRNO.EOPNOTSUPP);
        const { folios, pageSize } = f.machine.linux;
        const [dst, src] = [folios.address(f.pfn), folios.address(f.source)];
        f.call(createProtectedDataPage, [f.vm, f.gfn * pageSize, dst, src, f.flags]);
      },
    },
    out: {
      text: 'v12: the reference to the page is kept while it is mapped; return ret',
      run(f) {
        const { folios, profile } = f.machine.linux;
        if (f.result === 0 && profile.mappingsHoldReferences) folios.count(folios.head(f.pfn), 'kvm', 1);
        f.return(f.result);
      },
    },
  },
});
