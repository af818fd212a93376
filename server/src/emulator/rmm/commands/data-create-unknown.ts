// RMI_DATA_CREATE_UNKNOWN: gives a realm a page whose contents nobody measured. RMM 1.0, B4.3.2.
import {
  addressWidth,
  entryIs,
  granule,
  ipaProtected,
  pageAligned,
  realm,
  walkReachesPage,
  walkToPage,
} from '../checks.ts';
import { command } from '../command.ts';
import { assign } from '../data.ts';
import { isUnassigned } from '../rtt-entry.ts';

export const dataCreateUnknown = command({
  name: 'RMI_DATA_CREATE_UNKNOWN',
  fid: 0xc4000154,
  section: 'B4.3.2',
  summary: 'Maps a delegated granule at a protected IPA of a realm, unmeasured.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    data: { type: 'pa', text: 'granule to give, DELEGATED' },
    ipa: { type: 'ipa', text: 'where, aligned to 4 KiB' },
  },
  steps: [
    granule('data', 'data', 'DELEGATED'),
    realm,
    ipaProtected,
    pageAligned,
    addressWidth('data', 'data'),
    walkToPage,
    walkReachesPage,
    entryIs('UNASSIGNED', isUnassigned),
  ],
  effects: ['granule data becomes DATA', 'the entry becomes ASSIGNED and keeps its RIPAS', 'the RIM stays'],
  execute(rmm, { data }) {
    assign(rmm, data);
  },
});
