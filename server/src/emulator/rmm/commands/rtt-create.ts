// RMI_RTT_CREATE: adds a translation table, unfolding the entry above it. RMM 1.0, B4.3.18.
import {
  addressWidth,
  entryIs,
  granule,
  ipaBound,
  realm,
  tableAligned,
  tableLevel,
  walkReachesLevel,
  walkToLevel,
} from '../checks.ts';
import { command } from '../command.ts';
import { isTable, packEntry } from '../rtt-entry.ts';

export const rttCreate = command({
  name: 'RMI_RTT_CREATE',
  fid: 0xc400015d,
  section: 'B4.3.18',
  summary: 'Makes a delegated granule a translation table at the given level.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    rtt: { type: 'pa', text: 'becomes the table, DELEGATED' },
    ipa: { type: 'ipa', text: 'first IPA that the table describes' },
    level: { type: 'level', text: 'level of the new table' },
  },
  steps: [
    granule('rtt', 'rtt', 'DELEGATED'),
    realm,
    tableLevel,
    ipaBound,
    tableAligned,
    addressWidth('rtt', 'rtt'),
    walkToLevel(1),
    walkReachesLevel(1),
    entryIs('not a TABLE', (entry) => !isTable(entry)),
  ],
  effects: [
    'granule rtt becomes RTT',
    'its 512 entries continue the parent entry: the same state, consecutive addresses',
    'the parent entry becomes TABLE',
  ],
  execute({ granules, rtts, walk, realm: rd }, { rtt, ipa, level }) {
    granules.move(rtt, 'RTT');
    rtts.begin(granules.row(rtt), rd, level, ipa, walk.entry);
    rtts.put(walk, packEntry('TABLE', rtt));
  },
});
