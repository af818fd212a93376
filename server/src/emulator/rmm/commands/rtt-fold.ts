// RMI_RTT_FOLD: replaces a table of equal entries by one entry. RMM 1.0, B4.3.20.
import {
  entryIs,
  ipaBound,
  realm,
  tableAligned,
  tableCell,
  tableLevel,
  walkReachesLevel,
  walkToLevel,
} from '../checks.ts';
import { type Args, check, command } from '../command.ts';
import type { Rmm } from '../rmm.ts';
import { entryAddress, isTable } from '../rtt-entry.ts';
import { rmiCode } from '../status.ts';
import { foldedEntry, removeChild, tfReportsParent, unlikeCell } from '../tables.ts';

const RTT_CHILD = {
  text: 'RMI_ERROR_RTT(level)',
  code: (rmm: Rmm, { level }: Args<'level'>) =>
    rmiCode('RMI_ERROR_RTT', rmm.model === 'rmm/1.0-tf' && tfReportsParent(rmm) ? level - 1 : level),
};

export const rttFold = command({
  name: 'RMI_RTT_FOLD',
  fid: 0xc4000166,
  section: 'B4.3.20',
  summary: 'Replaces a homogeneous translation table by one entry in its parent.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    ipa: { type: 'ipa', text: 'first IPA that the table describes' },
    level: { type: 'level', text: 'level of the table' },
  },
  outputs: [{ name: 'rtt', type: 'pa', valid: 'SUCCESS', text: 'granule that was the table' }],
  steps: [
    realm,
    tableLevel,
    ipaBound,
    tableAligned,
    walkToLevel(1),
    walkReachesLevel(1),
    entryIs('TABLE', isTable),
    check(
      'rtt_homo',
      'all 512 entries say what one entry could say',
      RTT_CHILD,
      (rmm) => foldedEntry(rmm) !== undefined,
      (rmm) => [unlikeCell(rmm), tableCell(rmm, rmm.granules.row(entryAddress(rmm.walk.entry)))],
    ),
  ],
  effects: [
    'granule rtt becomes DELEGATED, wiped',
    'the parent entry takes the state, address and attributes of the table',
  ],
  execute(rmm) {
    const entry = foldedEntry(rmm);
    if (entry !== undefined) rmm.out[0] = removeChild(rmm, entry);
  },
});
