// Pages of a realm: what the DATA commands do to an entry and its granule.

import type { Args } from './command.ts';
import type { Rmm } from './rmm.ts';
import { entryAddress, entryRipas, packEntry, type Ripas } from './rtt-entry.ts';

/** Gives the granule to the entry where the walk stopped, with its RIPAS or another one. */
export function assign(rmm: Rmm, data: number, ripas: Ripas = entryRipas(rmm.walk.entry)): void {
  rmm.granules.move(data, 'DATA');
  rmm.rtts.put(rmm.walk, packEntry(`ASSIGNED_${ripas}`, data));
}

/** Takes the granule from the entry where the walk stopped and returns its PA. Contents that the realm saw are gone: DESTROYED. */
export function unassign(rmm: Rmm): number {
  const { entry } = rmm.walk;
  const data = entryAddress(entry);
  rmm.granules.reclaim(data);
  rmm.rtts.put(rmm.walk, packEntry(entryRipas(entry) === 'EMPTY' ? 'UNASSIGNED_EMPTY' : 'UNASSIGNED_DESTROYED'));
  return data;
}

/** On a failure of the walk `top` tells the host where to go on; X1 of `out` is index 0. */
export const topOfRefusedWalk =
  (register: 0 | 1) =>
  (rmm: Rmm, { ipa }: Args<'ipa'>, code: number): void => {
    if ((code & 0xff) === RTT_STATUS) rmm.out[register] = rmm.rtts.skipNonLive(rmm.walk, ipa);
  };

const RTT_STATUS = 4;
