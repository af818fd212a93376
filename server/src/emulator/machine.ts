// The whole machine: one store, and the systems whose tables live in it.
import { Store } from '../store/index.ts';
import { CcaHost } from './arm-cca/host.ts';
import { Flows } from './flow.ts';
import { type GuestScript, idleGuest } from './kvm/guest.ts';
import { PLATFORMS } from './kvm/platforms.ts';
import { Linux, type LinuxOptions } from './linux/linux.ts';
import { type Dram, Pages } from './memory/pages.ts';
import { Rmm, type RmmModel } from './rmm/rmm.ts';

/** 4 GiB of DRAM from 2 GiB on: where a scenario does not say otherwise. */
export const DEFAULT_DRAM: Dram = { base: 0x8000_0000, size: 0x1_0000_0000 };

export interface MachineOptions {
  readonly dram?: Dram;
  readonly rmm?: RmmModel;
  /** The host kernel. */
  readonly linux?: LinuxOptions;
  /** Whether every moment is recorded, to be gone back to; true if absent. */
  readonly history?: boolean;
}

export class Machine {
  readonly store: Store;
  readonly pages: Pages;
  readonly rmm: Rmm;
  readonly linux: Linux;
  /** What the kernel keeps of its realms. */
  readonly cca: CcaHost;
  readonly flows: Flows;
  /** What the guest does while a vCPU runs; whoever runs a scenario sets it. */
  guest: GuestScript = idleGuest;

  constructor({ dram = DEFAULT_DRAM, rmm = 'rmm/1.0', linux, history = true }: MachineOptions = {}) {
    this.store = new Store({ history });
    this.pages = new Pages(this.store, dram);
    this.rmm = new Rmm(this.store, this.pages, rmm);
    this.linux = new Linux(this.store, this.pages, PLATFORMS, linux);
    this.cca = new CcaHost(this.store);
    this.flows = new Flows(this.store, this);
  }
}
