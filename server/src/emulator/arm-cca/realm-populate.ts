// Populate of the later series: KVM's common loop over pages, with the realm's way to fill each of them.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { clearExit } from '../kvm/exits.ts';
import { pageFaultOf, RET_PF_RETRY } from '../kvm/fault.ts';
import { ACCESS_WRITE } from '../kvm/platform.ts';
import type { Machine } from '../machine.ts';
import { createProtectedDataPage } from './data-page.ts';
import { POPULATE_DESTINATION, POPULATE_DESTINATIONS } from './host.ts';

/** The alternative: the destination is not the page that the common loop looked up, but what a fault of a vCPU finds. */
const simulatesFault = ({ cca }: Machine) =>
  cca.policy.get(0, POPULATE_DESTINATION) === POPULATE_DESTINATIONS.private_fault;

/** The first vCPU of a VM; 0 if there is none. */
function firstVcpu({ linux: { vms } }: Machine, vm: number): number {
  for (let vcpu = 1; vcpu <= vms.vcpus.last; vcpu++) if (vms.vcpus.get(vcpu, 'vm') === vm) return vcpu;
  return 0;
}

/** What kvm_gmem_populate does with each page. `flags` are those of RMI_DATA_CREATE. */
export const realmPopulate: Flow = flow({
  name: 'realm_populate',
  reference: 'arch/arm64/kvm/rmi.c, CCA host series v12 and v13',
  params: ['vm', 'gfn', 'pfn', 'source', 'flags'],
  locals: {
    vm: 'number',
    gfn: 'number',
    pfn: 'number',
    source: 'number',
    flags: 'flag',
    vcpu: 'number',
  },
  steps: {
    realm_create_protected_data_page: {
      text: 'if (!src_page) return -EOPNOTSUPP; realm_create_protected_data_page(kvm, gfn, pfn, src_page, *flags)',
      run(f) {
        if (f.source === 0) return f.return(-ERRNO.EOPNOTSUPP);
        if (simulatesFault(f.machine) && f.vcpu === 0) return f.goto('kvm_tdp_map_page');
        const { folios, pageSize } = f.machine.linux;
        const [dst, src] = [folios.address(f.pfn), folios.address(f.source)];
        f.call(createProtectedDataPage, [f.vm, f.gfn * pageSize, dst, src, f.flags]);
      },
    },
    out: {
      text: 'v12: the reference to the page is kept while it is mapped; return ret',
      run(f) {
        const { folios, profile } = f.machine.linux;
        if (f.result === 0 && profile.mappingsHoldReferences) folios.count(folios.head(f.pfn), 'kvm', 1);
        f.return(f.result);
      },
    },
    kvm_tdp_map_page: {
      text: 'the alternative, as tdx_gmem_post_populate has it: do { ret = kvm_tdp_map_page(vcpu, gpa, PFERR_PRIVATE_ACCESS | PFERR_WRITE_MASK, &level)',
      run(f) {
        f.vcpu = firstVcpu(f.machine, f.vm);
        if (f.vcpu === 0) return f.return(-ERRNO.EINVAL);
        const gpa = f.gfn * f.machine.linux.pageSize;
        f.call(pageFaultOf(f.machine), [f.vcpu, gpa, ACCESS_WRITE, 1, 1]);
      },
    },
    premapped: {
      text: '} while (ret == RET_PF_RETRY); if (ret < 0) return ret; the page that the fault found is the destination',
      run(f) {
        if (f.result < 0) {
          clearExit(f.machine, f.vcpu);
          return f.return(f.result);
        }
        if (f.output(0) === RET_PF_RETRY) return f.goto('kvm_tdp_map_page');
        f.pfn = f.machine.cca.realms.get(f.vm, 'premapped');
        f.goto('realm_create_protected_data_page');
      },
    },
  },
});
