// A kernel that leaves pages with the RMM until guest_memfd says that they go away, and gives them back then.

import { type Flow, flow } from '../flow.ts';
import { isToldLater } from '../guest-memfd/arch-invalidate.ts';
import { warn } from '../linux/pieces.ts';
import type { Machine } from '../machine.ts';
import { GRANULE } from '../memory/pages.ts';
import { isCreated, rdOf } from './host.ts';
import { pageIsStuck } from './policy.ts';
import { dataDestroy, granuleUndelegate } from './rmi.ts';

/** A page that was taken from its realm and stayed delegated needs no delegation when it is mapped again. */
export const isStillDelegated = (machine: Machine, pa: number): boolean =>
  isToldLater(machine) && machine.rmm.granules.state(pa) === 'DELEGATED';

/**
 * kvm_arch_gmem_invalidate of realms: undelegates [pfn, pfn + pages). What the RMM refuses because a realm still has it can
 * be destroyed first where `vm` and `gfn` are known; `vm` is 0 where they are not.
 */
export const gmemInvalidate: Flow = flow({
  name: 'realm_gmem_invalidate',
  reference: 'no series has it: the callback of RFC gmem v1 as realms would need it',
  params: ['pfn', 'pages', 'vm', 'gfn'],
  locals: {
    pfn: 'number',
    pages: 'number',
    vm: 'number',
    gfn: 'number',
    offset: 'bytes',
    retried: 'flag',
    stuck: 'number',
  },
  steps: {
    rmi_granule_undelegate: {
      // The host cannot ask the RMM for the state of a granule: a kernel that does this remembers what it delegated.
      text: 'for (offset = 0; offset < size; offset += RMM_PAGE_SIZE) if it was delegated: ret = rmi_granule_undelegate(phys + offset)',
      run(f) {
        const { rmm, linux } = f.machine;
        const base = f.pfn * linux.pageSize;
        const size = f.pages * linux.pageSize;
        while (f.offset < size && rmm.granules.state(base + f.offset) === 'UNDELEGATED') f.offset += GRANULE;
        f.retried = 0;
        if (f.offset >= size) f.return(0);
        else f.command(granuleUndelegate, [base + f.offset]);
      },
    },
    undelegated: {
      text: 'if (ret && kvm) ret = rmi_data_destroy(rd, ipa + offset): without kvm and gfn nothing can be done',
      run(f) {
        if (f.result === 0) {
          f.offset += GRANULE;
          return f.goto('rmi_granule_undelegate');
        }
        if (f.retried === 1 || f.vm === 0 || !isCreated(f.machine, f.vm)) return f.goto('WARN_ON');
        f.retried = 1;
        f.command(dataDestroy, [rdOf(f.machine, f.vm), f.gfn * f.machine.linux.pageSize + f.offset]);
      },
    },
    destroyed: {
      text: 'if (!ret) ret = rmi_granule_undelegate(phys + offset)',
      run(f) {
        const pa = f.pfn * f.machine.linux.pageSize + f.offset;
        if (f.result === 0) f.command(granuleUndelegate, [pa], 'undelegated');
      },
    },
    WARN_ON: {
      text: 'if (WARN_ON(ret)) the page is lost to the kernel',
      run(f) {
        f.command(warn, [f.pfn + Math.floor(f.offset / f.machine.linux.pageSize)]);
      },
    },
    lost: {
      text: 'once a host page, as the policy says',
      run(f) {
        const page = f.pfn + Math.floor(f.offset / f.machine.linux.pageSize);
        f.offset += GRANULE;
        if (f.stuck === page) return f.goto('rmi_granule_undelegate');
        f.stuck = page;
        f.call(pageIsStuck, [page], 'rmi_granule_undelegate');
      },
    },
  },
});
