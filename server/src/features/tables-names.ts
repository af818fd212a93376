// What the scenario calls the realms and pages of its tables, in the same words as the other panels.
import { hex } from '../emulator/index.ts';
import type { Program } from '../scenario/index.ts';
import { PlaceNames } from './moment-names.ts';

const known = new WeakMap<Program, PlaceNames>();

export function namesOf(program: Program): PlaceNames {
  const names = known.get(program) ?? new PlaceNames(program);
  known.set(program, names);
  return names;
}

/** `RD 0x8800_0000`, or the address alone. */
export function addressText(names: PlaceNames, at: number, space: 'pa' | 'ipa'): string {
  const name = names.name(at, space);
  return name === undefined ? hex(at) : `${name} ${hex(at)}`;
}
