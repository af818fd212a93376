// What the recording driver's debug records show of the machine: granule states and the measurements of a realm.
import type { Machine } from '../../server/src/emulator/machine.ts';
import { GRANULE_STATES } from '../../server/src/emulator/rmm/granules.ts';
import { REALM_STATES } from '../../server/src/emulator/rmm/realms.ts';
import type { CallRecord, CallResult } from './trace.ts';

/** Every granule that is not the host's. Reference counts are internal to the recorded RMM; here they are 0. */
export function dumpGranules({ rmm, pages }: Machine): CallResult {
  const { table } = rmm.granules;
  const granules: [string, string, number][] = [];
  for (let row = 0; row < table.rows; row++) {
    const state = table.get(row, 0);
    if (state !== 0) granules.push([`0x${pages.address(row).toString(16)}`, GRANULE_STATES[state] ?? `${state}`, 0]);
  }
  return { granules };
}

/** State, number of RECs created, and measurements of a realm. */
export function dumpRealm({ rmm }: Machine, { rd = '0' }: CallRecord): CallResult {
  const row = rmm.granules.row(Number(rd));
  const { realms, measurements } = rmm;
  const bytes = realms.get(row, 'hash_algo') === 0 ? 32 : 64;
  const text = (measurement: number) => measurements.text(measurement).padEnd(2 * bytes, '0');
  return {
    state: REALM_STATES[realms.get(row, 'state')] ?? '',
    rec_count: realms.get(row, 'rec_index'),
    rim: text(realms.get(row, 'rim')),
    rem: (['rem1', 'rem2', 'rem3', 'rem4'] as const).map((name) => text(realms.get(row, name))),
  };
}
