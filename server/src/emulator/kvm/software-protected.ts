// KVM_X86_SW_PROTECTED_VM: private memory without hardware behind it, for testing. The attribute alone decides.
import type { Platform } from './platform.ts';
import { KVM_X86_SW_PROTECTED_VM } from './vm-types.ts';

export const softwareProtected: Platform = {
  name: 'sw-protected',
  arch: 'x86',
  hasType: (type, arch) => arch === 'x86' && type === KVM_X86_SW_PROTECTED_VM,
  privateMemory: true,
  twoHalves: false,
  protectedState: false,
  preFaultFromStart: true,
  preservesContents: true,
  // The guest has no say: an access is private where the page is.
  isPrivate: ({ linux }, vm, gfn) => linux.isPrivate(vm, gfn),
  hooks: {},
};
