// What a realm does while it runs and what its host sees of it: the lines, with what came of them behind `=`.
import { expect, test } from 'vitest';
import type { MachineOptions } from '../../server/src/emulator/index.ts';
import { REALM, rec, SMALL, transcriptAfter } from './script.ts';

const BEFORE = `${REALM}${rec('REC', '0x80010000', 0)}${rec('REC2', '0x80030000', 1, 0)}
RMI_RTT_INIT_RIPAS RD 0x1000 0x8000
RMI_REALM_ACTIVATE RD
`;
const TF: MachineOptions = { ...SMALL, rmm: 'rmm/1.0-tf' };

const same = (text: string, options?: MachineOptions) => {
  const lines = text.replace(/^\n/, '');
  expect(transcriptAfter(BEFORE, lines, options)).toBe(lines);
};

test('a page is faulted in on demand, and the access is made again', () =>
  same(`
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS SYNC esr:0x90000007 hpfar:0x10
  < write 0x1008 0x1234567890abcdef = RMI_EXIT_SYNC
RMI_DATA_CREATE_UNKNOWN RD DATA 0x1000 = RMI_SUCCESS
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS IRQ
  < write 0x1008 0x1234567890abcdef = 0x0
  < read 0x1000 = 0x0
`));

test('a page whose RIPAS is EMPTY is an abort in the realm, an instruction of the host never runs', () =>
  same(`
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS IRQ
  < read 0x0 = SEA
  < fetch 0x8000000000 = SEA
  < read 0x10000000000 = SEA
  < HVC = UNDEF
`));

test('a load at an unprotected address that the host emulates', () =>
  same(`
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS SYNC esr:0x91c08005 far:0x8 hpfar:0x80000000
  < read 0x8000000008 = RMI_EXIT_SYNC
RMI_REC_ENTER REC RUN {flags: 1, x0: 0x77} = RMI_SUCCESS IRQ
RMI_REC_ENTER REC RUN {flags: 1} = RMI_ERROR_REC rec_mmio
`));

test('inject_sea without such an abort is ignored by the specification and refused by TF-RMM', () => {
  same('RMI_REC_ENTER REC RUN {flags: 2} = RMI_SUCCESS IRQ\n');
  same('RMI_REC_ENTER REC RUN {flags: 2} = RMI_ERROR_REC inject_sea\n', TF);
});

test('a RIPAS change with partial progress, and a rejection', () =>
  same(`
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS RIPAS_CHANGE ripas_base:0x8000 ripas_top:0xa000 ripas_value:0x1
  < RSI_IPA_STATE_SET 0x8000 0xa000 1 0 = RMI_EXIT_RIPAS_CHANGE
RMI_RTT_SET_RIPAS RD REC 0x8000 0x9000 = RMI_SUCCESS 0x9000
RMI_REC_ENTER REC RUN {flags: 16} = RMI_SUCCESS IRQ
  < RSI_IPA_STATE_GET 0x8000 0xb000 = RSI_SUCCESS 0x9000 1
  < RSI_IPA_STATE_SET 0x8000 0x8000 1 0 = RSI_ERROR_INPUT size_valid
`));

test('a page that the host destroyed stays so unless the realm agrees to change it', () =>
  same(`
RMI_DATA_CREATE_UNKNOWN RD DATA 0x1000 = RMI_SUCCESS
RMI_DATA_DESTROY RD 0x1000 = RMI_SUCCESS 0x80006000 0x200000
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS RIPAS_CHANGE ripas_base:0x1000 ripas_top:0x2000 ripas_value:0x1
  < RSI_IPA_STATE_SET 0x1000 0x2000 1 0 = RMI_EXIT_RIPAS_CHANGE
RMI_RTT_SET_RIPAS RD REC 0x1000 0x2000 = RMI_ERROR_RTT(3) no_progress
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS RIPAS_CHANGE ripas_base:0x1000 ripas_top:0x2000 ripas_value:0x1
  < RSI_IPA_STATE_SET 0x1000 0x2000 1 1 = RMI_EXIT_RIPAS_CHANGE
RMI_RTT_SET_RIPAS RD REC 0x1000 0x2000 = RMI_SUCCESS 0x2000
`));

test('a host call, also when its page is not there at first', () =>
  same(`
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS SYNC esr:0x90000007 hpfar:0x10
  < RSI_HOST_CALL 0x1100 = RMI_EXIT_SYNC
RMI_DATA_CREATE_UNKNOWN RD DATA 0x1000 = RMI_SUCCESS
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS HOST_CALL
  < RSI_HOST_CALL 0x1100 = RMI_EXIT_HOST_CALL
RMI_REC_ENTER REC RUN {x0: 0x99} = RMI_SUCCESS IRQ
  < read 0x1108 = 0x99
`));

