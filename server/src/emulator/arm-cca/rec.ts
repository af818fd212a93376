// RECs: the RMM's side of a realm's vCPUs.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { alloc, freeFolio, leak, warn } from '../linux/pieces.ts';
import type { Machine } from '../machine.ts';
import { RMI_REC_PARAMS, writeStructure } from '../rmm/structures.ts';
import { allocDelegatedGranule } from './granules.ts';
import { rdOf, vmOf } from './host.ts';
import { freeDelegatedGranule } from './policy.ts';
import { recAuxCount, recCreate, recDestroy } from './rmi.ts';

const reference = 'arch/arm64/kvm/rme.c, CCA host series v9';

/** Affinity as KVM gives it to a vCPU: 16 to a cluster. */
export const mpidrOf = (id: number): bigint => BigInt(id % 16) | (BigInt(Math.floor(id / 16) % 256) << 8n);

const SIZE = 8;
const AUX_OFFSET = 0x808;

/** The parameters of a REC; only the first vCPU may run from the beginning. */
function writeParameters(machine: Machine, vcpu: number, pa: number, count: number): void {
  const { pages, cca, linux } = machine;
  const id = linux.vms.vcpus.get(vcpu, 'id');
  const page = writeStructure(RMI_REC_PARAMS, pages.contents, {
    flags: id === 0 ? 1n : 0n,
    mpidr: mpidrOf(id),
    num_aux: BigInt(count),
    aux: 0n,
  });
  const granules = Array.from({ length: count }, (_, i): [number, bigint] => [
    AUX_OFFSET + SIZE * i,
    BigInt(cca.auxiliary(vcpu, i)),
  ]);
  pages.setBytes(pa, pages.contents.rewritten(page, 0, 0, granules));
}

/** KVM_ARM_VCPU_FINALIZE(KVM_ARM_VCPU_REC); the realm is NEW. 0, -ENOMEM or -ENXIO. */
export const createRec: Flow = flow({
  name: 'kvm_create_rec',
  reference,
  params: ['vcpu'],
  locals: {
    vcpu: 'number',
    vm: 'number',
    parameters: 'address',
    rec: 'address',
    run: 'address',
    aux: 'number',
    i: 'number',
    ret: 'errno',
  },
  steps: {
    rmi_rec_aux_count: {
      text: 'if (!realm->num_aux) rmi_rec_aux_count(rd_phys, &realm->num_aux)',
      run(f) {
        f.vm = vmOf(f.machine, f.vcpu);
        f.aux = f.machine.cca.realms.get(f.vm, 'num aux');
        if (f.aux === 0) f.command(recAuxCount, [rdOf(f.machine, f.vm)]);
        else f.goto('get_params');
      },
    },
    counted: {
      text: 'if (WARN_ON(ret)) return -ENXIO',
      run(f) {
        if (f.result !== 0) return f.command(warn, [0], 'no_count');
        f.aux = f.output(0);
        f.machine.cca.realms.set(f.vm, 'num aux', f.aux);
      },
    },
    get_params: {
      text: 'params = (struct rec_params *)get_zeroed_page(GFP_KERNEL)',
      run: (f) => f.command(alloc, [0, 0]),
    },
    get_run: {
      text: 'rec->run = (void *)get_zeroed_page(GFP_KERNEL)',
      run(f) {
        f.ret = -ERRNO.ENOMEM;
        if (f.result < 0) return f.goto('out');
        f.parameters = f.machine.linux.folios.address(f.output(0));
        f.command(alloc, [0, 0]);
      },
    },
    rmi_granule_delegate: {
      text: 'rec->rec_page = (void *)__get_free_page(GFP_KERNEL); if (rmi_granule_delegate(rec_page_phys)) { r = -ENXIO; goto out_free_pages; }',
      run(f) {
        if (f.result < 0) return f.goto('free_params');
        f.run = f.machine.linux.folios.address(f.output(0));
        f.machine.pages.wipe(f.run);
        f.call(allocDelegatedGranule, []);
      },
    },
    alloc_rec_aux: {
      text: 'r = alloc_rec_aux(rec->aux_pages, params->aux, realm->num_aux)',
      run(f) {
        f.ret = f.result;
        if (f.result < 0) return f.goto('out_free_pages');
        f.rec = f.output(0);
      },
    },
    next_aux: {
      text: 'for (i = 0; i < num_aux; i++) { aux_page = alloc_page(GFP_KERNEL); rmi_granule_delegate(aux_page_phys); }',
      run(f) {
        if (f.i === f.aux) f.goto('rmi_rec_create');
        else f.call(allocDelegatedGranule, []);
      },
    },
    aux_done: {
      text: 'if (r) goto out_undelegate_rmm_rec',
      run(f) {
        f.ret = f.result;
        if (f.result < 0) return f.goto('out_free_rec_aux');
        f.machine.cca.setAuxiliary(f.vcpu, f.i, f.output(0));
        f.i++;
        f.goto('next_aux');
      },
    },
    rmi_rec_create: {
      text: 'params->num_rec_aux = realm->num_aux; params->mpidr = mpidr; rmi_rec_create(rd, rec_page_phys, params)',
      run(f) {
        writeParameters(f.machine, f.vcpu, f.parameters, f.aux);
        f.command(recCreate, [rdOf(f.machine, f.vm), f.rec, f.parameters]);
      },
    },
    created: {
      text: 'if (ret) { r = -ENXIO; goto out_free_rec_aux; } rec->mpidr = mpidr',
      run(f) {
        f.ret = f.result === 0 ? 0 : -ERRNO.ENXIO;
        if (f.ret !== 0) return f.goto('out_free_rec_aux');
        const { recs } = f.machine.cca;
        recs.set(f.vcpu, 'rec', f.rec);
        recs.set(f.vcpu, 'run', f.run);
        recs.set(f.vcpu, 'stopped', f.machine.linux.vms.vcpus.get(f.vcpu, 'id') === 0 ? 0 : 1);
        f.goto('free_params');
      },
    },
    out_free_rec_aux: {
      text: 'out_free_rec_aux: free_rec_aux(rec->aux_pages, realm->num_aux)',
      run(f) {
        if (f.i === 0) return f.goto('out_undelegate_rmm_rec');
        f.i--;
        const aux = f.machine.cca.auxiliary(f.vcpu, f.i);
        f.machine.cca.setAuxiliary(f.vcpu, f.i, 0);
        f.call(freeDelegatedGranule, [aux], 'out_free_rec_aux');
      },
    },
    out_undelegate_rmm_rec: {
      text: 'out_undelegate_rmm_rec: if (WARN_ON(rmi_granule_undelegate(rec_page_phys))) rec->rec_page = NULL; free_page(rec->rec_page)',
      run: (f) => f.call(freeDelegatedGranule, [f.rec]),
    },
    out_free_pages: {
      text: 'out_free_pages: free_page((unsigned long)rec->run)',
      run: (f) => f.command(freeFolio, [f.machine.linux.folios.pfnOf(f.run)]),
    },
    free_params: {
      text: 'free_page((unsigned long)params)',
      run: (f) => f.command(freeFolio, [f.machine.linux.folios.pfnOf(f.parameters)]),
    },
    out: { text: 'return r', run: (f) => f.return(f.ret) },
    no_count: { text: 'return -ENXIO', run: (f) => f.return(-ERRNO.ENXIO) },
  },
});

