// Taking memory away from a realm: shared pages are unmapped, private ones destroyed and given back, tables folded.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { isToldLater } from '../guest-memfd/arch-invalidate.ts';
import { PRIVATE_HALF } from '../kvm/platform.ts';
import { folioPut } from '../linux/folio-put.ts';
import { warn } from '../linux/pieces.ts';
import type { Machine } from '../machine.ts';
import { entryAddress, isAssigned } from '../rmm/rtt-entry.ts';
import { span } from '../rmm/rtts.ts';
import { allocDelegatedGranule } from './granules.ts';
import { findMapLevel, isCreated, RMM_RTT_MAX_LEVEL, rdOf, sharedBit, startLevel } from './host.ts';
import { freeDelegatedGranule, pageIsStuck } from './policy.ts';
import {
  dataDestroy,
  granuleUndelegate,
  isRttError,
  returnIndex,
  rttCreate,
  rttFold,
  rttUnmapUnprotected,
} from './rmi.ts';

const reference = 'arch/arm64/kvm/rme.c, CCA host series v9';

/**
 * Folds the tables of [start, end) that say what one entry could say, from `level` down. Returns how many were not, or a
 * negative errno.
 */
export const foldRttLevel: Flow = flow({
  name: 'realm_fold_rtt_level',
  reference,
  params: ['vm', 'level', 'start', 'end'],
  locals: { vm: 'number', level: 'number', start: 'address', end: 'address', addr: 'address', left: 'number' },
  steps: {
    begin: {
      text: 'if (WARN_ON(level > RMM_RTT_MAX_LEVEL)) return -EINVAL; addr = start',
      run(f) {
        f.addr = f.start;
      },
    },
    realm_rtt_fold: {
      text: 'for (addr = start; addr < end; addr = next_addr) ret = realm_rtt_fold(realm, align_addr, level, &rtt_granule)',
      run(f) {
        if (f.addr >= f.end) return f.return(f.left);
        const base = f.addr - (f.addr % span(f.level - 1));
        f.command(rttFold, [rdOf(f.machine, f.vm), base, f.level]);
      },
    },
    folded: {
      text: 'case RMI_SUCCESS: free_rtt(rtt_granule); case RMI_ERROR_RTT: not_folded++ or recurse a level deeper',
      run(f) {
        const next = f.addr - (f.addr % span(f.level - 1)) + span(f.level - 1);
        if (f.result === 0) {
          f.addr = next;
          return f.call(freeDelegatedGranule, [f.output(0)], 'realm_rtt_fold');
        }
        if (!isRttError(f.result)) return f.command(warn, [0], 'failed');
        if (f.level === RMM_RTT_MAX_LEVEL || returnIndex(f.result) < f.level) {
          f.left++;
          f.addr = next;
          return f.goto('realm_rtt_fold');
        }
        f.call(foldRttLevel, [f.vm, f.level + 1, f.addr, Math.min(next, f.end)]);
      },
    },
    deeper: {
      text: 'if (ret < 0) return ret; if (ret == 0) try again at this level',
      run(f) {
        if (f.result < 0) return f.return(f.result);
        if (f.result > 0) {
          f.left++;
          f.addr = f.addr - (f.addr % span(f.level - 1)) + span(f.level - 1);
        }
        f.goto('realm_rtt_fold');
      },
    },
    failed: { text: 'default: WARN_ON(1); return -ENXIO', run: (f) => f.return(-ERRNO.ENXIO) },
  },
});

/** The granule that the realm has at a protected IPA; 0 if it has none. */
function granuleAt(machine: Machine, vm: number, ipa: number): number {
  const { rtts, granules } = machine.rmm;
  const realm = granules.row(rdOf(machine, vm));
  const { level, entry } = rtts.walk(realm, ipa, RMM_RTT_MAX_LEVEL, { rtt: 0, level: 0, index: 0, entry: 0 });
  return isAssigned(entry) ? entryAddress(entry) + (ipa % span(level)) : 0;
}

/**
 * Destroys one granule of a realm and gives it back. Output 0: the next IPA; output 1: its PA, 0 if there was none.
 */
