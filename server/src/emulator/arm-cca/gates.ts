// What calls about realms check first.
import type { Parameter } from '../definition.ts';
import { vmGates } from '../kvm/gates.ts';
import type { Check, Checks } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';

export const isRealm = ({ linux }: Machine, vm: number) => linux.platformOf(vm).name === 'cca';

const ofRealm: Check = {
  id: 'realm',
  text: 'the VM is a realm',
  errno: 'EINVAL',
  argument: 'vm',
  holds: (machine, [vm = 0]) => isRealm(machine, vm),
};

/** Of calls on a VM, the first argument. */
export const vmChecks: Checks = [...vmGates('vm'), ofRealm];

/** The flags of a populate call, under the names of its series. */
export const measureFlags = (names: Readonly<Record<string, number>>): Parameter => ({
  name: 'flags',
  type: 'flags',
  text: 'whether the contents are measured',
  flags: names,
  optional: true,
});
