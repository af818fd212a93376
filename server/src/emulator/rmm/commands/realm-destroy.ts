// RMI_REALM_DESTROY: ends a realm that holds nothing any more. RMM 1.0, B4.3.10.
import { REALM, realm, tableCell } from '../checks.ts';
import { check, command } from '../command.ts';
import type { Rmm } from '../rmm.ts';

/** Rows of the start tables. */
function starts({ granules, realms, realm: rd }: Rmm): number[] {
  const first = granules.row(realms.get(rd, 'rtt_base'));
  return Array.from({ length: realms.get(rd, 'rtt_num_start') }, (_, i) => first + i);
}

export const realmDestroy = command({
  name: 'RMI_REALM_DESTROY',
  fid: 0xc4000159,
  section: 'B4.3.10',
  summary: 'Destroys a realm that has no RECs, no pages and no tables below its start tables.',
  params: { rd: { type: 'pa', text: 'realm descriptor' } },
  steps: [
    realm,
    check(
      'realm_live',
      'the realm has no RECs',
      REALM,
      ({ realms, realm: rd }) => realms.get(rd, 'num_recs') === 0,
      ({ realms, realm: rd }) => [realms.cell(rd, 'num_recs')],
    ),
    check(
      'realm_live',
      'no start table has an ASSIGNED or TABLE entry',
      REALM,
      (rmm) => starts(rmm).every((rtt) => rmm.rtts.liveCount(rtt) === 0),
      (rmm) =>
        starts(rmm)
          .filter((rtt) => rmm.rtts.liveCount(rtt) !== 0)
          .flatMap((rtt) => [rmm.rtts.liveEntryCell(rtt), tableCell(rmm, rtt)]),
    ),
  ],
  effects: ['the start tables and rd become DELEGATED, wiped', 'the VMID is free'],
  execute(rmm, { rd }) {
    const { granules, realms, rtts, realm: row } = rmm;
    for (const rtt of starts(rmm)) {
      rtts.end(rtt);
      granules.reclaim(granules.address(rtt));
    }
    realms.vmids.set(realms.get(row, 'vmid'), 0, 0);
    realms.clear(row);
    granules.reclaim(rd);
  },
});
