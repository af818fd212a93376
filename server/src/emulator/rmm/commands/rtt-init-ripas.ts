// RMI_RTT_INIT_RIPAS: declares memory of a new realm as RAM. RMM 1.0, B4.3.21.
import { INPUT, RTT_WALK, realm, realmIsNew } from '../checks.ts';
import { type Args, type Check, check, command } from '../command.ts';
import type { Rmm } from '../rmm.ts';
import { entryState, isUnassigned, packEntry } from '../rtt-entry.ts';
import { ENTRIES, isAligned, PAGE_LEVEL, span } from '../rtts.ts';

type Range = Args<'base' | 'top'>;

const at = (rmm: Rmm) => [rmm.rtts.entryCell(rmm.walk.rtt, rmm.walk.index)];

/** TF-RMM leaves UNASSIGNED_DESTROYED alone, the specification makes it RAM. */
const mayInit = (rmm: Rmm, entry: number) =>
  isUnassigned(entry) && (rmm.model === 'rmm/1.0' || entryState(entry) !== 'UNASSIGNED_DESTROYED');

/** The specification reports a base between pages with the level of the walk, TF-RMM with RMI_ERROR_INPUT. */
const basePage: Check<Range>[] = [
  {
    ...check<Range>(
      'base_align',
      'base is aligned to 4 KiB',
      INPUT,
      (rmm, { base }) => rmm.model === 'rmm/1.0' || base % 4096 === 0,
    ),
    only: 'rmm/1.0-tf',
  },
  check<Range>('top_gran_align', 'top is aligned to 4 KiB', INPUT, (_rmm, { top }) => top % 4096 === 0),
  check<Range>(
    'top_bound',
    'base and the page below top are protected',
    INPUT,
    (rmm, { base, top }) => rmm.protects(base) && rmm.protects(top - 4096),
  ),
];

export const rttInitRipas = command({
  name: 'RMI_RTT_INIT_RIPAS',
  fid: 0xc4000168,
  section: 'B4.3.21',
  summary: 'Sets the RIPAS of a range of a realm that is still NEW to RAM, as far as one table reaches.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    base: { type: 'ipa', text: 'first IPA' },
    top: { type: 'ipa', text: 'end of the range' },
  },
  outputs: [{ name: 'out_top', type: 'ipa', valid: 'SUCCESS', text: 'end of what was done; go on from there' }],
  steps: [
    check<Range>('size_valid', 'top is above base', INPUT, (_rmm, { base, top }) => top > base),
    realm,
    ...basePage,
    realmIsNew,
    { lookup: (rmm, { base }) => void rmm.rtts.walk(rmm.realm, base, PAGE_LEVEL, rmm.walk) },
    check<Range>(
      'base_align',
      'base is aligned to the entry where the walk stopped',
      RTT_WALK,
      (rmm, { base }) => isAligned(base, rmm.walk.level),
      at,
    ),
    check('rtte_state', 'the first entry is UNASSIGNED', RTT_WALK, (rmm) => mayInit(rmm, rmm.walk.entry), at),
    check<Range>(
      'no_progress',
      'the first entry ends at or before top',
      RTT_WALK,
      (rmm, { base, top }) => base + span(rmm.walk.level) <= top,
      at,
    ),
  ],
  effects: [
    'UNASSIGNED entries from base on become UNASSIGNED_RAM, up to top, the end of the table or another entry',
    'each of them extends the RIM, changed or not',
  ],
  execute(rmm, { base, top }) {
    const { rtts, realms, walk, measurements, realm: rd } = rmm;
    const size = span(walk.level);
    let ipa = base;
    while (ipa + size <= top && walk.index < ENTRIES) {
      walk.entry = rtts.entry(walk.rtt, walk.index);
      if (!mayInit(rmm, walk.entry)) break;
      rtts.put(walk, packEntry('UNASSIGNED_RAM'));
      ipa += size;
      walk.index++;
    }
    realms.set(rd, 'rim', measurements.ripas(realms.get(rd, 'rim'), base, size, (ipa - base) / size));
    rmm.out[0] = ipa;
  },
});
