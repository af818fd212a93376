// What every ioctl on a VM, a vCPU or a guest_memfd checks before it looks at its arguments.
import type { Check, Checks } from '../linux/system-call.ts';

/** The VM, the first argument, is neither dead nor bugged. */
export const alive = (argument: string): Check => ({
  id: 'vm_alive',
  text: 'the VM is neither dead nor bugged',
  errno: 'EIO',
  argument,
  holds: ({ linux }, [vm = 0]) => linux.vms.rows.get(vm, 'bugged') === 0 && linux.vms.rows.get(vm, 'dead') === 0,
  cells: ({ linux }, [vm = 0]) => [linux.vms.rows.cell(vm, 'bugged'), linux.vms.rows.cell(vm, 'dead')],
});

/** What ioctls on a VM's descriptor, the first argument, check first. */
export const vmGates = (argument: string): Checks => [
  {
    id: 'vm_fd',
    text: 'the descriptor of the VM is open',
    errno: 'EBADF',
    argument,
    holds: ({ linux }, [vm = 0]) => linux.vms.rows.get(vm, 'fd') === 1,
    cells: ({ linux }, [vm = 0]) => [linux.vms.rows.cell(vm, 'fd')],
  },
  alive(argument),
];

/** The same for the VM of a vCPU, the first argument. */
export const vcpuAlive: Check = {
  ...alive('vcpu'),
  holds: ({ linux }, [vcpu = 0]) => {
    const vm = linux.vms.vcpus.get(vcpu, 'vm');
    return linux.vms.rows.get(vm, 'bugged') === 0 && linux.vms.rows.get(vm, 'dead') === 0;
  },
  cells: ({ linux }, [vcpu = 0]) => [linux.vms.rows.cell(linux.vms.vcpus.get(vcpu, 'vm'), 'bugged')],
};
