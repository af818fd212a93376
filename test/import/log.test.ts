// RMM logs as scenarios: what the log says, what it does not say, and what was chosen for that.
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isLog, scenarioOfLog } from '../../server/src/import/index.ts';
import { expectGolden } from '../golden.ts';
import { problemsIn } from './scenario.ts';

const BOOT = `[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x410fd0f0]
NOTICE:  Booting RMM v.0.5.0(release)
[    1.234567] SMC_RMI_VERSION               10000 > RMI_SUCCESS 10000 10000
SMC_RMI_GRANULE_DELEGATE      88300000 > RMI_SUCCESS
SMC_RMI_GRANULE_DELEGATE      88302000 > RMI_SUCCESS
SMC_RMI_GRANULE_DELEGATE      88303000 > RMI_SUCCESS
SMC_RMI_REALM_CREATE          88300000 88443000 > RMI_SUCCESS
SMC_RMI_GRANULE_DELEGATE      88401000 > RMI_SUCCESS
SMC_RMI_DATA_CREATE 88300000 88401000 0 88402000 1 > RMI_ERROR_RTT 1
INFO:    some other line
SMC_RMI_GRANULE_DELEGATE 88403000 > RMI_SUCCESS
SMC_RMI_RTT_CREATE 88300000 88403000 0 2 > RMI_SUCCESS
SMC_RMI_RTT_CREATE 88300000 88404000 0 3 > RMI_SUCCESS
SMC_RMI_RTT_INIT_RIPAS 88300000 0 2000 > RMI_SUCCESS 2000
SMC_RMI_DATA_CREATE 88300000 88401000 0 88402000 1 > RMI_SUCCESS
SMC_RMI_RTT_READ_ENTRY 88300000 0 3 > RMI_SUCCESS 3 1 88401000 1
SMC_RMI_REC_AUX_COUNT 88300000 > RMI_SUCCESS 10
SMC_RMI_REC_CREATE 88300000 88405000 88443000 > RMI_SUCCESS
SMC_RMI_REC_CREATE 88300000 88406000 88443000 > RMI_SUCCESS
SMC_RMI_REALM_ACTIVATE 88300000 > RMI_SUCCESS
SMC_RMI_REC_ENTER 88406000 88443000 > RMI_ERROR_REC
SMC_RMI_REC_ENTER 88405000 88443000 > RMI_SUCCESS
SMC_RMI_RTT_SET_RIPAS 88300000 88405000 0 1000 > RMI_SUCCESS 1000
SMC_RMI_REC_ENTER 88405000 88443000 > RMI_SUCCESS
SMC_RMI_PSCI_COMPLETE 88405000 88406000 0 > RMI_SUCCESS
SMC_RMI_REC_ENTER 88406000 88443000 > RMI_SUCCESS
SMC_RMI_RTT_DESTROY 88300000 0 3 > RMI_ERROR_RTT 3 0 0
SMC_RMI_RTT_DESTROY 88300000 200000 3 > RMI_ERROR_RTT 2 0 40000000
SMC_RMI_GRANULE_DELEGATE fffffffffffff000 > RMI_ERROR_INPUT
SMC_RMI_REALM_DESTROY 88300000 > RMI_ERROR_REALM
SMC_RMI_MEC_SET_SHARED 1 > RMI_SUCCESS
SMC_RMI_RTT_FOLD 88300000 0 > RMI_SUCCESS
`;

test('a log of a whole boot, with what it does not say', () => {
  const { text, ...told } = scenarioOfLog(BOOT, 'rmm.log');
  expect(told).toEqual({
    calls: 27,
    agreeing: 27,
    others: 3,
    unusable: [
      'line 31: RMI_MEC_SET_SHARED is no command of RMM 1.0',
      'line 32: RMI_RTT_FOLD takes 3 arguments, and the log has 2',
    ],
  });
  expect(problemsIn(text)).toEqual([]);
  expectGolden(path.join(import.meta.dirname, 'golden/rmm-log.cocoscn'), text);
});

const statements = (log: string) =>
  scenarioOfLog(log, 'a.log')
    .text.split('\n')
    .filter((line) => /^(RMI_|memory)/.test(line));

describe('what is chosen', () => {
  const realm = (life: string) =>
    statements(`SMC_RMI_REALM_CREATE 80000000 80001000 > RMI_SUCCESS\n${life}`).find((line) =>
      line.includes('REALM_CREATE'),
    );

  test.each([
    ['nothing known', '', 'RMI_REALM_CREATE(0x8000_0000, {rtt_num_start: 2, rtt_base: 0x8100_0000, vmid: 1})'],
    [
      'tables of level 1 are made',
      'SMC_RMI_RTT_CREATE 80000000 80004000 0 1 > RMI_SUCCESS',
      'RMI_REALM_CREATE(0x8000_0000, {s2sz: 48, rtt_level_start: 0, rtt_base: 0x8100_0000, vmid: 1})',
    ],
    [
      'a walk ends at level 2, an unprotected mapping has 34 bits',
      'SMC_RMI_DATA_CREATE_UNKNOWN 80000000 80004000 0 > RMI_ERROR_RTT 2\nSMC_RMI_RTT_MAP_UNPROTECTED 80000000 200000000 2 800000d8 > RMI_SUCCESS',
      'RMI_REALM_CREATE(0x8000_0000, {s2sz: 34, rtt_level_start: 2, rtt_num_start: 16, rtt_base: 0x8100_0000, vmid: 1})',
    ],
  ])('%s', (_what, life, expected) => {
    expect(realm(life)).toBe(expected);
  });

  test('the memory spans the granules of the log, and a part of the scenario’s own', () => {
    expect(statements('SMC_RMI_GRANULE_DELEGATE 884000000 > RMI_SUCCESS')[0]).toBe('memory   0x8_8400_0000 +: 32M');
    expect(() =>
      statements('SMC_RMI_GRANULE_DELEGATE 80000000 > RMI_SUCCESS\nSMC_RMI_GRANULE_DELEGATE 8880000000 > RMI_SUCCESS'),
    ).toThrow(/a scenario has at most 16G/);
  });
});

test('early releases: five arguments always, and another prefix', () => {
  const log = 'SMC_RMM_GRANULE_DELEGATE      88300000        0        0        0        0 > RMI_SUCCESS\r\n';
  expect(isLog(log)).toBe(true);
  expect(statements(log).at(-1)).toBe('RMI_GRANULE_DELEGATE(0x8830_0000)');
});

test('what is no log', () => {
  expect(isLog('INFO: RMI_SUCCESS\nSMC_RMI_ > x\n')).toBe(false);
  expect(isLog('')).toBe(false);
});
