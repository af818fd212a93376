// KVM_CHECK_EXTENSION: what this kernel can do.
import { KVM_MEMORY_ATTRIBUTE_PRIVATE } from '../guest-memfd/attributes.ts';
import { syscallForm } from '../linux/signals.ts';
import type { Machine } from '../machine.ts';
import type { MachineOperation } from '../operation.ts';
import { supportedAttributes } from './attributes.ts';
import { vmParameter } from './create.ts';
import { addressSpaces } from './region-checks.ts';
import { USER_MEM_SLOTS } from './vms.ts';

/** Capabilities that are modelled, by name and number, and what each answers. */
const CAPABILITIES: Readonly<
  Record<string, readonly [number: number, value: (machine: Machine, vm: number) => number]>
> = {
  KVM_CAP_NR_MEMSLOTS: [10, () => USER_MEM_SLOTS],
  KVM_CAP_MULTI_ADDRESS_SPACE: [118, (machine, vm) => (machine.linux.arch === 'x86' ? addressSpaces(machine, vm) : 0)],
  KVM_CAP_USER_MEMORY2: [231, () => 1],
  KVM_CAP_MEMORY_FAULT_INFO: [232, () => 1],
  KVM_CAP_MEMORY_ATTRIBUTES: [233, supportedAttributes],
  KVM_CAP_GUEST_MEMFD: [
    234,
    ({ linux }, vm) => (linux.profile.gmemInAnyVm || linux.platformOf(vm).privateMemory ? 1 : 0),
  ],
  KVM_CAP_VM_TYPES: [235, ({ linux }) => vmTypes(linux)],
  KVM_CAP_PRE_FAULT_MEMORY: [236, ({ linux }) => (linux.profile.preFault === 'none' ? 0 : 1)],
  KVM_CAP_GUEST_MEMFD_FLAGS: [244, gmemFlags],
  KVM_CAP_GUEST_MEMFD_MEMORY_ATTRIBUTES: [
    247,
    ({ linux }, vm) =>
      linux.profile.setAttributes2 !== 'none' && linux.platformOf(vm).privateMemory ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
  ],
};

const HIGHEST_TYPE = 5;

function vmTypes({ platforms, arch }: Machine['linux']): number {
  let mask = 0;
  for (let type = 0; type <= HIGHEST_TYPE; type++) {
    if (platforms.some((platform) => platform.hasType(type, arch))) mask |= 1 << type;
  }
  return mask;
}

/** GUEST_MEMFD_FLAG_MMAP and, where the VM may start with shared pages, _INIT_SHARED. */
function gmemFlags({ linux }: Machine, vm: number): number {
  if (linux.profile.gmemFlags !== 'mmap') return 0;
  const { arch, profile } = linux;
  return arch === 'arm64' || !linux.platformOf(vm).privateMemory || profile.setAttributes2 !== 'none' ? 3 : 1;
}

const byNumber = new Map(Object.values(CAPABILITIES));

export const checkExtension: MachineOperation = {
  name: 'KVM_CHECK_EXTENSION',
  actor: 'VMM',
  since: 'linux/6.8',
  summary: 'Asks what the kernel can do for a VM.',
  reference: 'Documentation/virt/kvm/api.rst, 4.4',
  params: [
    vmParameter,
    {
      name: 'cap',
      type: 'flags',
      text: 'the capability',
      flags: Object.fromEntries(Object.entries(CAPABILITIES).map(([name, [number]]) => [name, number])),
    },
  ],
  outputs: [],
  results: ['0'],
  checks: [],
  effects: ['the result is 0 where it cannot; otherwise what the capability says'],
  differences: [],
  form: syscallForm([]),
  call: (machine, [vm = 0, cap = 0]) => byNumber.get(cap)?.(machine, vm) ?? 0,
  readOutputs: () => [],
  refusal: () => undefined,
};
