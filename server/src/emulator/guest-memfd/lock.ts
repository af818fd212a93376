// The lock of a guest_memfd's mapping: lookups read, everything that takes pages away writes.
import type { Machine } from '../machine.ts';

/** filemap_invalidate_lock: false if somebody else has it. */
export function lock({ linux: { gmem } }: Machine, inode: number, actor: number): boolean {
  const { inodes } = gmem;
  if (inodes.get(inode, 'writer') !== 0 || inodes.get(inode, 'readers') > 0) return false;
  inodes.set(inode, 'writer', actor + 1);
  return true;
}

export function unlock({ linux: { gmem } }: Machine, inode: number): void {
  gmem.inodes.set(inode, 'writer', 0);
}

/** filemap_invalidate_lock_shared: false if somebody writes. */
export function lockShared({ linux: { gmem } }: Machine, inode: number): boolean {
  if (gmem.inodes.get(inode, 'writer') !== 0) return false;
  gmem.inodes.count(inode, 'readers', 1);
  return true;
}

export function unlockShared({ linux: { gmem } }: Machine, inode: number): void {
  gmem.inodes.count(inode, 'readers', -1);
}

/** The slots lock of a VM; false if somebody else has it. */
export function lockSlots({ linux: { vms } }: Machine, vm: number, actor: number): boolean {
  const holder = vms.rows.get(vm, 'slots lock');
  if (holder !== 0) return false;
  vms.rows.set(vm, 'slots lock', actor + 1);
  return true;
}

export function unlockSlots({ linux: { vms } }: Machine, vm: number): void {
  vms.rows.set(vm, 'slots lock', 0);
}

/** Faults that hold read_lock(&kvm->mmu_lock): an invalidation, which writes, begins when they have mapped their pages. */
export const mmuReaders = ({ linux: { vms } }: Machine, vm: number): number => vms.rows.get(vm, 'mmu readers');

export function mmuReadLock({ linux: { vms } }: Machine, vm: number): void {
  vms.rows.count(vm, 'mmu readers', 1);
}

export function mmuReadUnlock({ linux: { vms } }: Machine, vm: number): void {
  vms.rows.count(vm, 'mmu readers', -1);
}

/** Calls that hold srcu_read_lock(&kvm->srcu): the deletion of a slot waits for all of them, also for those that began later. */
export const srcuReaders = ({ linux: { vms } }: Machine, vm: number): number => vms.rows.get(vm, 'srcu readers');

export function srcuReadLock({ linux: { vms } }: Machine, vm: number): void {
  vms.rows.count(vm, 'srcu readers', 1);
}

export function srcuReadUnlock({ linux: { vms } }: Machine, vm: number): void {
  vms.rows.count(vm, 'srcu readers', -1);
}
