// Making the translation tables of a realm down to a level.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { warn } from '../linux/pieces.ts';
import { span } from '../rmm/rtts.ts';
import { allocDelegatedGranule } from './granules.ts';
import { rdOf } from './host.ts';
import { freeDelegatedGranule } from './policy.ts';
import { isRttError, returnIndex, rttCreate } from './rmi.ts';

/** Makes the tables below `level`, where the RMM's walk stopped, down to `max`. 0, -ENOMEM or -ENXIO. */
export const createRttLevels: Flow = flow({
  name: 'realm_create_rtt_levels',
  reference: 'arch/arm64/kvm/rme.c, CCA host series v9',
  params: ['vm', 'ipa', 'level', 'max'],
  locals: { vm: 'number', ipa: 'address', level: 'number', max: 'number', rtt: 'address', ret: 'errno' },
  steps: {
    alloc_rtt: {
      text: 'while (level++ < max_level) { rtt = alloc_rtt(mc)',
      run(f) {
        if (f.level >= f.max) return f.return(0);
        f.level++;
        f.call(allocDelegatedGranule, []);
      },
    },
    realm_rtt_create: {
      text: 'if (rtt == PHYS_ADDR_MAX) return -ENOMEM; ret = realm_rtt_create(realm, ipa, level, rtt)',
      run(f) {
        if (f.result < 0) return f.return(-ERRNO.ENOMEM);
        f.rtt = f.output(0);
        const base = f.ipa - (f.ipa % span(f.level - 1));
        f.command(rttCreate, [rdOf(f.machine, f.vm), f.rtt, base, f.level], 'created');
      },
    },
    created: {
      text: 'if (RMI_RETURN_STATUS(ret) == RMI_ERROR_RTT && RMI_RETURN_INDEX(ret) == level - 1) the RTT already exists, continue',
      run(f) {
        if (f.result === 0) return f.goto('alloc_rtt');
        const isThere = isRttError(f.result) && returnIndex(f.result) === f.level - 1;
        if (isThere) f.call(freeDelegatedGranule, [f.rtt], 'alloc_rtt');
        else f.command(warn, [f.machine.linux.folios.pfnOf(f.rtt)]);
      },
    },
    free_rtt: {
      text: 'WARN(1, "Failed to create RTT at level %d"); free_rtt(rtt)',
      run: (f) => f.call(freeDelegatedGranule, [f.rtt]),
    },
    failed: { text: 'return -ENXIO', run: (f) => f.return(-ERRNO.ENXIO) },
  },
});
