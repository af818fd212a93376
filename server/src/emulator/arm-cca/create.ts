// Making a realm: its descriptor and start tables are delegated, the RMM is told the parameters.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { alloc, freeFolio, leak } from '../linux/pieces.ts';
import type { Machine } from '../machine.ts';
import { GRANULE } from '../memory/pages.ts';
import { RMI_REALM_PARAMS, writeStructure } from '../rmm/structures.ts';
import {
  ipaBits,
  isCreated,
  REALM_STATE_NEW,
  REALM_STATE_NONE,
  rdOf,
  realmState,
  setRealmState,
  startLevel,
  startTables,
} from './host.ts';
import { freeDelegatedGranule, undelegateGranule } from './policy.ts';
import { granuleDelegate, realmActivate, realmCreate } from './rmi.ts';

const reference = 'arch/arm64/kvm/rme.c, CCA host series v9';

/** kvm_arch_init_vm of a realm: the start tables, contiguous, are allocated with the VM. The IPA width is known. */
export const initVm: Flow = flow({
  name: 'kvm_init_stage2_mmu',
  reference: 'arch/arm64/kvm/mmu.c, CCA host series v9',
  params: ['vm', 'type'],
  locals: { vm: 'number', type: 'flag', order: 'number' },
  steps: {
    alloc_pages_exact: {
      text: 'pgt->pgd = alloc_pages_exact(pgd_size, GFP_KERNEL_ACCOUNT)',
      run(f) {
        const tables = startTables(f.machine, f.vm);
        f.machine.cca.realms.set(f.vm, 'start tables', tables);
        f.order = Math.ceil(Math.log2(Math.max(1, (tables * GRANULE) / f.machine.linux.pageSize)));
        f.command(alloc, [f.order, 0]);
      },
    },
    init: {
      text: 'if (!pgt->pgd) return -ENOMEM; mmu->pgd_phys = __pa(pgt->pgd)',
      run(f) {
        if (f.result < 0) return f.return(f.result);
        const { folios } = f.machine.linux;
        const pfn = f.output(0);
        f.machine.cca.realms.set(f.vm, 'pgd', folios.address(pfn));
        // Every page of it is freed on its own.
        folios.set(pfn, 'order', 0);
        for (let i = 1; i < 2 ** f.order; i++) folios.set(pfn + i, 'owner', folios.get(pfn, 'owner'));
        f.return(0);
      },
    },
  },
});

/** The lowest VMID above 0 that no other realm of this host has. */
function freeVmid({ linux, cca }: Machine): number {
  const used = new Set<number>();
  for (let vm = 1; vm <= linux.vms.rows.last; vm++) used.add(cca.realms.get(vm, 'vmid'));
  let vmid = 1;
  while (used.has(vmid)) vmid++;
  return vmid;
}

function writeParameters(machine: Machine, vm: number, pa: number): void {
  const { pages, cca } = machine;
  const value = (column: Parameters<typeof cca.realms.get>[1]) => BigInt(cca.realms.get(vm, column));
  const page = writeStructure(RMI_REALM_PARAMS, pages.contents, {
    s2sz: BigInt(ipaBits(machine, vm)),
    hash_algo: value('hash algorithm'),
    rpv: value('rpv'),
    vmid: value('vmid'),
    rtt_base: value('pgd'),
    rtt_level_start: BigInt(startLevel(machine, vm)),
    rtt_num_start: value('start tables'),
  });
  pages.setBytes(pa, page);
}

/** The start tables are one allocation: where one of them does not come back, none is freed. */
export const leakStartTables: Flow = flow({
  name: 'leak_stage2_pgd',
  reference,
  params: ['vm'],
  locals: { vm: 'number', i: 'number' },
  steps: {
    next_page: {
      text: 'leak the pages if they cannot be returned: kvm->arch.mmu.pgt = NULL',
      run(f) {
        const { realms } = f.machine.cca;
        const { folios, pageSize } = f.machine.linux;
        if (f.i * pageSize >= realms.get(f.vm, 'start tables') * GRANULE) {
          realms.set(f.vm, 'pgd', 0);
          return f.return(0);
        }
        const pfn = folios.pfnOf(realms.get(f.vm, 'pgd')) + f.i;
        f.i++;
        if (folios.get(pfn, 'leaked') === 0) f.command(leak, [pfn], 'next_page');
        else f.goto('next_page');
      },
    },
  },
});

