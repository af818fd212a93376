// Pages of the kernel that become granules of the realm world: realm descriptors, tables, RECs.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { alloc, freeFolio } from '../linux/pieces.ts';
import { granuleDelegate } from './rmi.ts';

/** 0 with the PA as output 0; -ENOMEM, or -ENXIO if the granule could not be delegated. */
export const allocDelegatedGranule: Flow = flow({
  name: 'alloc_delegated_granule',
  reference: 'arch/arm64/kvm/rme.c, CCA host series v9',
  params: [],
  locals: { pfn: 'number' },
  steps: {
    get_free_page: {
      text: 'virt = (void *)__get_free_page(GFP_ATOMIC | __GFP_ZERO | __GFP_ACCOUNT)',
      run: (f) => f.command(alloc, [0, 0]),
    },
    rmi_granule_delegate: {
      text: 'if (!virt) return PHYS_ADDR_MAX; rmi_granule_delegate(virt_to_phys(virt))',
      run(f) {
        if (f.result < 0) return f.return(-ERRNO.ENOMEM);
        f.pfn = f.output(0);
        f.command(granuleDelegate, [f.machine.linux.folios.address(f.pfn)]);
      },
    },
    delegated: {
      text: 'if (ret) free_page((unsigned long)virt)',
      run(f) {
        if (f.result === 0) f.return(0, f.machine.linux.folios.address(f.pfn));
        else f.command(freeFolio, [f.pfn]);
      },
    },
    failed: { text: 'return PHYS_ADDR_MAX', run: (f) => f.return(-ERRNO.ENXIO) },
  },
});
