// KVM_PRE_FAULT_MEMORY: maps memory for a guest before it touches it.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { profilesWhere } from '../linux/profiles.ts';
import { type Checks, firstFailure, systemCall, wraps } from '../linux/system-call.ts';
import { vcpuParameter } from './create.ts';
import { clearExit } from './exits.ts';
import { pageFaultOf, RET_PF_RETRY } from './fault.ts';
import { vcpuAlive } from './gates.ts';
import { ACCESS_READ } from './platform.ts';

const checks: Checks = [
  vcpuAlive,
  {
    id: 'version',
    text: 'the kernel has KVM_PRE_FAULT_MEMORY',
    errno: 'ENOTTY',
    holds: ({ linux }) => linux.profile.preFault !== 'none',
  },
  {
    id: 'flags',
    text: 'flags is 0',
    errno: 'EINVAL',
    argument: 'flags',
    holds: (_, [, , , flags = 0]) => flags === 0,
  },
  {
    id: 'range',
    text: 'the range is made of whole pages, is not empty and does not wrap',
    errno: 'EINVAL',
    argument: 'range',
    holds: ({ linux: { pageSize } }, [, base = 0, bytes = 0]) =>
      base % pageSize === 0 && bytes % pageSize === 0 && bytes > 0 && !wraps(base, bytes),
  },
  {
    id: 'allowed',
    text: 'the VM may be pre-faulted: ordinary ones from the start, protected ones once they are finalised',
    errno: 'EOPNOTSUPP',
    argument: 'vcpu',
    holds: ({ linux: { vms } }, [vcpu = 0]) => vms.rows.get(vms.vcpus.get(vcpu, 'vm'), 'pre-fault') === 1,
    cells: ({ linux: { vms } }, [vcpu = 0]) => [vms.rows.cell(vms.vcpus.get(vcpu, 'vm'), 'pre-fault')],
  },
];

const preFault: Flow = flow({
  name: 'kvm_vcpu_pre_fault_memory',
  reference: 'virt/kvm/kvm_main.c; arch/x86/kvm/mmu/mmu.c: kvm_arch_vcpu_pre_fault_memory',
  params: ['vcpu', 'base', 'bytes', 'flags'],
  locals: { vcpu: 'number', base: 'address', bytes: 'bytes', flags: 'flag', total: 'bytes', vm: 'number' },
  steps: {
    check_arguments: {
      text: 'if (range->flags) return -EINVAL; … if (!kvm->arch.pre_fault_allowed) return -EOPNOTSUPP',
      run(f) {
        const failed = firstFailure(checks, f.machine, [f.vcpu, f.base, f.bytes, f.flags]);
        if (failed !== 0) return f.return(failed, f.base, f.bytes);
        f.total = f.bytes;
        f.vm = f.machine.linux.vms.vcpus.get(f.vcpu, 'vm');
      },
    },
    kvm_tdp_map_page: {
      text: 'if (signal_pending(current)) break; r = kvm_tdp_map_page(vcpu, range->gpa, error_code, &level)',
      run(f) {
        if (f.bytes === 0) return f.return(0, f.base, 0);
        if (f.machine.linux.signalPending()) return f.return(f.bytes < f.total ? 0 : -ERRNO.EINTR, f.base, f.bytes);
        const { linux } = f.machine;
        const isPrivate = linux.isPrivate(f.vm, f.base / linux.pageSize) ? 1 : 0;
        f.call(pageFaultOf(f.machine), [f.vcpu, f.base, ACCESS_READ, isPrivate, 1]);
      },
    },
    mapped: {
      text: 'if (r < 0) break; range->size -= r; range->gpa += r',
      run(f) {
        if (f.result < 0) {
          clearExit(f.machine, f.vcpu);
          return f.return(f.bytes < f.total ? 0 : f.result, f.base, f.bytes);
        }
        f.goto('kvm_tdp_map_page');
        if (f.output(0) === RET_PF_RETRY) return;
        const { pageSize } = f.machine.linux;
        f.base += pageSize;
        f.bytes -= pageSize;
      },
    },
  },
});

export const preFaultMemory = systemCall({
  name: 'KVM_PRE_FAULT_MEMORY',
  since: 'linux/6.11',
  models: profilesWhere((profile) => profile.preFault !== 'none'),
  summary: 'Maps a range of guest memory as if the vCPU had read it.',
  reference: 'Documentation/virt/kvm/api.rst, 4.143',
  params: [
    vcpuParameter,
    { name: 'range', type: 'range', text: 'guest physical addresses' },
    { name: 'flags', type: 'u64', text: '0', optional: true },
  ],
  outputs: [
    { name: 'gpa', type: 'u64', valid: 'always', text: 'where it stopped' },
    { name: 'size', type: 'u64', valid: 'always', text: 'bytes left' },
  ],
  errors: ['EIO', 'ENOTTY', 'EINVAL', 'EOPNOTSUPP', 'EINTR', 'ENOENT', 'EAGAIN', 'EFAULT', 'ENOMEM', 'EHWPOISON'],
  checks,
  effects: [
    'pages of the range are mapped, one by one',
    '0 if at least one page was mapped, otherwise the error of the first',
  ],
  flow: preFault,
});