test('one REC turns another on', () =>
  same(`
RMI_REC_ENTER REC2 RUN {flags: 0} = RMI_ERROR_REC rec_runnable
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS PSCI x0:0xc4000003 x1:0x1
  < PSCI_CPU_ON 1 0x1000 0x55 = RMI_EXIT_PSCI
RMI_REC_ENTER REC RUN {flags: 0} = RMI_ERROR_REC rec_psci
RMI_PSCI_COMPLETE REC REC2 0 = RMI_SUCCESS
RMI_REC_ENTER REC2 RUN {flags: 0} = RMI_SUCCESS PSCI x0:0x84000002
  < PSCI_CPU_OFF = RMI_EXIT_PSCI
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS PSCI x0:0xc4000004 x1:0x1
  < PSCI_CPU_ON 0 0x1000 0 = PSCI_ALREADY_ON
  < PSCI_CPU_ON 7 0x1000 0 = PSCI_INVALID_PARAMETERS
  < PSCI_CPU_ON 1 0x8000000000 0 = PSCI_INVALID_ADDRESS
  < PSCI_AFFINITY_INFO 1 0 = RMI_EXIT_PSCI
RMI_PSCI_COMPLETE REC REC2 -3 = RMI_ERROR_INPUT status
RMI_PSCI_COMPLETE REC REC2 0 = RMI_SUCCESS
`));

test('the host calls from another PE while the REC runs', () =>
  same(`
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS IRQ
  < host RMI_REC_DESTROY REC = RMI_ERROR_REC rec_state
  < host RMI_REC_ENTER REC PARAMS = RMI_ERROR_REC rec_state
  < host RMI_DATA_CREATE_UNKNOWN RD DATA 0x1000 = RMI_SUCCESS
  < write 0x1000 5 = 0x0
  < host RMI_DATA_DESTROY RD 0x1000 = RMI_SUCCESS 0x80006000 0x200000
`));

test('a run page that is taken away while the REC runs is found out at the exit', () =>
  same(`
RMI_REC_ENTER REC RUN {flags: 0} = RMI_ERROR_INPUT
  < host RMI_GRANULE_DELEGATE RUN = RMI_SUCCESS
RMI_REC_ENTER REC RUN = RMI_ERROR_INPUT run_pas
RMI_GRANULE_UNDELEGATE RUN = RMI_SUCCESS
RMI_REC_ENTER REC RUN = RMI_SUCCESS IRQ
`));

test('a mapping whose page went to the realm world faults in the granule protection table', () =>
  same(
    `
RMI_RTT_MAP_UNPROTECTED RD 0x8000000000 1 0x800000d8 = RMI_SUCCESS
RMI_REC_ENTER REC RUN {flags: 0} = RMI_SUCCESS SYNC esr:0x91c080 far:0x10 hpfar:0x80f02
  < read 0x8000f02010 = 0x0
  < read 0x8000010000 = RMI_EXIT_SYNC
`.replace('esr:0x91c080 far:0x10 hpfar:0x80f02', 'esr:0x91c08028 hpfar:0x80000100'),
  ));

test('waiting exits only where the host asked for it', () =>
  same(`
RMI_REC_ENTER REC RUN {flags: 8} = RMI_SUCCESS SYNC esr:0x4000001
  < WFI = 0x0
  < WFE = RMI_EXIT_SYNC
`));

test('measurements are extended and read by the realm, and the REM is that of the first bytes of the value', () =>
  same(
    `
RMI_REC_ENTER REC RUN = RMI_SUCCESS IRQ
  < RSI_MEASUREMENT_EXTEND 1 65 = RSI_ERROR_INPUT size_bound
  < RSI_MEASUREMENT_EXTEND 0 8 = RSI_ERROR_INPUT index_bound
  < RSI_MEASUREMENT_EXTEND 1 32 0x0706050403020100 0x0f0e0d0c0b0a0908 0x1716151413121110 0x1f1e1d1c1b1a1918 = RSI_SUCCESS
  < RSI_VERSION 0x10000 = RSI_SUCCESS 0x10000 0x10000
  < RSI_FEATURES 5 = RSI_SUCCESS 0
  < SMC 0xc4000150 = 0xffffffffffffffff
`,
  ));

test('a realm that turned itself off is not entered again, and can be taken apart', () =>
  same(`
RMI_REC_ENTER REC RUN = RMI_SUCCESS PSCI x0:0x84000008
  < PSCI_SYSTEM_OFF = RMI_EXIT_PSCI
RMI_REC_ENTER REC RUN = RMI_ERROR_REALM(1) system_off
RMI_REC_DESTROY REC = RMI_SUCCESS
`));
