// Everything that a scenario can call in the kernel.

import { INVALIDATE_PIECES } from '../guest-memfd/arch-invalidate.ts';
import { setMemoryAttributes2 } from '../guest-memfd/attributes.ts';
import { convertPrivate, convertShared } from '../guest-memfd/convert.ts';
import { createGuestMemfd } from '../guest-memfd/create.ts';
import { fallocate } from '../guest-memfd/fallocate.ts';
import { linkGuestMemfd } from '../guest-memfd/link.ts';
import { GMEM_PIECES } from '../guest-memfd/pieces.ts';
import { truncateInodePagesRange } from '../guest-memfd/truncate.ts';
import { setMemoryAttributes } from '../kvm/attributes.ts';
import { createVcpu, createVm } from '../kvm/create.ts';
import { checkExtension } from '../kvm/extension.ts';
import { KVM_PIECES } from '../kvm/pieces.ts';
import { preFaultMemory } from '../kvm/pre-fault.ts';
import { kvmRun, setRegisters } from '../kvm/run.ts';
import { setUserMemoryRegion, setUserMemoryRegion2 } from '../kvm/set-region.ts';
import type { AnyOperation, MachineOperation } from '../operation.ts';
import { madvise, mbind } from './advice.ts';
import { close, dup, fchmod, fstat, ftruncate, memfdCreate, pread, pwrite, readFd, writeFd } from './file-calls.ts';
import { fork } from './fork.ts';
import { getUserPages, pinUserPages, putPages, unpinUserPages } from './gup.ts';
import { copyFromUser, memchrInvMapping, memsetMapping, readMapping, writeMapping } from './host-access.ts';
import { HOST_ACTS, putPage } from './host-acts.ts';
import { mmap, mmapAnon, munmap } from './mappings.ts';
import { memoryFailure, migrateFolio } from './memory-failure.ts';
import { MEMORY_PIECES } from './pieces.ts';

/** System calls, ioctls, and accesses of the VMM; several may have one name, told apart by their first argument. */
export const LINUX_OPERATIONS: readonly AnyOperation[] = [
  createVm,
  createVcpu,
  createGuestMemfd,
  setUserMemoryRegion2,
  setUserMemoryRegion,
  setMemoryAttributes,
  setMemoryAttributes2,
  convertShared,
  convertPrivate,
  linkGuestMemfd,
  preFaultMemory,
  checkExtension,
  kvmRun,
  setRegisters,
  fallocate,
  mmap,
  mmapAnon,
  munmap,
  readMapping,
  writeMapping,
  memsetMapping,
  memchrInvMapping,
  copyFromUser,
  pinUserPages,
  getUserPages,
  unpinUserPages,
  { ...putPage, overloads: [putPages] },
  ...HOST_ACTS.filter((act) => act !== putPage),
  truncateInodePagesRange,
  memoryFailure,
  migrateFolio,
  madvise,
  mbind,
  fork,
  close,
  dup,
  fstat,
  ftruncate,
  fchmod,
  pread,
  pwrite,
  readFd,
  writeFd,
  memfdCreate,
];

/** Atomic pieces of kernel work: they show in traces, and `inject` names them. */
export const LINUX_PIECES: readonly MachineOperation[] = [
  ...MEMORY_PIECES,
  ...GMEM_PIECES,
  ...INVALIDATE_PIECES,
  ...KVM_PIECES,
];

const named = (operations: readonly AnyOperation[]) =>
  Object.fromEntries(operations.map((operation) => [operation.name, operation]));

/** Accesses that a firmware machine has too, there by physical address; by name. */
export const MAPPING_ACCESSES: Readonly<Record<string, AnyOperation>> = named([
  readMapping,
  writeMapping,
  memsetMapping,
]);

/** All others, one for each name. */
export const KERNEL_OPERATIONS: readonly AnyOperation[] = LINUX_OPERATIONS.filter(
  ({ name }) => MAPPING_ACCESSES[name] === undefined,
);
