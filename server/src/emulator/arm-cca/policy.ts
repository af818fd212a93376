// Memory that firmware does not give back: the kernel warns, and keeps, marks or loses the page, or stops the host.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { HWPOISON, STUCK } from '../linux/folios.ts';
import { piece } from '../linux/piece.ts';
import { freeFolio, leak, warn } from '../linux/pieces.ts';
import { granuleUndelegate } from './rmi.ts';

const pfnParameter = { pfn: 'page frame' } as const;

const poison = piece({
  name: 'poison',
  summary: 'Marks a page that firmware did not give back as poisoned.',
  reference: 'an alternative of the thread on the populate patch of the CCA host series v9',
  params: pfnParameter,
  effects: ['the guest cannot use the page any more, and it never goes back to the allocator'],
  since: 'linux/cca-v9',
  call({ linux: { folios } }, [pfn = 0]) {
    folios.mark(folios.head(pfn), HWPOISON);
    return 0;
  },
});

const markInUse = piece({
  name: 'gmem_mark_in_use',
  summary: 'Tells guest_memfd that firmware still has a page, without taking a reference.',
  reference: 'an alternative of the thread on the populate patch of the CCA host series v9',
  params: pfnParameter,
  effects: ['the page never goes back to the allocator, even after its file is gone'],
  since: 'linux/cca-v9',
  call({ linux: { folios } }, [pfn = 0]) {
    folios.mark(folios.head(pfn), STUCK);
    return 0;
  },
});

const bug = piece({
  name: 'BUG_ON',
  summary: 'Stops the host at once.',
  reference: 'include/asm-generic/bug.h',
  params: pfnParameter,
  effects: ['the host has crashed: the call does not return, and nobody can save work any more'],
  since: 'linux/cca-v9',
  call({ linux }) {
    linux.die();
    return 0;
  },
});

export const POLICY_PIECES = [poison, markInUse, bug] as const;

/** What the policy says of a host page of which a granule could not be undelegated. Once a host page. */
export const pageIsStuck: Flow = flow({
  name: 'get_page',
  reference: 'arch/arm64/kvm/rme.c: the error path of realm_create_protected_data_page, CCA host series v9',
  params: ['pfn'],
  locals: { pfn: 'number' },
  steps: {
    get_page: {
      text: 'get_page(pfn_to_page(pfn)), or what the policy puts in its place',
      run(f) {
        switch (f.machine.cca.undelegatePolicy) {
          case 'get_page':
            return f.command(leak, [f.pfn]);
          case 'hwpoison':
            return f.command(poison, [f.pfn]);
          case 'gmem_mark_in_use':
            return f.command(markInUse, [f.pfn]);
          case 'WARN':
            return f.return(0);
          case 'BUG_ON':
            return f.command(bug, [f.pfn]);
        }
      },
    },
  },
});

/** WARN_ON(rmi_granule_undelegate(pa)); a page of the kernel's own that stays delegated is leaked. Takes the PA. */
export const freeDelegatedGranule: Flow = flow({
  name: 'free_delegated_granule',
  reference: 'arch/arm64/kvm/rme.c, CCA host series v9',
  params: ['pa'],
  locals: { pa: 'address', pfn: 'number' },
  steps: {
    rmi_granule_undelegate: {
      text: 'rmi_granule_undelegate(phys)',
      run(f) {
        f.pfn = f.machine.linux.folios.pfnOf(f.pa);
        f.command(granuleUndelegate, [f.pa]);
      },
    },
    free_page: {
      text: 'if (!WARN_ON(ret)) free_page((unsigned long)phys_to_virt(phys))',
      run(f) {
        if (f.result === 0) f.command(freeFolio, [f.pfn], 'out');
        else f.command(warn, [f.pfn]);
      },
    },
    leak: {
      text: 'Undelegate failed: leak the page',
      run: (f) => f.command(leak, [f.pfn]),
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});

/** The same for a granule among others of an allocation that is freed as a whole: 0, or -ENXIO and the page is leaked. */
export const undelegateGranule: Flow = flow({
  name: 'undelegate_granule',
  reference: 'arch/arm64/kvm/rme.c, CCA host series v9',
  params: ['pa'],
  locals: { pa: 'address' },
  steps: {
    rmi_granule_undelegate: {
      text: 'rmi_granule_undelegate(phys)',
      run: (f) => f.command(granuleUndelegate, [f.pa]),
    },
    WARN_ON: {
      text: 'if (WARN_ON(ret))',
      run(f) {
        if (f.result === 0) f.return(0);
        else f.command(warn, [f.machine.linux.folios.pfnOf(f.pa)]);
      },
    },
    leak: {
      text: 'Leak the page if it isn’t returned',
      run: (f) => f.command(leak, [f.machine.linux.folios.pfnOf(f.pa)]),
    },
    out: { text: 'return -ENXIO', run: (f) => f.return(-ERRNO.ENXIO) },
  },
});
