// Arm CCA: realms, whose private half the RMM keeps, and whose shared half shows pages of the host.
import type { Platform } from '../kvm/platform.ts';
import { KVM_VM_TYPE_ARM_PROTECTED, KVM_VM_TYPE_ARM_REALM } from '../kvm/vm-types.ts';
import { initVm } from './create.ts';
import { gmemInvalidate } from './gmem-invalidate.ts';
import { mappedInRealm, reachFromRealm } from './guest-memory.ts';
import { sharedBit } from './host.ts';
import { mapNonSecure, mapProtected } from './map.ts';
import { enterRec } from './rec-enter.ts';
import { runGate } from './run-gate.ts';
import { destroyVm } from './teardown.ts';
import { unmapGfnRange } from './unmap.ts';

export const realm: Platform = {
  name: 'cca',
  arch: 'arm64',
  hasType: (type, arch) => arch === 'arm64' && type < KVM_VM_TYPE_ARM_PROTECTED && (type & KVM_VM_TYPE_ARM_REALM) !== 0,
  privateMemory: true,
  twoHalves: true,
  protectedState: true,
  preFaultFromStart: false,
  preservesContents: false,
  // The half of the address decides; a guest that says nothing means the private one.
  isPrivate: (machine, vm, gfn, asked) =>
    gfn * machine.linux.pageSize < sharedBit(machine, vm) && (asked === undefined || asked),
  reach: reachFromRealm,
  mapped: mappedInRealm,
  hooks: {
    createVm: initVm,
    run: runGate,
    enter: enterRec,
    mapPrivate: mapProtected,
    mapShared: mapNonSecure,
    unmap: unmapGfnRange,
    freeFolio: gmemInvalidate,
    destroyVm,
  },
};
