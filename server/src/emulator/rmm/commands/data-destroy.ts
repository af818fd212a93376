// RMI_DATA_DESTROY: takes a page from a realm. RMM 1.0, B4.3.3.
import { entryIs, ipaProtected, pageAligned, realm, walkReachesPage, walkToPage } from '../checks.ts';
import { command } from '../command.ts';
import { topOfRefusedWalk, unassign } from '../data.ts';
import { isAssigned } from '../rtt-entry.ts';

export const dataDestroy = command({
  name: 'RMI_DATA_DESTROY',
  fid: 0xc4000155,
  section: 'B4.3.3',
  summary: 'Takes a page from a realm; what it contained is lost.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    ipa: { type: 'ipa', text: 'the page, protected' },
  },
  outputs: [
    { name: 'data', type: 'pa', valid: 'SUCCESS', text: 'granule that was there' },
    {
      name: 'top',
      type: 'ipa',
      valid: 'always',
      text: 'next live IPA in the table where the walk stopped, or its end',
    },
  ],
  steps: [realm, ipaProtected, pageAligned, walkToPage, walkReachesPage, entryIs('ASSIGNED', isAssigned)],
  effects: [
    'granule data becomes DELEGATED, wiped',
    'ASSIGNED_RAM becomes UNASSIGNED_DESTROYED, ASSIGNED_EMPTY UNASSIGNED_EMPTY, ASSIGNED_DESTROYED UNASSIGNED_DESTROYED',
    'the RIM stays',
  ],
  execute(rmm, { ipa }) {
    rmm.out[0] = unassign(rmm);
    rmm.out[1] = rmm.rtts.skipNonLive(rmm.walk, ipa);
  },
  refused: topOfRefusedWalk(1),
});
