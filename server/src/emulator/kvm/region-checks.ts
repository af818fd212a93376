// What KVM_SET_USER_MEMORY_REGION2 demands of its arguments, in the kernel's order.

import { MAPS_GMEM, TASK_SIZE } from '../linux/address-spaces.ts';
import { FD_GMEM } from '../linux/descriptors.ts';
import { type Check, type Checks, hasOnly, isNegative, wraps } from '../linux/system-call.ts';
import type { Machine } from '../machine.ts';
import { vmGates } from './gates.ts';
import { KVM_MEM_GUEST_MEMFD, KVM_MEM_LOG_DIRTY_PAGES, KVM_MEM_READONLY, SLOT_IDS, USER_MEM_SLOTS } from './vms.ts';

/** Bits of a guest physical address on x86. */
export const X86_PHYSICAL_BITS = 46;
const MOST_PAGES = 2 ** 31 - 1;

/** The arguments by name. `gmem` and `hva` are as in the registers: a handle and an offset. */
export interface Region {
  readonly vm: number;
  readonly slot: number;
  readonly gpa: number;
  readonly size: number;
  /** The address in user space. */
  readonly hva: number;
  readonly fd: number;
  readonly offset: number;
  readonly flags: number;
  /** The row of the slot. */
  readonly row: number;
}

export const regionOf = (machine: Machine, registers: readonly number[]): Region => {
  const [vm = 0, slot = 0, gpa = 0, size = 0, mapping = 0, within = 0, fd = 0, offset = 0, flags = 0] = registers;
  const { linux } = machine;
  const hva = addressOf(machine, mapping, within);
  const all =
    fd === 0 || flags % (2 * KVM_MEM_GUEST_MEMFD) >= KVM_MEM_GUEST_MEMFD ? flags : flags + KVM_MEM_GUEST_MEMFD;
  return { vm, slot, gpa, size, hva, fd, offset, flags: all, row: linux.vms.slotRow(vm, Math.min(slot, 2 ** 20)) };
};

/** A place in a mapping as an address; a number that is no mapping is an address itself. */
export function addressOf({ linux }: Machine, mapping: number, offset: number): number {
  return linux.spaces.mappings.has(mapping) ? linux.spaces.address(mapping) + offset : mapping + offset;
}

const check = (
  id: string,
  text: string,
  errno: Check['errno'],
  argument: string,
  holds: (machine: Machine, region: Region) => boolean,
  only?: string,
): Check => ({
  id,
  text,
  errno,
  argument,
  holds: (machine, registers) => holds(machine, regionOf(machine, registers)),
  ...(only !== undefined && { only }),
});

/** The old ioctl's own check. */
export const oldFlags: Check = {
  id: 'flags_v1',
  text: 'flags has no bits beside KVM_MEM_LOG_DIRTY_PAGES and KVM_MEM_READONLY',
  errno: 'EINVAL',
  argument: 'flags',
  holds: (_, registers) => hasOnly(registers[8] ?? 0, KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY),
};

function flagsAllowed({ linux }: Machine, { vm, flags }: Region): boolean {
  const platform = linux.platformOf(vm);
  const isGmem = (flags & KVM_MEM_GUEST_MEMFD) !== 0;
  let valid = KVM_MEM_LOG_DIRTY_PAGES;
  if (linux.profile.gmemInAnyVm || platform.privateMemory) valid |= KVM_MEM_GUEST_MEMFD;
  if (isGmem) valid &= ~KVM_MEM_LOG_DIRTY_PAGES;
  if (!isGmem && !platform.protectedState) valid |= KVM_MEM_READONLY;
  return hasOnly(flags, valid);
}

const exists = ({ linux }: Machine, { row }: Region) => linux.vms.slotExists(row);
const slotOf = ({ linux }: Machine, { row }: Region) => ({
  hva: linux.vms.slots.get(row, 'hva'),
  pages: linux.vms.slots.get(row, 'pages'),
  base: linux.vms.slots.get(row, 'base'),
  flags: linux.vms.slots.get(row, 'flags'),
});

/** Address spaces of a VM (kvm_arch_nr_memslot_as_ids): the second one is that of system management mode. */
export const addressSpaces = ({ linux }: Machine, vm: number): number =>
  linux.arch === 'x86' && !linux.platformOf(vm).privateMemory ? 2 : 1;

