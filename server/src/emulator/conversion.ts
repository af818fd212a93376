// From a place in one address space to one in another: `pa(gm[4K])`, `rd(vm)`.
import type { ValueType } from './definition.ts';
import type { Machine } from './machine.ts';

export interface Conversion {
  readonly name: string;
  readonly summary: string;
  readonly from: ValueType;
  readonly to: 'pa' | 'ipa';
  /** The address; `undefined` where there is none now, and `absent` says why. */
  read(machine: Machine, registers: readonly number[]): number | undefined;
  readonly absent: string;
}
