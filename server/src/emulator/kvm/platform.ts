// What a confidential computing platform adds to KVM: facts about its VMs, and hooks that the common flows call.
import type { Flow } from '../flow.ts';
import type { Machine } from '../machine.ts';

/** Which half of guest physical address space: where a platform has one alone, every mapping is in it. */
export const SHARED_HALF = 1;
export const PRIVATE_HALF = 2;
export const BOTH_HALVES = 3;

/** What a guest does to memory. */
export const ACCESS_READ = 0;
export const ACCESS_WRITE = 1;
export const ACCESS_EXEC = 2;

/**
 * How an `enter` hook ends, beside an errno: the guest's action is done; it has nothing more to do; it faulted, with the GPA
 * (without its alias bit), the access and whether it was private as outputs 0 to 2; the vCPU exits to user space with the
 * exit that is in `kvm_run` already.
 */
export const GUEST_DONE = 0;
export const GUEST_IDLE = 1;
export const GUEST_FAULT = 2;
export const GUEST_EXIT = 3;

/**
 * Every hook is a flow that returns 0 or a negative errno unless it says otherwise; a platform without the hook skips the
 * step. `vm` and `vcpu` are rows of their tables, `gfn` counts pages, `pfn` is a page frame number (physical address over
 * page size), `order` is of the folio part concerned, 0 for one page.
 */
export interface PlatformHooks {
  /** kvm_dev_ioctl_create_vm, last step. (vm, type) */
  readonly createVm?: Flow;
  /** kvm_vm_ioctl_create_vcpu, last step. (vcpu) */
  readonly createVcpu?: Flow;
  /** kvm_arch_vcpu_ioctl_run, before the guest is entered, on every run: gates and what the first run activates. (vcpu) */
  readonly run?: Flow;
  /** kvm_arch_vcpu_ioctl_run, instead of carrying out the guest's next action against stage 2. (vcpu); see GUEST_DONE. */
  readonly enter?: Flow;
  /** kvm_gmem_get_pfn, after the folio was zeroed, when the profile's `prepare` says so. (vm, gfn, pfn, order) */
  readonly prepare?: Flow;
  /** The fault handlers, under the mmu lock and after the stale check, instead of `map` of a private page. (vm, gfn, pfn, order) */
  readonly mapPrivate?: Flow;
  /** The same for a page of the shared half. (vm, gfn, pfn, writable) */
  readonly mapShared?: Flow;
  /**
   * kvm_unmap_gfn_range, instead of `zap`, for the halves that the caller wants gone. (vm, first gfn, end gfn, halves). Runs
   * for slot deletion, attribute changes, hole punching, conversion and release, between inv_begin and inv_end; the host's
   * own unmapping (MMU notifiers) asks for the shared half alone.
   */
  readonly unmap?: Flow;
  /**
   * Conversion to shared, after the zap and before attr_store, once for each allocated folio part. The profile's
   * `toSharedHook` says which of the two runs. (first pfn, pages)
   */
  readonly invalidate?: Flow;
  readonly makeShared?: Flow;
  /**
   * kvm_arch_gmem_invalidate: pages of a guest_memfd go away, where the policy `gmem_invalidate` says. (first pfn, pages, vm,
   * gfn), the last two 0 where the caller does not know them.
   */
  readonly freeFolio?: Flow;
  /** kvm_arch_prepare_memory_region, last check of set_region, when a slot is created. (vm, slot id) */
  readonly prepareSlot?: Flow;
  /** kvm_destroy_vm, after all files are released. (vm) */
  readonly destroyVm?: Flow;
}

export interface Platform {
  /** As it stands behind `platform` in a scenario. */
  readonly name: string;
  readonly arch: 'x86' | 'arm64' | 'any';
  /** Whether a VM of this `type` argument is one of its VMs. */
  hasType(type: number, arch: 'x86' | 'arm64'): boolean;
  /** Its VMs have private memory: KVM_MEMORY_ATTRIBUTE_PRIVATE is theirs. */
  readonly privateMemory: boolean;
  /** Private and shared alias of a GPA have mappings of their own. */
  readonly twoHalves: boolean;
  /** Registers of a vCPU are hidden from the host: read-only slots are refused. */
  readonly protectedState: boolean;
  /** KVM_PRE_FAULT_MEMORY is allowed from creation on. */
  readonly preFaultFromStart: boolean;
  /** A conversion keeps the contents of a page, in both directions: it supports the PRESERVE content mode. */
  readonly preservesContents: boolean;
  /** Whether an access of the guest is to private memory; `asked` is what the guest says, `undefined` if it says nothing. */
  isPrivate(machine: Machine, vm: number, gfn: number, asked: boolean | undefined): boolean;
  /**
   * How a guest reaches memory while it runs, where KVM's own second stage is not what translates: the PA of an access, 0 if
   * it faulted, -1 if the guest took an exception instead.
   */
  reach?(machine: Machine, vcpu: number, gpa: number, access: number, isPrivate: boolean): number;
  /** Where the second stage is firmware's: whether the guest reaches memory at an address of one half, and the cell that says so. */
  mapped?(machine: Machine, vm: number, gpa: number, half: number): { readonly is: boolean; readonly cell: number };
  readonly hooks: PlatformHooks;
}
