// RMI_RTT_SET_RIPAS: the host carries out, step by step, the RIPAS change that a realm asked for. RMM 1.0, B4.3.25.
import { granule, INPUT, REC, RTT_WALK, realm, recIsReady } from '../checks.ts';
import { type Args, check, command } from '../command.ts';
import type { Rmm } from '../rmm.ts';
import { entryAddress, entryRipas, isAssigned, isTable, packEntry, RIPAS } from '../rtt-entry.ts';
import { ENTRIES, isAligned, PAGE_LEVEL, span } from '../rtts.ts';

type Range = Args<'base' | 'top'>;
type Request = Args<'rec' | 'base' | 'top'>;

const row = ({ granules }: Rmm, { rec }: Args<'rec'>) => granules.row(rec);

const at = (rmm: Rmm) => [rmm.rtts.entryCell(rmm.walk.rtt, rmm.walk.index)];

/** The entry with the RIPAS that the realm asked for, or `undefined` where the change stops. */
function changed({ recs }: Rmm, rec: number, entry: number): number | undefined {
  if (isTable(entry)) return undefined;
  if (entryRipas(entry) === 'DESTROYED' && recs.get(rec, 'ripas_destroyed') === 0) return undefined;
  const ripas = RIPAS[recs.get(rec, 'ripas_value')];
  if (ripas === undefined) return undefined;
  return isAssigned(entry) ? packEntry(`ASSIGNED_${ripas}`, entryAddress(entry)) : packEntry(`UNASSIGNED_${ripas}`);
}

export const rttSetRipas = command({
  name: 'RMI_RTT_SET_RIPAS',
  fid: 0xc4000169,
  section: 'B4.3.25',
  summary: 'Changes the RIPAS of a range as the realm asked, as far as one table reaches.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    rec: { type: 'pa', text: 'REC that asked' },
    base: { type: 'ipa', text: 'first IPA: where the last call ended' },
    top: { type: 'ipa', text: 'end of the range' },
  },
  outputs: [{ name: 'out_top', type: 'ipa', valid: 'SUCCESS', text: 'end of what was done; go on from there' }],
  steps: [
    check<Range>('size_valid', 'top is above base', INPUT, (_rmm, { base, top }) => top > base),
    check<Range>('top_gran_align', 'top is aligned to 4 KiB', INPUT, (_rmm, { top }) => isAligned(top, PAGE_LEVEL)),
    realm,
    granule('rec', 'rec', 'REC', 'rec_gran_state'),
    recIsReady,
    check<Request>(
      'rec_owner',
      'the REC belongs to the realm',
      REC,
      (rmm, args) => rmm.recs.get(row(rmm, args), 'owner') === rmm.realm,
      (rmm, args) => [rmm.recs.cell(row(rmm, args), 'owner')],
    ),
    check<Request>(
      'base_bound',
      'base is where the request of the REC goes on',
      INPUT,
      (rmm, args) => rmm.recs.get(row(rmm, args), 'ripas_addr') === args.base,
      (rmm, args) => [rmm.recs.cell(row(rmm, args), 'ripas_addr')],
    ),
    check<Request>(
      'top_bound',
      'top is not above the end of the request',
      INPUT,
      (rmm, args) => args.top <= rmm.recs.get(row(rmm, args), 'ripas_top'),
      (rmm, args) => [rmm.recs.cell(row(rmm, args), 'ripas_top')],
    ),
    { lookup: (rmm, { base }) => void rmm.rtts.walk(rmm.realm, base, PAGE_LEVEL, rmm.walk) },
    check<Range>(
      'base_align',
      'base is aligned to the entry where the walk stopped',
      RTT_WALK,
      (rmm, { base }) => isAligned(base, rmm.walk.level),
      at,
    ),
    check<Request>(
      'no_progress',
      'the first entry ends at or before top, and is not DESTROYED unless the realm agreed',
      RTT_WALK,
      (rmm, args) =>
        args.base + span(rmm.walk.level) <= args.top && changed(rmm, row(rmm, args), rmm.walk.entry) !== undefined,
      at,
    ),
  ],
  effects: [
    'entries from base on get the RIPAS that the realm asked for, up to top, the end of the table, a TABLE, or a DESTROYED one that the realm did not agree to change',
    'pages stay where they are: ASSIGNED_RAM becomes ASSIGNED_EMPTY and back',
    'the request of the REC goes on at out_top',
  ],
  execute(rmm, args) {
    const { rtts, recs, walk } = rmm;
    const rec = row(rmm, args);
    const size = span(walk.level);
    let ipa = args.base;
    while (ipa + size <= args.top && walk.index < ENTRIES) {
      walk.entry = rtts.entry(walk.rtt, walk.index);
      const entry = changed(rmm, rec, walk.entry);
      if (entry === undefined) break;
      if (entry !== walk.entry) rtts.put(walk, entry);
      ipa += size;
      walk.index++;
    }
    recs.set(rec, 'ripas_addr', ipa);
    rmm.out[0] = ipa;
  },
});
