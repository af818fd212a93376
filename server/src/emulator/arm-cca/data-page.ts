// A page of initial contents for a realm: granule by granule, and back again where one of them fails.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { attachOwner } from '../guest-memfd/arch-invalidate.ts';
import { warn } from '../linux/pieces.ts';
import { GRANULE } from '../memory/pages.ts';
import { RMM_RTT_MAX_LEVEL, rdOf } from './host.ts';
import { pageIsStuck } from './policy.ts';
import { dataCreate, dataDestroy, granuleDelegate, granuleUndelegate, isRttError, returnIndex } from './rmi.ts';
import { createRttLevels } from './tables.ts';

/**
 * Copies one host page, which is one granule or several, from `src` to `dst` (both PAs) at `ipa`. 0, or -ENXIO whatever the
 * cause: then every granule was given back, or the host page is treated as the policy says.
 */
export const createProtectedDataPage: Flow = flow({
  name: 'realm_create_protected_data_page',
  reference: 'arch/arm64/kvm/rme.c, CCA host series v9 19/43',
  params: ['vm', 'ipa', 'dst', 'src', 'flags'],
  locals: {
    vm: 'number',
    ipa: 'address',
    dst: 'address',
    src: 'address',
    flags: 'flag',
    offset: 'bytes',
    undelegate_failed: 'flag',
  },
  steps: {
    rmi_granule_delegate: {
      text: 'for (offset = 0; offset < PAGE_SIZE; offset += RMM_PAGE_SIZE) if (rmi_granule_delegate(dst_phys))',
      run: (f) => f.command(granuleDelegate, [f.dst + f.offset]),
    },
    rmi_data_create: {
      text: 'return -ENXIO; ret = rmi_data_create(rd, dst_phys, ipa, src_phys, flags)',
      run(f) {
        if (f.result !== 0) return f.goto('err');
        const at = f.offset;
        const { pageSize, folios } = f.machine.linux;
        attachOwner(f.machine, f.vm, f.ipa / pageSize, folios.pfnOf(f.dst));
        f.command(dataCreate, [rdOf(f.machine, f.vm), f.dst + at, f.ipa + at, f.src + at, f.flags]);
      },
    },
    next_granule: {
      text: 'if (RMI_RETURN_STATUS(ret) == RMI_ERROR_RTT) create missing RTTs: realm_create_rtt_levels(realm, ipa, level, RMM_RTT_MAX_LEVEL, NULL)',
      run(f) {
        if (f.result === 0) {
          f.offset += GRANULE;
          if (f.offset >= f.machine.linux.pageSize) f.return(0);
          else f.goto('rmi_granule_delegate');
        } else if (isRttError(f.result)) {
          const ipa = f.ipa + f.offset;
          f.call(createRttLevels, [f.vm, ipa, returnIndex(f.result), RMM_RTT_MAX_LEVEL]);
        } else f.goto('undelegate');
      },
    },
    retry: {
      text: 'if (ret) return -EIO; ret = rmi_data_create(rd, dst_phys, ipa, src_phys, flags)',
      run(f) {
        if (f.result !== 0) return f.goto('undelegate');
        const at = f.offset;
        f.command(dataCreate, [rdOf(f.machine, f.vm), f.dst + at, f.ipa + at, f.src + at, f.flags]);
      },
    },
    retried: {
      text: 'if (ret) return -EIO',
      run(f) {
        if (f.result !== 0) return f.goto('undelegate');
        f.offset += GRANULE;
        if (f.offset >= f.machine.linux.pageSize) f.return(0);
        else f.goto('rmi_granule_delegate');
      },
    },
    undelegate: {
      text: 'err: if (ret == -EIO) the current granule is delegated: rmi_granule_undelegate(dst_phys)',
      run: (f) => f.command(granuleUndelegate, [f.dst + f.offset]),
    },
    WARN_ON: {
      text: 'if (WARN_ON(rmi_granule_undelegate(dst_phys))) undelegate_failed = true',
      run(f) {
        if (f.result === 0) return f.goto('err');
        f.undelegate_failed = 1;
        f.command(warn, [f.machine.linux.folios.pfnOf(f.dst)]);
      },
    },
    err: {
      text: 'while (offset > 0) { offset -= RMM_PAGE_SIZE; rmi_data_destroy(rd, ipa + offset, NULL, NULL)',
      run(f) {
        if (f.offset === 0) return f.goto('get_page');
        f.offset -= GRANULE;
        f.command(dataDestroy, [rdOf(f.machine, f.vm), f.ipa + f.offset]);
      },
    },
    undelegate_granule: {
      text: 'rmi_granule_undelegate(dst_phys + offset)',
      run: (f) => f.command(granuleUndelegate, [f.dst + f.offset], 'WARN_ON'),
    },
    get_page: {
      text: 'if (undelegate_failed) a granule that could not be undelegated: get_page(pfn_to_page(dst_pfn))',
      run(f) {
        if (f.undelegate_failed === 1) f.call(pageIsStuck, [f.machine.linux.folios.pfnOf(f.dst)]);
      },
    },
    out: { text: 'return -ENXIO', run: (f) => f.return(-ERRNO.ENXIO) },
  },
});