const createRd: Flow = flow({
  name: 'realm_create_rd',
  reference,
  params: ['vm', 'parameters'],
  locals: {
    vm: 'number',
    parameters: 'address',
    rd: 'address',
    pgd: 'address',
    tables: 'number',
    i: 'number',
    lost: 'flag',
    ret: 'errno',
  },
  steps: {
    get_free_page: {
      text: 'rd = (void *)__get_free_page(GFP_KERNEL)',
      run(f) {
        const { realms } = f.machine.cca;
        f.pgd = realms.get(f.vm, 'pgd');
        f.tables = realms.get(f.vm, 'start tables');
        f.command(alloc, [0, 0]);
      },
    },
    rmi_granule_delegate: {
      text: 'if (!rd) return -ENOMEM; if (rmi_granule_delegate(rd_phys))',
      run(f) {
        if (f.result < 0) return f.return(-ERRNO.ENOMEM);
        f.rd = f.machine.linux.folios.address(f.output(0));
        f.ret = -ERRNO.ENXIO;
        f.command(granuleDelegate, [f.rd]);
      },
    },
    delegated: {
      text: 'r = -ENXIO; goto free_rd',
      run(f) {
        if (f.result !== 0) f.goto('free_rd');
      },
    },
    delegate_range: {
      text: 'for (i = 0; i < pgd_size; i += RMM_PAGE_SIZE) ret = rmi_granule_delegate(pgd_phys + i)',
      run(f) {
        if (f.i === f.tables) return f.goto('rmi_realm_create');
        f.command(granuleDelegate, [f.pgd + f.i * GRANULE]);
      },
    },
    table_delegated: {
      text: 'if (ret) goto out_undelegate_tables; i += RMM_PAGE_SIZE',
      run(f) {
        if (f.result !== 0) return f.goto('out_undelegate_tables');
        f.i++;
        f.goto('delegate_range');
      },
    },
    rmi_realm_create: {
      text: 'params->s2sz = …; params->rtt_base = kvm->arch.mmu.pgd_phys; rmi_realm_create(rd_phys, params_phys)',
      run(f) {
        writeParameters(f.machine, f.vm, f.parameters);
        f.command(realmCreate, [f.rd, f.parameters]);
      },
    },
    created: {
      text: 'if (ret) { r = -ENXIO; goto out_undelegate_tables; } realm->rd = rd; return 0',
      run(f) {
        if (f.result !== 0) return f.goto('out_undelegate_tables');
        f.machine.linux.vms.rows.set(f.vm, 'object', f.rd);
        f.return(0);
      },
    },
    out_undelegate_tables: {
      text: 'while (i > 0) { i -= RMM_PAGE_SIZE; WARN_ON(rmi_granule_undelegate(pgd_phys + i)); }',
      run(f) {
        if (f.i === 0) return f.goto(f.lost === 1 ? 'leak_pgd' : 'undelegate_rd');
        f.i--;
        f.call(undelegateGranule, [f.pgd + f.i * GRANULE]);
      },
    },
    table_undelegated: {
      text: 'if (ret) the start tables are leaked',
      run(f) {
        if (f.result !== 0) f.lost = 1;
        f.goto('out_undelegate_tables');
      },
    },
    leak_pgd: {
      text: 'leak the pages if they cannot be returned: kvm->arch.mmu.pgt = NULL',
      run: (f) => f.call(leakStartTables, [f.vm]),
    },
    undelegate_rd: {
      text: 'if (WARN_ON(rmi_granule_undelegate(rd_phys))) return r; free_page((unsigned long)rd)',
      run: (f) => f.call(freeDelegatedGranule, [f.rd], 'out'),
    },
    free_rd: {
      text: 'free_page((unsigned long)rd)',
      run: (f) => f.command(freeFolio, [f.machine.linux.folios.pfnOf(f.rd)]),
    },
    out: { text: 'return r', run: (f) => f.return(f.ret) },
  },
});

/** KVM_CAP_ARM_RME_CREATE_REALM; later series call it on their own. */
export const createRealm: Flow = flow({
  name: 'kvm_create_realm',
  reference,
  params: ['vm'],
  locals: { vm: 'number', parameters: 'address', ret: 'errno' },
  steps: {
    rme_vmid_reserve: {
      text: 'if (kvm_realm_is_created(kvm)) return -EEXIST; ret = rme_vmid_reserve()',
      run(f) {
        if (realmState(f.machine, f.vm) !== REALM_STATE_NONE || isCreated(f.machine, f.vm)) {
          return f.return(-ERRNO.EEXIST);
        }
        if (f.machine.cca.realms.get(f.vm, 'pgd') === 0) return f.return(-ERRNO.EINVAL);
        f.machine.cca.realms.set(f.vm, 'vmid', freeVmid(f.machine));
        f.command(alloc, [0, 0]);
      },
    },
    realm_create_rd: {
      text: 'realm->params = (struct realm_params *)get_zeroed_page(GFP_KERNEL); ret = realm_create_rd(kvm)',
      run(f) {
        f.ret = -ERRNO.ENOMEM;
        if (f.result < 0) return f.goto('rme_vmid_release');
        f.parameters = f.machine.linux.folios.address(f.output(0));
        f.call(createRd, [f.vm, f.parameters]);
      },
    },
    free_params: {
      text: 'the realm is up, free the parameters: free_page((unsigned long)realm->params)',
      run(f) {
        f.ret = f.result;
        if (f.ret === 0) setRealmState(f.machine, f.vm, REALM_STATE_NEW);
        f.command(freeFolio, [f.machine.linux.folios.pfnOf(f.parameters)]);
      },
    },
    rme_vmid_release: {
      text: 'if (ret) rme_vmid_release(realm->vmid); return ret',
      run(f) {
        if (f.ret !== 0) f.machine.cca.realms.set(f.vm, 'vmid', 0);
        f.return(f.ret);
      },
    },
  },
});

/** 0, or -ENXIO where the RMM refuses. The caller keeps the state. */
export const activateRealm: Flow = flow({
  name: 'kvm_activate_realm',
  reference,
  params: ['vm'],
  locals: { vm: 'number' },
  steps: {
    rmi_realm_activate: {
      text: 'if (rmi_realm_activate(virt_to_phys(realm->rd)))',
      run: (f) => f.command(realmActivate, [rdOf(f.machine, f.vm)]),
    },
    activated: {
      text: 'return -ENXIO',
      run: (f) => f.return(f.result === 0 ? 0 : -ERRNO.ENXIO),
    },
  },
});
