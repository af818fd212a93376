// The end of a realm: everything is unmapped, its tables are taken down, the RMM forgets it. What fails is leaked.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { freeFolio, leak, warn } from '../linux/pieces.ts';
import type { Machine } from '../machine.ts';
import { GRANULE } from '../memory/pages.ts';
import { span } from '../rmm/rtts.ts';
import { leakStartTables } from './create.ts';
import {
  ipaBits,
  isCreated,
  REALM_STATE_DEAD,
  REALM_STATE_DYING,
  RMM_RTT_MAX_LEVEL,
  rdOf,
  setRealmState,
  sharedBit,
  startLevel,
} from './host.ts';
import { freeDelegatedGranule, undelegateGranule } from './policy.ts';
import { destroyRec } from './rec.ts';
import { isRttError, realmDestroy, returnIndex, rttDestroy } from './rmi.ts';
import { unmapRange } from './unmap.ts';

const reference = 'arch/arm64/kvm/rme.c, CCA host series v9';

/** Destroys the tables of [start, end) from `level` down. 0, -EBUSY or -ENXIO. */
const tearDownRttLevel: Flow = flow({
  name: 'realm_tear_down_rtt_level',
  reference,
  params: ['vm', 'level', 'start', 'end'],
  locals: { vm: 'number', level: 'number', start: 'address', end: 'address', addr: 'address', top: 'address' },
  steps: {
    begin: {
      text: 'map_size = rme_rtt_level_mapsize(level - 1); addr = start',
      run(f) {
        f.addr = f.start;
      },
    },
    realm_rtt_destroy: {
      text: 'for (addr = start; addr < end; addr = next_addr) ret = realm_rtt_destroy(realm, addr, level, &rtt_granule, &next_addr)',
      run(f) {
        if (f.addr >= f.end) return f.return(0);
        f.command(rttDestroy, [rdOf(f.machine, f.vm), f.addr, f.level]);
      },
    },
    destroyed: {
      text: 'case RMI_SUCCESS: free_rtt(rtt_granule); case RMI_ERROR_RTT: if (next_addr > addr) missing RTT, skip; otherwise it is live: recurse deeper',
      run(f) {
        f.top = f.output(1);
        if (f.result === 0) {
          f.addr = f.top;
          return f.call(freeDelegatedGranule, [f.output(0)], 'realm_rtt_destroy');
        }
        if (!isRttError(f.result)) return f.command(warn, [0], 'failed');
        if (f.top > f.addr) {
          f.addr = f.top;
          return f.goto('realm_rtt_destroy');
        }
        if (returnIndex(f.result) !== f.level || f.level === RMM_RTT_MAX_LEVEL) return f.command(warn, [0], 'busy');
        f.call(tearDownRttLevel, [f.vm, f.level + 1, f.addr, f.addr + span(f.level - 1)]);
      },
    },
    deeper: {
      text: 'if (ret) return ret; now that the child RTTs are destroyed, retry at this level',
      run(f) {
        if (f.result !== 0) f.return(f.result);
        else f.goto('realm_rtt_destroy');
      },
    },
    busy: { text: 'return -EBUSY', run: (f) => f.return(-ERRNO.EBUSY) },
    failed: { text: 'return -ENXIO', run: (f) => f.return(-ERRNO.ENXIO) },
  },
});

/** The page of a table that the RMM still has of a realm, and that is not leaked yet; 0 if there is none. Start tables are not meant. */
function nextTable(machine: Machine, vm: number): number {
  const { granules, rtts } = machine.rmm;
  const { folios } = machine.linux;
  const realm = granules.row(rdOf(machine, vm));
  for (let row = 0; row < granules.table.rows; row++) {
    const pa = granules.address(row);
    if (granules.state(pa) !== 'RTT' || rtts.realm(row) !== realm || isStartTable(machine, vm, pa)) continue;
    const pfn = folios.head(folios.pfnOf(pa));
    if (folios.get(pfn, 'leaked') === 0) return pfn;
  }
  return 0;
}

function isStartTable({ cca: { realms } }: Machine, vm: number, pa: number): boolean {
  const start = realms.get(vm, 'pgd');
  return pa >= start && pa < start + realms.get(vm, 'start tables') * GRANULE;
}

