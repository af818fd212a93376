// The RIPAS of ranges: RAM before the realm runs, and what the realm itself asks for afterwards.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { warn } from '../linux/pieces.ts';
import type { Machine } from '../machine.ts';
import { RIPAS } from '../rmm/rtt-entry.ts';
import { span } from '../rmm/rtts.ts';
import { findMapLevel, rdOf, TEMPORARY_PAGES, vmOf } from './host.ts';
import { isRttError, returnIndex, rttInitRipas, rttSetRipas } from './rmi.ts';
import { createRttLevels } from './tables.ts';
import { unmapPrivateRange } from './unmap.ts';

const reference = 'arch/arm64/kvm/rme.c, CCA host series v9';

/** How far v12 and later pass over what populate has assigned already: a page, whatever the entry, so that a block is taken apart. */
function assigned({ linux, cca }: Machine, level: number): number {
  const keepsBlocks = cca.policy.get(0, TEMPORARY_PAGES) > 0;
  return keepsBlocks ? Math.max(span(level), linux.pageSize) : linux.pageSize;
}

/**
 * Makes [ipa, end) RAM, with tables as deep as the range needs. 0, -EINVAL, -ENOMEM or -ENXIO. `skip` is 1 where what populate
 * has assigned already is passed over: it is RAM.
 */
export const initIpaState: Flow = flow({
  name: 'realm_init_ipa_state',
  reference,
  params: ['vm', 'ipa', 'end', 'skip'],
  locals: { vm: 'number', ipa: 'address', end: 'address', skip: 'flag', level: 'number' },
  steps: {
    rmi_rtt_init_ripas: {
      text: 'while (ipa < end) { ret = rmi_rtt_init_ripas(rd_phys, ipa, end, &next)',
      run(f) {
        if (f.ipa >= f.end) return f.return(0);
        f.command(rttInitRipas, [rdOf(f.machine, f.vm), f.ipa, f.end]);
      },
    },
    next: {
      text: 'if (RMI_RETURN_STATUS(ret) == RMI_ERROR_RTT) { level = find_map_level(realm, ipa, end); if (err_level >= level) v9: return -EINVAL; v12 and later, a hack to skip what is RAM already: ipa += PAGE_SIZE; the alternative that makes blocks of temporary pages: ipa += the whole entry',
      run(f) {
        if (f.result === 0) {
          f.ipa = f.output(0);
          return f.goto('rmi_rtt_init_ripas');
        }
        if (!isRttError(f.result)) return f.command(warn, [0], 'failed');
        const index = returnIndex(f.result);
        f.level = findMapLevel(f.machine, f.vm, f.ipa, f.end);
        if (index < f.level) return f.call(createRttLevels, [f.vm, f.ipa, index, f.level]);
        if (f.skip === 0) return f.return(-ERRNO.EINVAL);
        f.ipa += assigned(f.machine, index);
        f.goto('rmi_rtt_init_ripas');
      },
    },
    retry: {
      text: 'ret = realm_create_rtt_levels(realm, ipa, err_level, level, NULL); if (ret) return ret; retry with the RTT levels in place',
      run(f) {
        if (f.result !== 0) f.return(f.result);
        else f.goto('rmi_rtt_init_ripas');
      },
    },
    failed: { text: 'else if (WARN_ON(ret)) return -ENXIO', run: (f) => f.return(-ERRNO.ENXIO) },
  },
});

/** Does what a realm asked for, as far as it goes. Output 0: where it stopped. */
const setIpaState: Flow = flow({
  name: 'realm_set_ipa_state',
  reference,
  params: ['vcpu', 'start', 'end', 'ripas'],
  locals: {
    vcpu: 'number',
    start: 'address',
    end: 'address',
    ripas: 'number',
    vm: 'number',
    ipa: 'address',
    level: 'number',
    ret: 'errno',
  },
  steps: {
    begin: {
      text: 'ipa = start',
      run(f) {
        f.vm = vmOf(f.machine, f.vcpu);
        f.ipa = f.start;
      },
    },
    rmi_rtt_set_ripas: {
      text: 'while (ipa < end) { ret = rmi_rtt_set_ripas(rd_phys, rec_phys, ipa, end, &next)',
      run(f) {
        if (f.ipa >= f.end) return f.goto('out');
        const rec = f.machine.cca.recs.get(f.vcpu, 'rec');
        f.command(rttSetRipas, [rdOf(f.machine, f.vm), rec, f.ipa, f.end]);
      },
    },
    next: {
      text: 'if (RMI_ERROR_RTT && walk_level < find_map_level(realm, ipa, end)) realm_create_rtt_levels(…); else ret = -EINVAL',
      run(f) {
        if (f.result === 0) {
          f.ipa = f.output(0);
          return f.goto('rmi_rtt_set_ripas');
        }
        f.ret = -ERRNO.ENXIO;
        if (!isRttError(f.result)) return f.command(warn, [0], 'out');
        f.ret = -ERRNO.EINVAL;
        f.level = findMapLevel(f.machine, f.vm, f.ipa, f.end);
        if (returnIndex(f.result) >= f.level) return f.goto('out');
        f.call(createRttLevels, [f.vm, f.ipa, returnIndex(f.result), f.level]);
      },
    },
    retry: {
      text: 'retry with RTTs created',
      run(f) {
        f.ret = f.result;
        if (f.ret === 0) f.goto('rmi_rtt_set_ripas');
      },
    },
    out: {
      text: '*top_ipa = ipa; if (ripas == RMI_EMPTY && ipa != start) realm_unmap_private_range(kvm, start, ipa, false)',
      run(f) {
        if (f.ripas !== RIPAS.indexOf('EMPTY') || f.ipa === f.start) return f.return(f.ret, f.ipa);
        f.call(unmapPrivateRange, [f.vm, f.start, f.ipa, 1]);
      },
    },
    unmapped: { text: 'return ret', run: (f) => f.return(f.ret, f.ipa) },
  },
});

/** The answer to a RIPAS change of the last exit, before the REC is entered again. It never fails: the realm sees how far it came. */
export const completeRipasChange: Flow = flow({
  name: 'kvm_complete_ripas_change',
  reference: 'arch/arm64/kvm/rme.c: kvm_complete_ripas_change, CCA host series v9',
  params: ['vcpu', 'base', 'top', 'ripas'],
  locals: { vcpu: 'number', base: 'address', top: 'address', ripas: 'number' },
  steps: {
    realm_set_ipa_state: {
      text: 'do { kvm_mmu_topup_memory_cache(…); write_lock(&kvm->mmu_lock); ret = realm_set_ipa_state(vcpu, base, top, ripas, &top_ipa)',
      run: (f) => f.call(setIpaState, [f.vcpu, f.base, f.top, f.ripas]),
    },
    next: {
      text: 'if (WARN_RATELIMIT(ret && ret != -ENOMEM, "Unable to satisfy RIPAS_CHANGE")) break; base = top_ipa; } while (top_ipa < top)',
      run(f) {
        const reached = f.output(0);
        const isStuck = f.result !== 0 && reached === f.base;
        f.base = reached;
        if (f.result !== 0 && f.result !== -ERRNO.ENOMEM) return f.command(warn, [0], 'out');
        if (reached < f.top && !isStuck) f.goto('realm_set_ipa_state');
      },
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});
