// The whole machine: one store, and the systems whose tables live in it.
import { Store } from '../store/index.ts';
import { type Dram, Pages } from './memory/pages.ts';
import { Rmm, type RmmModel } from './rmm/rmm.ts';

/** 4 GiB of DRAM from 2 GiB on: where a scenario does not say otherwise. */
export const DEFAULT_DRAM: Dram = { base: 0x8000_0000, size: 0x1_0000_0000 };

export interface MachineOptions {
  readonly dram?: Dram;
  readonly rmm?: RmmModel;
}

export class Machine {
  readonly store: Store = new Store();
  readonly pages: Pages;
  readonly rmm: Rmm;

  constructor({ dram = DEFAULT_DRAM, rmm = 'rmm/1.0' }: MachineOptions = {}) {
    this.pages = new Pages(this.store, dram);
    this.rmm = new Rmm(this.store, this.pages, rmm);
  }
}
