// What the guest does while a vCPU runs: the lines that a scenario writes below KVM_RUN.
import type { Machine } from '../machine.ts';
import type { MachineOperation } from '../operation.ts';

/** One action of a guest: an operation with actor `guest` and its own registers, without the vCPU. */
export interface GuestAction {
  readonly operation: MachineOperation;
  readonly registers: readonly number[];
}

/**
 * Where the actions come from. Whoever runs a scenario sets it; its position is in cells of its own, so that a run can go
 * back. It is asked once for each action; one that faults is kept by the vCPU and tried again.
 */
export interface GuestScript {
  next(machine: Machine, vcpu: number): GuestAction | undefined;
  /** Whether the guest begins with an interrupt that takes it elsewhere, so that what it kept is not tried again. */
  leavesUndone?(machine: Machine, vcpu: number): boolean;
}

/** A guest that does nothing. */
export const idleGuest: GuestScript = { next: () => undefined };
