// From a VM and a vCPU to what the RMM knows of them.
import type { Conversion } from '../conversion.ts';

export const CCA_CONVERSIONS: readonly Conversion[] = [
  {
    name: 'rd',
    summary: 'The realm descriptor of a VM.',
    from: 'vm',
    to: 'pa',
    absent: 'the realm is not created',
    read({ linux }, [vm = 0]) {
      const rd = linux.vms.rows.get(vm, 'object');
      return rd === 0 ? undefined : rd;
    },
  },
  {
    name: 'rec',
    summary: 'The REC of a vCPU.',
    from: 'vcpu',
    to: 'pa',
    absent: 'the vCPU is not finalised',
    read({ cca }, [vcpu = 0]) {
      const rec = cca.recs.get(vcpu, 'rec');
      return rec === 0 ? undefined : rec;
    },
  },
];