/** Checks 1 to 8: of the numbers, whatever is there already. */
export const numberChecks: Checks = [
  ...vmGates('vm'),
  check(
    'slot_id',
    `the low half of slot is below ${USER_MEM_SLOTS}`,
    'EINVAL',
    'slot',
    (_, { slot }) => slot % SLOT_IDS < USER_MEM_SLOTS,
  ),
  check(
    'flags',
    'flags fits the VM, and KVM_MEM_GUEST_MEMFD comes without the others',
    'EINVAL',
    'flags',
    flagsAllowed,
  ),
  check(
    'align',
    'size and gpa are multiples of the page size',
    'EINVAL',
    'gpa',
    ({ linux: { pageSize } }, { size, gpa }) => size % pageSize === 0 && gpa % pageSize === 0,
  ),
  check(
    'hva',
    'the user address is a multiple of the page size, and its range is one of user space',
    'EINVAL',
    'hva',
    ({ linux: { pageSize } }, { hva, size }) =>
      hva % pageSize === 0 && hva < TASK_SIZE && (isNegative(size) || hva + size <= TASK_SIZE),
  ),
  check(
    'gmem_offset',
    'the offset in the file is a multiple of the page size, and offset + size does not wrap',
    'EINVAL',
    'gmem',
    ({ linux: { pageSize } }, { flags, offset, size }) =>
      (flags & KVM_MEM_GUEST_MEMFD) === 0 || (offset % pageSize === 0 && !wraps(offset, size)),
  ),
  check(
    'as_id',
    'the address space exists: 0, and 1 on x86 for VMs without private memory',
    'EINVAL',
    'slot',
    (machine, { vm, slot }) => Math.floor(slot / SLOT_IDS) < addressSpaces(machine, vm),
  ),
  check('gpa_wrap', 'gpa + size does not wrap', 'EINVAL', 'size', (_, { gpa, size }) => !wraps(gpa, size)),
  check(
    'pages',
    'there are at most 2^31 - 1 pages',
    'EINVAL',
    'size',
    ({ linux: { pageSize } }, { size }) => size / pageSize <= MOST_PAGES,
  ),
  check(
    'delete_exists',
    'a slot that is deleted (size 0) exists',
    'EINVAL',
    'slot',
    (machine, region) => region.size !== 0 || exists(machine, region),
  ),
];

/** Checks 10 to 13: against the slot that is there, and its neighbours. For a size above 0. */
export const slotChecks: Checks = [
  check(
    'immutable',
    'a slot that exists is not changed to or with KVM_MEM_GUEST_MEMFD',
    'EINVAL',
    'gmem',
    (machine, region) => region.size === 0 || !exists(machine, region) || (region.flags & KVM_MEM_GUEST_MEMFD) === 0,
  ),
  check(
    'same_slot',
    'a slot that exists keeps its user address, size, KVM_MEM_READONLY and KVM_MEM_GUEST_MEMFD',
    'EINVAL',
    'slot',
    (machine, region) => {
      if (region.size === 0 || !exists(machine, region)) return true;
      const old = slotOf(machine, region);
      const fixed = KVM_MEM_READONLY | KVM_MEM_GUEST_MEMFD;
      return (
        old.hva === region.hva &&
        old.pages === region.size / machine.linux.pageSize &&
        (old.flags & fixed) === (region.flags & fixed)
      );
    },
  ),
  check(
    'overlap',
    'no other slot of the address space covers a part of the range',
    'EEXIST',
    'gpa',
    (machine, region) => {
      const { pageSize, vms } = machine.linux;
      if (region.size === 0 || isUnchanged(machine, region)) return true;
      const from = region.gpa / pageSize;
      return !vms.overlaps(region.row, from, from + region.size / pageSize);
    },
  ),
];

/** Whether the slot is as asked for already, dirty logging aside. */
export function isUnchanged(machine: Machine, region: Region): boolean {
  if (!exists(machine, region)) return false;
  const { linux } = machine;
  return linux.vms.slots.get(region.row, 'base') === region.gpa / linux.pageSize;
}

const wantsGmem = ({ flags, size }: Region) => size !== 0 && (flags & KVM_MEM_GUEST_MEMFD) !== 0;

