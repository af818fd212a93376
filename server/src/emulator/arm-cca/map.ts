// Mapping pages into a realm on a fault: private ones without contents, shared ones where the host says.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { attachOwner } from '../guest-memfd/arch-invalidate.ts';
import { warn } from '../linux/pieces.ts';
import { GRANULE } from '../memory/pages.ts';
import { span } from '../rmm/rtts.ts';
import { isStillDelegated } from './gmem-invalidate.ts';
import { REALM_STATE_NEW, RMM_RTT_MAX_LEVEL, rdOf, realmState, sharedBit } from './host.ts';
import { freeDelegatedGranule, pageIsStuck } from './policy.ts';
import {
  dataCreateUnknown,
  dataDestroy,
  granuleDelegate,
  granuleUndelegate,
  isRttError,
  returnIndex,
  rttFold,
  rttMapUnprotected,
} from './rmi.ts';
import { createRttLevels } from './tables.ts';

const reference = 'arch/arm64/kvm/rme.c, CCA host series v9';
const BLOCK_LEVEL = RMM_RTT_MAX_LEVEL - 1;
/** Output 0 of a map that had nothing left to do. */
const ANOTHER = 1;
const isBlock = (bytes: number) => bytes >= span(BLOCK_LEVEL);

/**
 * Gives the realm a page, or a block of 2M, of its own at a guest frame. 0: it is there, or another vCPU was faster and the
 * guest tries again (output 0 is 1). -ENXIO: everything was given back, or is treated as the policy says.
 */
export const mapProtected: Flow = flow({
  name: 'realm_map_protected',
  reference,
  params: ['vm', 'gfn', 'pfn', 'order'],
  locals: {
    vm: 'number',
    gfn: 'number',
    pfn: 'number',
    order: 'number',
    ipa: 'address',
    phys: 'address',
    size: 'bytes',
    offset: 'bytes',
    undelegate_failed: 'flag',
    raced: 'flag',
  },
  steps: {
    begin: {
      text: 'if (map_level < RMM_RTT_MAX_LEVEL) a temporary RTT is needed during the map: realm_create_rtt_levels(realm, ipa, map_level, RMM_RTT_MAX_LEVEL, memcache)',
      run(f) {
        // No vCPU of such a realm runs: the fault is one that populate simulates, and what it found is all that is wanted.
        if (realmState(f.machine, f.vm) === REALM_STATE_NEW) {
          f.machine.cca.realms.set(f.vm, 'premapped', f.pfn);
          return f.return(0, ANOTHER);
        }
        const { pageSize } = f.machine.linux;
        f.ipa = f.gfn * pageSize;
        f.phys = f.pfn * pageSize;
        f.size = pageSize * 2 ** f.order;
        if (isBlock(f.size)) f.call(createRttLevels, [f.vm, f.ipa, BLOCK_LEVEL, RMM_RTT_MAX_LEVEL]);
      },
    },
    rmi_granule_delegate: {
      text: 'for (offset = 0; offset < map_size; offset += RMM_PAGE_SIZE) if (rmi_granule_delegate(phys))',
      run(f) {
        if (f.offset >= f.size) return f.goto('rmi_rtt_fold');
        if (isStillDelegated(f.machine, f.phys + f.offset)) return f.goto('still_delegated');
        f.command(granuleDelegate, [f.phys + f.offset]);
      },
    },
    rmi_data_create_unknown: {
      text: 'already delegated: another vCPU is mapping it, return 0; ret = rmi_data_create_unknown(rd, phys, ipa)',
      run(f) {
        if (f.result !== 0) return f.return(0, ANOTHER);
        attachOwner(f.machine, f.vm, f.gfn, f.pfn);
        f.command(dataCreateUnknown, [rdOf(f.machine, f.vm), f.phys + f.offset, f.ipa + f.offset]);
      },
    },
    created: {
      text: 'if (RMI_RETURN_STATUS(ret) == RMI_ERROR_RTT) create missing RTTs and retry',
      run(f) {
        if (f.result === 0) {
          f.offset += GRANULE;
          return f.goto('rmi_granule_delegate');
        }
        if (!isRttError(f.result)) return f.goto('undelegate');
        f.call(createRttLevels, [f.vm, f.ipa + f.offset, returnIndex(f.result), RMM_RTT_MAX_LEVEL]);
      },
    },
    retry: {
      text: 'if (ret) goto err_undelegate; ret = rmi_data_create_unknown(rd, phys, ipa)',
      run(f) {
        if (f.result !== 0) return f.goto('undelegate');
        f.command(dataCreateUnknown, [rdOf(f.machine, f.vm), f.phys + f.offset, f.ipa + f.offset]);
      },
    },
    retried: {
      text: 'if (WARN_ON(ret)) goto err_undelegate; phys += RMM_PAGE_SIZE; ipa += RMM_PAGE_SIZE',
      run(f) {
        if (f.result === 0) {
          f.offset += GRANULE;
          return f.goto('rmi_granule_delegate');
        }
        // An entry that is assigned already belongs to the vCPU that was faster.
        f.raced = isRttError(f.result) && returnIndex(f.result) === RMM_RTT_MAX_LEVEL ? 1 : 0;
        if (f.raced === 1) f.goto('undelegate');
        else f.command(warn, [f.pfn], 'undelegate');
      },
    },
    rmi_rtt_fold: {
      text: 'if (map_size == RMM_L2_BLOCK_SIZE) ret = fold_rtt(realm, base_ipa, map_level + 1)',
      run(f) {
        if (!isBlock(f.size)) return f.return(0, 0);
        f.command(rttFold, [rdOf(f.machine, f.vm), f.ipa, RMM_RTT_MAX_LEVEL]);
      },
    },
    folded: {
      text: 'if (WARN_ON(ret)) goto err; free_rtt(rtt_addr)',
      run(f) {
        if (f.result === 0) f.call(freeDelegatedGranule, [f.output(0)]);
        else f.command(warn, [f.pfn], 'err');
      },
    },
    mapped: { text: 'return 0', run: (f) => f.return(0, 0) },
    still_delegated: {
      text: 'a page that stayed delegated when it was unmapped: ret = rmi_data_create_unknown(rd, phys, ipa)',
      run(f) {
        attachOwner(f.machine, f.vm, f.gfn, f.pfn);
        f.command(dataCreateUnknown, [rdOf(f.machine, f.vm), f.phys + f.offset, f.ipa + f.offset], 'created');
      },
    },
    undelegate: {
      text: 'err_undelegate: rmi_granule_undelegate(phys)',
      run: (f) => f.command(granuleUndelegate, [f.phys + f.offset]),
    },
    WARN_ON: {
      text: 'if (WARN_ON(ret)) a page that does not come back is leaked',
      run(f) {
        if (f.result === 0 && f.raced === 1) return f.return(0, ANOTHER);
        f.raced = 0;
        if (f.result === 0) return f.goto('err');
        f.undelegate_failed = 1;
        f.command(warn, [f.pfn]);
      },
    },
    err: {
      text: 'while (offset > 0) { offset -= RMM_PAGE_SIZE; rmi_data_destroy(rd, ipa, &data, &top)',
      run(f) {
        if (f.offset === 0) return f.goto('get_page');
        f.offset -= GRANULE;
        f.command(dataDestroy, [rdOf(f.machine, f.vm), f.ipa + f.offset]);
      },
    },
    undelegate_granule: {
      text: 'rmi_granule_undelegate(phys)',
      run: (f) => f.command(granuleUndelegate, [f.phys + f.offset], 'WARN_ON'),
    },
    get_page: {
      text: 'if (undelegate_failed) get_page(phys_to_page(phys))',
      run(f) {
        if (f.undelegate_failed === 1) f.call(pageIsStuck, [f.pfn]);
      },
    },
    out: { text: 'return -ENXIO', run: (f) => f.return(-ERRNO.ENXIO) },
  },
});

