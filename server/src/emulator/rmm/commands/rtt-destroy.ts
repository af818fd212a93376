// RMI_RTT_DESTROY: removes a translation table that maps no page of the realm. RMM 1.0, B4.3.19.
import {
  entryIs,
  ipaBound,
  RTT_LEVEL,
  realm,
  tableAligned,
  tableCell,
  tableLevel,
  walkReachesLevel,
  walkToLevel,
} from '../checks.ts';
import { check, command } from '../command.ts';
import { topOfRefusedWalk } from '../data.ts';
import type { Rmm } from '../rmm.ts';
import { entryAddress, isTable, packEntry } from '../rtt-entry.ts';
import { removeChild } from '../tables.ts';

/** The row of the table that the parent entry points to. */
const child = ({ granules, walk }: Rmm) => granules.row(entryAddress(walk.entry));

export const rttDestroy = command({
  name: 'RMI_RTT_DESTROY',
  fid: 0xc400015e,
  section: 'B4.3.19',
  summary: 'Removes a translation table without live entries.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    ipa: { type: 'ipa', text: 'first IPA that the table describes' },
    level: { type: 'level', text: 'level of the table' },
  },
  outputs: [
    { name: 'rtt', type: 'pa', valid: 'SUCCESS', text: 'granule that was the table' },
    {
      name: 'top',
      type: 'ipa',
      valid: 'always',
      text: 'next live IPA in the table where the walk stopped, or its end',
    },
  ],
  steps: [
    realm,
    tableLevel,
    ipaBound,
    tableAligned,
    walkToLevel(1),
    walkReachesLevel(1),
    entryIs('TABLE', isTable),
    check(
      'rtt_live',
      'the table has no ASSIGNED and no TABLE entry',
      RTT_LEVEL,
      (rmm) => rmm.rtts.liveCount(child(rmm)) === 0,
      (rmm) => [rmm.rtts.liveEntryCell(child(rmm)), tableCell(rmm, child(rmm))],
    ),
  ],
  effects: [
    'granule rtt becomes DELEGATED, wiped',
    'the parent entry becomes UNASSIGNED_DESTROYED, or UNASSIGNED_NS in the unprotected half',
    'mappings of host pages in the table are gone',
  ],
  execute(rmm, { ipa }) {
    rmm.out[0] = removeChild(rmm, packEntry(rmm.protects(ipa) ? 'UNASSIGNED_DESTROYED' : 'UNASSIGNED_NS'));
    rmm.out[1] = rmm.rtts.skipNonLive(rmm.walk, ipa);
  },
  refused: topOfRefusedWalk(1),
});