const destroyPrivateGranule: Flow = flow({
  name: 'realm_destroy_private_granule',
  reference,
  params: ['vm', 'ipa'],
  locals: {
    vm: 'number',
    ipa: 'address',
    next: 'address',
    data: 'address',
    rtt: 'address',
    ret: 'errno',
  },
  steps: {
    rmi_data_destroy: {
      text: 'retry: ret = rmi_data_destroy(rd, ipa, &data_addr, next_addr)',
      run: (f) => f.command(dataDestroy, [rdOf(f.machine, f.vm), f.ipa]),
    },
    destroyed: {
      text: 'if (RMI_ERROR_RTT) { if (*next_addr > ipa) return 0; it is a block: rtt = alloc_rtt(NULL)',
      run(f) {
        f.next = f.output(1);
        f.ret = -ERRNO.ENXIO;
        if (f.result === 0) {
          f.data = f.output(0);
          if (isToldLater(f.machine)) return f.return(0, f.next, f.data);
          return f.goto('rmi_granule_undelegate');
        }
        if (!isRttError(f.result)) return f.command(warn, [0], 'refused');
        if (f.next > f.ipa) return f.return(0, f.next, 0);
        f.call(allocDelegatedGranule, []);
      },
    },
    realm_rtt_create: {
      text: 'if (WARN_ON(rtt == PHYS_ADDR_MAX)) return -ENOMEM; ret = realm_rtt_create(realm, ipa, 3, rtt)',
      run(f) {
        if (f.result < 0) {
          f.ret = -ERRNO.ENOMEM;
          return f.command(warn, [0], 'refused');
        }
        f.rtt = f.output(0);
        const base = f.ipa - (f.ipa % span(RMM_RTT_MAX_LEVEL - 1));
        f.command(rttCreate, [rdOf(f.machine, f.vm), f.rtt, base, RMM_RTT_MAX_LEVEL]);
      },
    },
    split: {
      text: 'if (WARN_ON(ret)) { free_rtt(rtt); return -ENXIO; } goto retry',
      run(f) {
        if (f.result === 0) f.goto('rmi_data_destroy');
        else f.command(warn, [0]);
      },
    },
    free_rtt: { text: 'free_rtt(rtt)', run: (f) => f.call(freeDelegatedGranule, [f.rtt]) },
    refused: {
      // No series looks which page it was. Where mappings hold references the one of this page stays, which is a leak; the
      // other answers would have to remember the page.
      text: 'if (WARN_ON(ret)) return -ENXIO: the realm keeps what it has at ipa',
      run(f) {
        f.data = granuleAt(f.machine, f.vm, f.ipa);
        if (isToldLater(f.machine)) f.goto('stuck_out');
        else f.goto(f.data === 0 ? 'failed' : 'stuck');
      },
    },
    rmi_granule_undelegate: {
      text: 'ret = rmi_granule_undelegate(data_addr)',
      run: (f) => f.command(granuleUndelegate, [f.data]),
    },
    undelegated: {
      text: 'if (WARN_ON(ret)) return -ENXIO',
      run(f) {
        if (f.result === 0) f.return(0, f.next, f.data);
        else f.command(warn, [f.machine.linux.folios.pfnOf(f.data)]);
      },
    },
    stuck: {
      text: 'the page is lost to the kernel',
      run: (f) => f.call(pageIsStuck, [f.machine.linux.folios.pfnOf(f.data)]),
    },
    stuck_out: { text: 'return ret', run: (f) => f.return(f.ret, f.next, f.data) },
    failed: { text: 'return ret', run: (f) => f.return(f.ret, f.next, 0) },
  },
});