/** Normal memory, write-back, readable and writable. */
const DESCRIPTOR = 0xd8;

/** Shows the realm a page of the host in the shared half. */
export const mapNonSecure: Flow = flow({
  name: 'realm_map_non_secure',
  reference,
  params: ['vm', 'gfn', 'pfn', 'writable'],
  locals: {
    vm: 'number',
    gfn: 'number',
    pfn: 'number',
    writable: 'flag',
    ipa: 'address',
    offset: 'bytes',
    again: 'flag',
  },
  steps: {
    realm_map_ipa: {
      text: 'if (WARN_ON(!(prot & KVM_PGTABLE_PROT_W))) return -EFAULT',
      run(f) {
        f.ipa = f.gfn * f.machine.linux.pageSize + sharedBit(f.machine, f.vm);
        if (f.writable === 0) f.command(warn, [f.pfn], 'read_only');
      },
    },
    rmi_rtt_map_unprotected: {
      text: 'ret = rmi_rtt_map_unprotected(rd, ipa, RMM_RTT_MAX_LEVEL, desc)',
      run(f) {
        const { pageSize } = f.machine.linux;
        if (f.offset >= pageSize) return f.return(0);
        const desc = f.pfn * pageSize + f.offset + DESCRIPTOR;
        f.command(rttMapUnprotected, [rdOf(f.machine, f.vm), f.ipa + f.offset, RMM_RTT_MAX_LEVEL, desc]);
      },
    },
    mapped: {
      text: 'RMI_ERROR_RTT: the tables are missing, or another thread has mapped it already; if (ret && status != RMI_ERROR_RTT) return -ENXIO',
      run(f) {
        if (f.result !== 0 && !isRttError(f.result)) return f.return(-ERRNO.ENXIO);
        if (f.result === 0 || f.again === 1) {
          f.again = 0;
          f.offset += GRANULE;
          return f.goto('rmi_rtt_map_unprotected');
        }
        f.call(createRttLevels, [f.vm, f.ipa + f.offset, returnIndex(f.result), RMM_RTT_MAX_LEVEL]);
      },
    },
    retry: {
      text: 'if (ret) return ret; ret = rmi_rtt_map_unprotected(rd, ipa, RMM_RTT_MAX_LEVEL, desc)',
      run(f) {
        if (f.result !== 0) return f.return(f.result);
        f.again = 1;
        f.goto('rmi_rtt_map_unprotected');
      },
    },
    read_only: { text: 'return -EFAULT', run: (f) => f.return(-ERRNO.EFAULT) },
  },
});