/** Ends the REC of a vCPU. What the RMM does not give back is leaked. */
export const destroyRec: Flow = flow({
  name: 'kvm_destroy_rec',
  reference,
  params: ['vcpu'],
  locals: { vcpu: 'number', rec: 'address', i: 'number' },
  steps: {
    free_run: {
      text: 'if (!rec->run) return; free_page((unsigned long)rec->run)',
      run(f) {
        const { recs } = f.machine.cca;
        f.rec = recs.get(f.vcpu, 'rec');
        if (f.rec === 0) return f.return(0);
        const run = recs.get(f.vcpu, 'run');
        recs.set(f.vcpu, 'rec', 0);
        recs.set(f.vcpu, 'run', 0);
        f.command(freeFolio, [f.machine.linux.folios.pfnOf(run)]);
      },
    },
    rmi_rec_destroy: {
      text: 'the REC and any AUX pages cannot be reclaimed until the REC is destroyed: rmi_rec_destroy(rec_page_phys)',
      run: (f) => f.command(recDestroy, [f.rec]),
    },
    destroyed: {
      text: 'if (WARN_ON(ret)) return: the REC page and any AUX pages are leaked',
      run(f) {
        if (f.result !== 0) f.command(warn, [f.machine.linux.folios.pfnOf(f.rec)], 'leak');
      },
    },
    free_rec_aux: {
      text: 'free_rec_aux(rec->aux_pages, realm->num_aux)',
      run(f) {
        const aux = f.machine.cca.auxiliary(f.vcpu, f.i);
        if (aux === 0) return f.goto('free_rec');
        f.machine.cca.setAuxiliary(f.vcpu, f.i, 0);
        f.i++;
        f.call(freeDelegatedGranule, [aux], 'free_rec_aux');
      },
    },
    free_rec: {
      text: 'free_delegated_granule(rec_page_phys)',
      run: (f) => f.call(freeDelegatedGranule, [f.rec], 'out'),
    },
    leak: {
      text: 'leaked: the REC page, then every AUX page',
      run(f) {
        const pa = f.i === 0 ? f.rec : f.machine.cca.auxiliary(f.vcpu, f.i - 1);
        if (pa === 0) return f.return(0);
        f.i++;
        f.command(leak, [f.machine.linux.folios.pfnOf(pa)], 'leak');
      },
    },
    out: { text: 'return', run: (f) => f.return(0) },
  },
});
