// The invariants: each one finds the state that breaks it, and recorded runs break none.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Machine } from '../../server/src/emulator/index.ts';
import { RMM_INVARIANTS, violations } from '../../server/src/emulator/rmm/invariants.ts';
import { packEntry } from '../../server/src/emulator/rmm/rtt-entry.ts';
import { perform } from '../conformance/calls.ts';
import type { Driver } from '../conformance/guest.ts';
import { STD1 } from '../conformance/replay.ts';
import { sequencesOf } from '../conformance/trace.ts';
import { REALM, rec, SMALL, transcript } from './script.ts';

const RD = 0x8000_0000;
const RTT3 = 0x8000_5000;
const DATA = 0x8000_6000;
const REC = 0x8001_0000;

type Parts = Machine['rmm'] & { readonly rd: number; readonly rtt3: number; readonly recRow: number };

/** Writes that no command would make, by the invariant that they break. */
const BREAKS: Readonly<Record<string, (rmm: Parts) => void>> = {
  gpt_realm: ({ granules }) => granules.setGpt(DATA, 'NS'),
  data_mapped_once: ({ granules }) => granules.move(DATA, 'DATA'),
  rtt_reached_once: ({ granules }) => granules.move(DATA, 'RTT'),
  ripas_protected: ({ rtts, rtt3 }) => rtts.put(walkAt(rtt3, 5), packEntry('UNASSIGNED_NS')),
  rtte_level: ({ rtts, rtt3 }) => rtts.put(walkAt(rtt3, 5), packEntry('TABLE', RTT3)),
  rtt_live_count: ({ rtts, rtt3 }) => rtts.table.set(rtt3, 4, 7),
  ripas_requested: ({ rtts, rtt3 }) => rtts.put(walkAt(rtt3, 5), packEntry('UNASSIGNED_RAM')),
  rim_final: ({ realms, rd, measurements }) => realms.set(rd, 'rim', measurements.rem(0, 0, 0, 1)),
  rec_count: ({ realms, rd }) => realms.set(rd, 'num_recs', 7),
  rec_index: ({ realms, rd }) => realms.set(rd, 'rec_index', 7),
  vmid_unique: ({ granules }) => granules.move(DATA, 'RD'),
  rec_running(rmm) {
    rmm.pes.start(rmm.rd, DATA, 0);
    rmm.recs.set(rmm.recRow, 'running', 1);
  },
};

const walkAt = (rtt: number, index: number) => ({ rtt, index, level: 3, entry: packEntry('UNASSIGNED_EMPTY') });

describe('each invariant finds the state that breaks it', () => {
  test.each(RMM_INVARIANTS.map(({ id }) => id))('%s', (id) => {
    const machine = new Machine(SMALL);
    transcript(`${REALM}${rec('REC', '0x80010000', 0)}\nRMI_REALM_ACTIVATE RD`, machine);
    const { rmm, store } = machine;
    const row = (pa: number) => rmm.granules.row(pa);
    BREAKS[id]?.(Object.assign(rmm, { rd: row(RD), rtt3: row(RTT3), recRow: row(REC) }));
    const writes = store.pendingWrites;
    store.commit();
    expect(writes.length).toBeGreaterThan(0);
    expect(violations(rmm, writes).map(({ invariant }) => invariant.id)).toContain(id);
  });
});

test('recorded runs break none, looked at moment by moment', () => {
  const file = path.join(import.meta.dirname, '../conformance/fixtures/excerpt.jsonl');
  let moments = 0;
  for (const { calls } of sequencesOf(fs.readFileSync(file, 'utf8'), file)) {
    const machine = new Machine(STD1);
    const driver: Driver = new Map();
    for (const call of calls) perform(machine, driver, call);
    const { store, rmm } = machine;
    for (let moment = 1; moment <= store.reached; moment++, moments++) {
      store.seek(moment);
      expect(violations(rmm, store.writesOf(moment))).toEqual([]);
    }
  }
  expect(moments).toBeGreaterThan(1000);
});