/** Destroys the granules of the host page at an IPA. Output 0: the next IPA. The page's own reference is dropped. */
const unmapPrivatePage: Flow = flow({
  name: 'realm_unmap_private_page',
  reference,
  params: ['vm', 'ipa'],
  locals: {
    vm: 'number',
    ipa: 'address',
    end: 'address',
    next: 'address',
    pfn: 'number',
    ret: 'errno',
  },
  steps: {
    begin: {
      text: 'end = ALIGN(ipa + 1, PAGE_SIZE)',
      run(f) {
        const { pageSize } = f.machine.linux;
        f.next = f.ipa;
        f.end = f.ipa - (f.ipa % pageSize) + pageSize;
      },
    },
    realm_destroy_private_granule: {
      text: 'for (addr = ipa; addr < end; addr = *next_addr) ret = realm_destroy_private_granule(realm, addr, next_addr, &out_data)',
      run(f) {
        if (f.next >= f.end) return f.goto('put_page');
        f.call(destroyPrivateGranule, [f.vm, f.next]);
      },
    },
    destroyed: {
      text: 'if (ret) return ret',
      run(f) {
        const { folios } = f.machine.linux;
        f.ret = f.result;
        const data = f.output(1);
        if (data !== 0) f.pfn = folios.pfnOf(data);
        if (f.ret !== 0) return f.goto('put_page');
        f.next = f.output(0);
        f.goto('realm_destroy_private_granule');
      },
    },
    put_page: {
      text: 'if (out_data != PHYS_ADDR_MAX) put_page(phys_to_page(out_data))',
      run(f) {
        const { folios } = f.machine.linux;
        const head = f.pfn === 0 ? 0 : folios.head(f.pfn);
        if (head === 0 || folios.get(head, 'kvm') === 0) return f.return(f.ret, f.next);
        folios.count(head, 'kvm', -1);
        if (folios.refcount(head) > 0) return f.return(f.ret, f.next);
        f.call(folioPut, [head]);
      },
    },
    out: { text: 'return ret', run: (f) => f.return(f.ret, f.next) },
  },
});

