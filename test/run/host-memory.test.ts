// What the host does to its own memory, and to the firmware by number, in a scenario.
import { expect, test } from 'vitest';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';

function problems(lines: string): string[] {
  const analysis = analyse('a.cocoscn', `scenario "host"\n${lines}\n`, () => ({ problem: 'there is no such file' }));
  finish(analysis);
  return problemsOf(analysis).map(({ code, message }) => `${code} ${message}`);
}

test('a store keeps all 64 bits, and a load gives them back', () => {
  expect(
    problems(`write(0x8900_0000, 0xfedc_ba98_7654_3210)
read(0x8900_0000) = 0xfedc_ba98_7654_3210
write(0x8900_0008, 0xffff_ffff_ffff_ffff)
read(0x8900_0008) = 0xffff_ffff_ffff_ffff
read(0x8900_0000)`),
  ).toEqual([]);
});

test('memset fills a page, or each page of a range', () => {
  expect(
    problems(`memset(0x8900_0000 +: 8K, 0x15a)
read(0x8900_1ff8) = 0x5a5a_5a5a_5a5a_5a5a
memset(0x8900_0008, 0) = SIGBUS
RMI_GRANULE_DELEGATE(0x8900_0000)
memset(0x8900_0000, 0) = GPF
memset(0x1000, 0) = SIGBUS`),
  ).toEqual([]);
});

test('the host calls the RMM by number', () => {
  expect(
    problems(`SMC(0xc400_0151, 0x8900_0000)
expect granule(0x8900_0000) is DELEGATED
SMC(0xc400_0151, 0x8900_0000) = 1
SMC(0xc400_0156) = 0xffff_ffff_ffff_ffff`),
  ).toEqual([]);
});

/** A realm with one REC that may run and a table for the 2M at 0; nothing is mapped. */
const REALM = `RMI_GRANULE_DELEGATE(0x8800_0000 +: 128K)
RMI_REALM_CREATE(0x8800_0000, {s2sz: 40, rtt_num_start: 2, rtt_base: 0x8800_2000, vmid: 1})
RMI_RTT_CREATE(0x8800_0000, 0x8800_4000, 0, 2)
RMI_RTT_CREATE(0x8800_0000, 0x8800_5000, 0, 3)
RMI_RTT_INIT_RIPAS(0x8800_0000, 0, 8K)
RMI_REC_CREATE(0x8800_0000, 0x8800_6000, {flags: runnable, aux: 0x8800_8000})
RMI_REALM_ACTIVATE(0x8800_0000)
RMI_REC_ENTER(0x8800_6000, {flags: 0}) = RMI_SUCCESS {exit_reason: RMI_EXIT_SYNC}
  < read(0) = RMI_EXIT_SYNC
`;

test('what an exit interrupted is done again, unless the realm takes a virtual interrupt first', () => {
  expect(problems(`${REALM}RMI_REC_ENTER(0x8800_6000, {flags: 0}) = RMI_SUCCESS {exit_reason: RMI_EXIT_SYNC}`)).toEqual(
    [],
  );
  expect(
    problems(`${REALM}RMI_REC_ENTER(0x8800_6000, {flags: 0}) = RMI_SUCCESS {exit_reason: RMI_EXIT_HOST_CALL}
  < VIRQ()
  < RSI_VERSION(0x1_0000) = RSI_SUCCESS
  < read(4K) = RMI_EXIT_SYNC`),
  ).toEqual(['CCS302 RMI_REC_ENTER gave exit_reason = 0x0']);
});