/** The file's own checks (kvm_gmem_bind). */
export const bindChecks: Checks = [
  check(
    'fd',
    'the file descriptor is open',
    'EBADF',
    'gmem',
    ({ linux }, region) => !wantsGmem(region) || linux.descriptors.isOpen(region.fd),
  ),
  check(
    'fd_kind',
    'the file is a guest_memfd',
    'EINVAL',
    'gmem',
    ({ linux }, region) => !wantsGmem(region) || linux.descriptors.rows.get(region.fd, 'kind') === FD_GMEM,
  ),
  check(
    'fd_vm',
    'the file belongs to this VM',
    'EINVAL',
    'gmem',
    ({ linux }, region) =>
      !wantsGmem(region) || linux.gmem.files.get(linux.descriptors.gmemFile(region.fd), 'vm') === region.vm,
  ),
  check(
    'file_range',
    'offset and offset + size lie in the file',
    'EINVAL',
    'gmem',
    ({ linux }, region) =>
      !wantsGmem(region) ||
      (region.offset + region.size) / linux.pageSize <= linux.gmem.inodes.get(linux.gmem.inodeOf(region.fd), 'size'),
  ),
  check(
    'hva_maps_file',
    'where the file supports sharing, the user address is 0 or maps this file at this offset',
    'EINVAL',
    'hva',
    hvaMapsFile,
    'linux/hugetlb-v2',
  ),
  check(
    'unbound',
    'no other slot is bound to a part of the file range',
    'EINVAL',
    'gmem',
    (machine, region) => machine.linux.profile.bindOverlap !== 'EINVAL' || isUnbound(machine, region),
    'before linux/7.2',
  ),
  check(
    'unbound_7_2',
    'no other slot is bound to a part of the file range',
    'EEXIST',
    'gmem',
    (machine, region) => machine.linux.profile.bindOverlap !== 'EEXIST' || isUnbound(machine, region),
    'linux/7.2 and later',
  ),
];

function isUnbound({ linux }: Machine, region: Region): boolean {
  if (!wantsGmem(region)) return true;
  const from = region.offset / linux.pageSize;
  return linux.gmem.isUnbound(linux.descriptors.gmemFile(region.fd), from, from + region.size / linux.pageSize);
}

function hvaMapsFile({ linux }: Machine, region: Region): boolean {
  const { spaces, gmem, pageSize } = linux;
  if (!linux.profile.hugetlb || !wantsGmem(region) || region.hva === 0) return true;
  if ((gmem.inodes.get(gmem.inodeOf(region.fd), 'flags') & 1) === 0) return true;
  const mapping = spaces.find(linux.vmm, region.hva / pageSize);
  if (mapping === 0 || spaces.mappings.get(mapping, 'kind') !== MAPS_GMEM) return false;
  const pgoff = region.hva / pageSize - spaces.mappings.get(mapping, 'start') + spaces.mappings.get(mapping, 'pgoff');
  return (
    gmem.files.get(spaces.mappings.get(mapping, 'file'), 'inode') === gmem.inodeOf(region.fd) &&
    pgoff === region.offset / pageSize
  );
}

/** The architecture's check (kvm_arch_prepare_memory_region). A binding that was made is undone. */
export const archChecks: Checks = [
  check(
    'gpa_width',
    'the range lies in the guest physical address space',
    'EINVAL',
    'gpa',
    ({ linux }, { gpa, size }) => linux.arch !== 'x86' || size === 0 || gpa + size <= 2 ** X86_PHYSICAL_BITS,
    'x86',
  ),
  check(
    'ipa_width',
    'the range lies in the IPA space',
    'EFAULT',
    'gpa',
    ({ linux }, { vm, gpa, size }) =>
      linux.arch !== 'arm64' || size === 0 || gpa + size <= 2 ** linux.vms.rows.get(vm, 'ipa bits'),
    'arm64',
  ),
  check(
    'gmem_mmap',
    'the file of a slot of an ordinary VM has GUEST_MEMFD_FLAG_MMAP',
    'EINVAL',
    'gmem',
    ({ linux }, region) =>
      linux.arch !== 'arm64' ||
      !wantsGmem(region) ||
      linux.platformOf(region.vm).privateMemory ||
      (linux.gmem.inodes.get(linux.gmem.inodeOf(region.fd), 'flags') & 1) !== 0,
    'arm64',
  ),
];