/** Takes [start, end) of the private half away, and folds the tables above it if `fold` is 1. */
export const unmapPrivateRange: Flow = flow({
  name: 'realm_unmap_private_range',
  reference,
  params: ['vm', 'start', 'end', 'fold'],
  locals: { vm: 'number', start: 'address', end: 'address', fold: 'flag', addr: 'address' },
  steps: {
    begin: {
      text: 'addr = start',
      run(f) {
        f.addr = f.start;
      },
    },
    realm_unmap_private_page: {
      text: 'for (addr = start; addr < end; addr = next_addr) ret = realm_unmap_private_page(realm, addr, &next_addr)',
      run(f) {
        if (f.addr >= f.end) f.goto('realm_fold_rtt_level');
        else f.call(unmapPrivatePage, [f.vm, f.addr]);
      },
    },
    unmapped: {
      text: 'if (ret) break; since v13 a page that the RMM did not take away or give back is passed over',
      run(f) {
        const { pageSize, profile } = f.machine.linux;
        const isPassed = f.result !== 0 && profile.cca === 'v13';
        const next = isPassed ? f.addr - (f.addr % pageSize) + pageSize : f.output(0);
        if ((f.result !== 0 && !isPassed) || next <= f.addr) return;
        f.addr = next;
        f.goto('realm_unmap_private_page');
      },
    },
    realm_fold_rtt_level: {
      text: 'realm_fold_rtt_level(realm, get_start_level(realm) + 1, start, end)',
      run(f) {
        if (f.fold === 1) f.call(foldRttLevel, [f.vm, startLevel(f.machine, f.vm) + 1, f.start, f.end]);
      },
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});

/** Takes [start, end) of the shared half away, both with the shared bit set already; folds as above. */
const unmapSharedRange: Flow = flow({
  name: 'realm_unmap_shared_range',
  reference,
  params: ['vm', 'level', 'start', 'end', 'fold'],
  locals: {
    vm: 'number',
    level: 'number',
    start: 'address',
    end: 'address',
    fold: 'flag',
    addr: 'address',
    next: 'address',
  },
  steps: {
    begin: {
      text: 'if (WARN_ON(level > RMM_RTT_MAX_LEVEL)) return; addr = start',
      run(f) {
        f.next = f.start;
      },
    },
    rmi_rtt_unmap_unprotected: {
      text: 'for (addr = start; addr < end; addr = next_addr) ret = rmi_rtt_unmap_unprotected(rd, addr, level, &next_addr)',
      run(f) {
        f.addr = f.next;
        if (f.addr >= f.end) return f.goto('realm_fold_rtt_level');
        const size = span(f.level);
        f.next = f.addr - (f.addr % size) + size;
        if (f.addr % size !== 0 || f.next > f.end) {
          const end = Math.min(f.next, f.end);
          return f.call(unmapSharedRange, [f.vm, f.level + 1, f.addr, end, 0], 'rmi_rtt_unmap_unprotected');
        }
        f.command(rttUnmapUnprotected, [rdOf(f.machine, f.vm), f.addr, f.level]);
      },
    },
    unmapped: {
      text: 'case RMI_ERROR_RTT: if (next_addr == addr) recurse to clear out the pages one level deeper',
      run(f) {
        const top = f.output(0);
        if (f.result !== 0 && !isRttError(f.result)) return f.command(warn, [0], 'out');
        if (f.result !== 0 && top === f.addr && f.level < RMM_RTT_MAX_LEVEL) {
          return f.call(unmapSharedRange, [f.vm, f.level + 1, f.addr, f.next, 0], 'rmi_rtt_unmap_unprotected');
        }
        if (top > f.addr) f.next = top;
        f.goto('rmi_rtt_unmap_unprotected');
      },
    },
    realm_fold_rtt_level: {
      text: 'realm_fold_rtt_level(realm, get_start_level(realm) + 1, start, end)',
      run(f) {
        if (f.fold === 0) return f.return(0);
        f.call(foldRttLevel, [f.vm, startLevel(f.machine, f.vm) + 1, f.start, f.end]);
      },
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});

/** Takes a range of guest physical addresses away from a realm, the private half only if asked. A dying realm is not folded. */
export const unmapRange: Flow = flow({
  name: 'kvm_realm_unmap_range',
  reference,
  params: ['vm', 'start', 'end', 'unmapPrivate', 'fold'],
  locals: { vm: 'number', start: 'address', end: 'address', unmapPrivate: 'flag', fold: 'flag' },
  steps: {
    realm_unmap_shared_range: {
      text: 'end = min(BIT(realm->ia_bits - 1), end); if (!kvm_realm_is_created(kvm)) return; realm_unmap_shared_range(kvm, find_map_level(realm, start, end), start, end, may_block)',
      run(f) {
        const shared = sharedBit(f.machine, f.vm);
        f.end = Math.min(f.end, shared);
        if (!isCreated(f.machine, f.vm) || f.start >= f.end) return f.return(0);
        const level = Math.max(1, findMapLevel(f.machine, f.vm, f.start, f.end));
        f.call(unmapSharedRange, [f.vm, level, f.start + shared, f.end + shared, f.fold]);
      },
    },
    realm_unmap_private_range: {
      text: 'if (unmap_private) realm_unmap_private_range(kvm, start, end, may_block)',
      run(f) {
        if (f.unmapPrivate !== 0) f.call(unmapPrivateRange, [f.vm, f.start, f.end, f.fold]);
      },
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});

/** kvm_unmap_gfn_range of a realm: guest frames, and the halves that have to go. */
export const unmapGfnRange: Flow = flow({
  name: '__unmap_stage2_range',
  reference: 'arch/arm64/kvm/mmu.c, CCA host series v9',
  params: ['vm', 'from', 'to', 'halves'],
  locals: { vm: 'number', from: 'number', to: 'number', halves: 'flag' },
  steps: {
    kvm_realm_unmap_range: {
      text: 'if (kvm_is_realm(kvm)) kvm_realm_unmap_range(kvm, start, size, unmap_private, may_block)',
      run(f) {
        const { pageSize } = f.machine.linux;
        // No address has as many bits as a whole VM's range says.
        const end = Math.min(f.to * pageSize, sharedBit(f.machine, f.vm));
        f.call(unmapRange, [f.vm, f.from * pageSize, end, (f.halves & PRIVATE_HALF) !== 0 ? 1 : 0, 1]);
      },
    },
  },
});
