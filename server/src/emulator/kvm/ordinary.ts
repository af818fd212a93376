// VMs without private memory: KVM_X86_DEFAULT_VM, and ordinary VMs on arm64.
import type { Platform } from './platform.ts';

/** Low byte of an arm64 type: the IPA size. */
const IPA_BITS = 0x100;

export const ordinary: Platform = {
  name: 'default',
  arch: 'any',
  hasType: (type, arch) => (arch === 'arm64' ? type < IPA_BITS : type === 0),
  privateMemory: false,
  twoHalves: false,
  protectedState: false,
  preFaultFromStart: true,
  preservesContents: true,
  isPrivate: () => false,
  hooks: {},
};
