// RMI_RTT_READ_ENTRY: what the host may know of an entry. RMM 1.0, B4.3.23.
import { entryAligned, INPUT, ipaBound, realm, walkToLevel } from '../checks.ts';
import { type Args, check, command } from '../command.ts';
import { descriptor } from '../descriptor.ts';
import { entryAddress, isAssignedNs, isLive, isTable, ripasNumber } from '../rtt-entry.ts';
import { PAGE_LEVEL } from '../rtts.ts';

/** RmiRttEntryState. */
const UNASSIGNED = 0;
const ASSIGNED = 1;
const TABLE = 2;

export const rttReadEntry = command({
  name: 'RMI_RTT_READ_ENTRY',
  fid: 0xc4000161,
  section: 'B4.3.23',
  summary: 'Reads the entry where a walk to the given level stops.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    ipa: { type: 'ipa', text: 'aligned to an entry at level' },
    level: { type: 'level', text: 'level to walk to' },
  },
  outputs: [
    { name: 'walk_level', type: 'level', valid: 'SUCCESS', text: 'level where the walk stopped' },
    { name: 'state', type: 'state', valid: 'SUCCESS', text: 'UNASSIGNED, ASSIGNED or TABLE' },
    { name: 'desc', type: 'u64', valid: 'SUCCESS', text: 'address, and the host attributes of an unprotected mapping' },
    { name: 'ripas', type: 'ripas', valid: 'SUCCESS', text: 'EMPTY, RAM or DESTROYED' },
  ],
  steps: [
    realm,
    check<Args<'level'>>(
      'level_bound',
      'level is a level of the realm',
      INPUT,
      ({ realms, realm: rd }, { level }) => level >= realms.rttLevelStart(rd) && level <= PAGE_LEVEL,
    ),
    ipaBound,
    entryAligned,
    walkToLevel(0),
  ],
  effects: ['nothing changes'],
  execute({ out, walk: { level, entry } }) {
    out[0] = level;
    out[1] = isTable(entry) ? TABLE : isLive(entry) ? ASSIGNED : UNASSIGNED;
    out[2] = isAssignedNs(entry) ? descriptor(entry) : entryAddress(entry);
    out[3] = ripasNumber(entry);
  },
});
