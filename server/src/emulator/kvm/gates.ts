// What every ioctl on a VM, a vCPU or a guest_memfd checks before it looks at its arguments.
import { REFUSE_RUN } from '../linux/linux.ts';
import type { Check, Checks } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';

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

/** Cells of the pages that are private to a VM and that a process maps. */
function mappedPrivate({ linux }: Machine, vm: number): number[] {
  const { vms, folios } = linux;
  const cells: number[] = [];
  vms.eachSlot(vm, 0, vms.end, (slot, from, to) => {
    const file = vms.slots.get(slot, 'file');
    if (file === 0) return;
    linux.eachMappedPrivate(file, vms.indexOf(slot, from), vms.indexOf(slot, to), (head) => {
      cells.push(folios.cell(head, 'mapcount'));
    });
  });
  return cells;
}

/** An alternative of the list: a vCPU, the first argument, does not run while a process maps what is private to it. */
export const privateUnmapped: Check = {
  id: 'private_unmapped',
  text: 'set_policy has on_mapped_private=run, or no process maps a private page of the VM',
  errno: 'EBUSY',
  argument: 'vcpu',
  holds: (machine, [vcpu = 0]) =>
    machine.linux.policy.get(0, REFUSE_RUN) === 0 ||
    mappedPrivate(machine, machine.linux.vms.vcpus.get(vcpu, 'vm')).length === 0,
  cells: (machine, [vcpu = 0]) => mappedPrivate(machine, machine.linux.vms.vcpus.get(vcpu, 'vm')),
};