const destroyRealm: Flow = flow({
  name: 'kvm_destroy_realm',
  reference,
  params: ['vm'],
  locals: { vm: 'number', pgd: 'address', tables: 'number', i: 'number', lost: 'flag' },
  steps: {
    rmi_realm_destroy: {
      text: 'if (!kvm_realm_is_created(kvm)) return; WRITE_ONCE(realm->state, REALM_STATE_DYING); rmi_realm_destroy(rd_phys)',
      run(f) {
        const { realms } = f.machine.cca;
        f.pgd = realms.get(f.vm, 'pgd');
        f.tables = realms.get(f.vm, 'start tables');
        if (rdOf(f.machine, f.vm) === 0) return f.goto('kvm_free_stage2_pgd');
        setRealmState(f.machine, f.vm, REALM_STATE_DYING);
        f.command(realmDestroy, [rdOf(f.machine, f.vm)]);
      },
    },
    free_rd: {
      text: 'if (WARN_ON(ret)) return; free_delegated_granule(rd_phys)',
      run(f) {
        if (f.result !== 0) return f.command(warn, [f.machine.linux.folios.pfnOf(rdOf(f.machine, f.vm))], 'leak_rd');
        const rd = rdOf(f.machine, f.vm);
        f.machine.linux.vms.rows.set(f.vm, 'object', 0);
        f.call(freeDelegatedGranule, [rd]);
      },
    },
    rme_vmid_release: {
      text: 'rme_vmid_release(realm->vmid)',
      run(f) {
        f.machine.cca.realms.set(f.vm, 'vmid', 0);
      },
    },
    undelegate_range: {
      text: 'if (WARN_ON(undelegate_range(kvm->arch.mmu.pgd_phys, pgd_size))) return',
      run(f) {
        if (f.i === f.tables) return f.goto('dead');
        f.call(undelegateGranule, [f.pgd + f.i * GRANULE]);
      },
    },
    undelegated: {
      text: 'a start table that does not come back keeps them all; next one',
      run(f) {
        if (f.result !== 0) f.lost = 1;
        f.i++;
        f.goto('undelegate_range');
      },
    },
    dead: {
      text: 'WRITE_ONCE(realm->state, REALM_STATE_DEAD)',
      run(f) {
        setRealmState(f.machine, f.vm, REALM_STATE_DEAD);
        f.i = 0;
        if (f.lost === 1) f.goto('leak_pgd');
      },
    },
    kvm_free_stage2_pgd: {
      text: 'now that the realm is destroyed, free the entry level RTTs: kvm_free_stage2_pgd(&kvm->arch.mmu)',
      run(f) {
        if (f.pgd === 0 || f.i * f.machine.linux.pageSize >= f.tables * GRANULE) {
          f.machine.cca.realms.set(f.vm, 'pgd', 0);
          return f.return(0);
        }
        const pfn = f.machine.linux.folios.pfnOf(f.pgd) + f.i;
        f.i++;
        f.command(freeFolio, [pfn], 'kvm_free_stage2_pgd');
      },
    },
    leak_rd: {
      text: 'the RD, the tables that the RMM still has and the start tables are leaked',
      run: (f) => f.command(leak, [f.machine.linux.folios.pfnOf(rdOf(f.machine, f.vm))]),
    },
    leak_rtts: {
      text: 'the tables that are left',
      run(f) {
        const pfn = nextTable(f.machine, f.vm);
        if (pfn !== 0) f.command(leak, [pfn], 'leak_rtts');
      },
    },
    leak_pgd: {
      text: 'the start tables',
      run: (f) => f.call(leakStartTables, [f.vm]),
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});

/** The first vCPU of a VM behind `after`; 0 if there is none. */
function nextVcpu({ linux: { vms } }: Machine, vm: number, after: number): number {
  for (let vcpu = after + 1; vcpu <= vms.vcpus.last; vcpu++) {
    if (vms.vcpus.get(vcpu, 'vm') === vm) return vcpu;
  }
  return 0;
}

/** kvm_destroy_vm of a realm. */
export const destroyVm: Flow = flow({
  name: 'kvm_arch_destroy_vm',
  reference: 'arch/arm64/kvm/mmu.c, arm.c, rme.c; CCA host series v9',
  params: ['vm'],
  locals: { vm: 'number', vcpu: 'number' },
  steps: {
    kvm_stage2_unmap_range: {
      text: 'kvm_arch_flush_shadow_all(kvm): kvm_stage2_unmap_range(mmu, 0, BIT(realm->ia_bits - 1), true)',
      run(f) {
        if (!isCreated(f.machine, f.vm)) return f.goto('kvm_destroy_vcpus');
        f.call(unmapRange, [f.vm, 0, sharedBit(f.machine, f.vm), 1, 0]);
      },
    },
    kvm_realm_destroy_rtts: {
      text: 'kvm_realm_destroy_rtts(kvm, pgt->ia_bits): realm_tear_down_rtt_range(realm, get_start_level(realm) + 1, 0, (1UL << ia_bits))',
      run(f) {
        const end = 2 ** ipaBits(f.machine, f.vm);
        f.call(tearDownRttLevel, [f.vm, startLevel(f.machine, f.vm) + 1, 0, end]);
      },
    },
    torn_down: {
      text: 'WARN_ON(ret)',
      run(f) {
        if (f.result !== 0) f.command(warn, [0]);
      },
    },
    kvm_destroy_vcpus: {
      text: 'kvm_destroy_vcpus(kvm): kvm_destroy_rec(vcpu) for each',
      run(f) {
        f.vcpu = nextVcpu(f.machine, f.vm, f.vcpu);
        if (f.vcpu !== 0) f.call(destroyRec, [f.vcpu], 'kvm_destroy_vcpus');
      },
    },
    kvm_destroy_realm: {
      text: 'kvm_destroy_realm(kvm)',
      run: (f) => f.call(destroyRealm, [f.vm]),
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});
