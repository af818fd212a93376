// RMI_RTT_MAP_UNPROTECTED and RMI_RTT_UNMAP_UNPROTECTED: pages of the host in a realm. RMM 1.0, B4.3.22 and B4.3.26.
import {
  entryAligned,
  entryIs,
  INPUT,
  ipaBound,
  ipaUnprotected,
  realm,
  walkReachesLevel,
  walkToLevel,
} from '../checks.ts';
import { type Args, type Check, check, command } from '../command.ts';
import { topOfRefusedWalk } from '../data.ts';
import { isValidAttribute, splitDescriptor } from '../descriptor.ts';
import { entryState, packEntry } from '../rtt-entry.ts';
import { isAligned, PAGE_LEVEL } from '../rtts.ts';

const blockLevel: Check<Args<'level'>> = check(
  'level_bound',
  'level is 1, 2 or 3',
  INPUT,
  (_rmm, { level }) => level >= 1 && level <= PAGE_LEVEL,
);

/** TF-RMM runs into an assertion here, so both models follow the specification. */
const realmLevel: Check<Args<'level'>> = check(
  'level_bound',
  'level is a level of the realm',
  INPUT,
  ({ realms, realm: rd }, { level }) => level >= realms.rttLevelStart(rd),
);

export const rttMapUnprotected = command({
  name: 'RMI_RTT_MAP_UNPROTECTED',
  fid: 0xc400015f,
  section: 'B4.3.22',
  summary: 'Maps a page or block of the host at an unprotected IPA.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    ipa: { type: 'ipa', text: 'unprotected, aligned to an entry at level' },
    level: { type: 'level', text: '3 for a page, 2 or 1 for a block' },
    desc: { type: 'u64', text: 'output address, MemAttr in bits 4:2, S2AP in bits 7:6' },
  },
  steps: [
    blockLevel,
    realm,
    realmLevel,
    check<Args<'desc'>>(
      'attr_valid',
      'desc holds an address, MemAttr other than 0b100, S2AP, and nothing else',
      INPUT,
      (rmm, { desc }) => {
        const { attributes, other } = splitDescriptor(desc, rmm.usesLpa2);
        return other === 0 && isValidAttribute(attributes) && desc < 2 ** 50;
      },
    ),
    check<Args<'desc' | 'level'>>(
      'addr_align',
      'the output address is aligned to an entry at level',
      INPUT,
      (rmm, { desc, level }) => isAligned(splitDescriptor(desc, rmm.usesLpa2).address, level),
    ),
    check<Args<'desc'>>(
      'addr_bound',
      'the output address is below 2^48, unless the realm uses LPA2',
      INPUT,
      (rmm, { desc }) => desc < 2 ** 48 || rmm.usesLpa2,
    ),
    ipaBound,
    entryAligned,
    ipaUnprotected,
    walkToLevel(0),
    walkReachesLevel(0),
    entryIs('UNASSIGNED_NS', (entry) => entryState(entry) === 'UNASSIGNED_NS'),
  ],
  effects: ['the entry becomes ASSIGNED_NS; the page is not looked at, no reference is taken'],
  execute(rmm, { desc }) {
    const { address, attributes } = splitDescriptor(desc, rmm.usesLpa2);
    rmm.rtts.put(rmm.walk, packEntry('ASSIGNED_NS', address, attributes));
  },
});

export const rttUnmapUnprotected = command({
  name: 'RMI_RTT_UNMAP_UNPROTECTED',
  fid: 0xc4000162,
  section: 'B4.3.26',
  summary: 'Removes a mapping of a page or block of the host.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    ipa: { type: 'ipa', text: 'unprotected, aligned to an entry at level' },
    level: { type: 'level', text: 'level of the mapping' },
  },
  outputs: [
    {
      name: 'top',
      type: 'ipa',
      valid: 'always',
      text: 'next live IPA in the table where the walk stopped, or its end',
    },
  ],
  steps: [
    blockLevel,
    realm,
    realmLevel,
    ipaBound,
    entryAligned,
    ipaUnprotected,
    walkToLevel(0),
    walkReachesLevel(0),
    entryIs('ASSIGNED_NS', (entry) => entryState(entry) === 'ASSIGNED_NS'),
  ],
  effects: ['the entry becomes UNASSIGNED_NS'],
  execute(rmm, { ipa }) {
    rmm.rtts.put(rmm.walk, packEntry('UNASSIGNED_NS'));
    rmm.out[0] = rmm.rtts.skipNonLive(rmm.walk, ipa);
  },
  refused: topOfRefusedWalk(0),
});
