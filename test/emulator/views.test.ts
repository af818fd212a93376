// What the views answer: calls of the host on plain lines, questions behind `?`, what the realm does behind `<`.
import { expect, test } from 'vitest';
import { Machine, VIEWS } from '../../server/src/emulator/index.ts';
import { REALM, rec, SMALL, transcript } from './script.ts';

const REC1 = '0x80100000';
const REC2 = '0x80200000';
const BUILT = `${REALM}${rec('REC1', REC1, 0)}${rec('REC2', REC2, 1, 0)}`;

/** The questions with their answers. */
function answers(before: string, questions: string): string {
  const machine = new Machine(SMALL);
  transcript(before, machine);
  const answer = (question: string) => {
    const [name = '', ...args] = question.split(/ = .*$/)[0]?.split(' ') ?? [];
    const view = VIEWS.get(name);
    const found = view?.read(machine, args.map(Number));
    return `${name} ${args.join(' ')} = ${found ?? view?.absent}`;
  };
  return questions.replace(/^.+$/gm, answer);
}

const same = (before: string, questions: string) => expect(answers(before, questions)).toBe(questions);

test('a REC is asked whether it runs, may run, and waits for the host', () =>
  same(
    BUILT,
    `
rec ${REC1} = READY
runnable ${REC1} = yes
runnable ${REC2} = no
psci_pending ${REC1} = no
rec 0x80000000 = rec is not a REC
rec 0x1000 = rec is not a REC
`,
  ));

test('a REC that asks for another to be turned on waits, and no longer once the host has answered', () => {
  const asks = `${BUILT}
RMI_REALM_ACTIVATE RD
RMI_REC_ENTER REC1 RUN {}
< PSCI_CPU_ON 1 0x1000 7
`;
  same(asks, `\npsci_pending ${REC1} = yes\nrunnable ${REC2} = no\n`);
  same(`${asks}RMI_PSCI_COMPLETE REC1 REC2 0\n`, `\npsci_pending ${REC1} = no\nrunnable ${REC2} = yes\n`);
});

test('references are live entries of a table, RECs of a realm, the run of a REC', () => {
  const pages = `${BUILT}
RMI_DATA_CREATE_UNKNOWN RD DATA 0
`;
  same(
    pages,
    `
refcount 0x80000000 = 2
refcount 0x80002000 = 1
refcount 0x80003000 = 0
refcount 0x80004000 = 1
refcount 0x80005000 = 1
refcount 0x80006000 = 0
refcount ${REC1} = 0
refcount 0x1000 = addr is not delegable memory
`,
  );
  same(
    `${pages}RMI_DATA_DESTROY RD 0\nRMI_REC_DESTROY REC2\n`,
    '\nrefcount 0x80000000 = 1\nrefcount 0x80005000 = 0\nrefcount 0x80200000 = 0\n',
  );
});

test('an unprotected mapping is no reference', () =>
  same(
    `${REALM}
RMI_GRANULE_DELEGATE 0x80007000
RMI_GRANULE_DELEGATE 0x80008000
RMI_RTT_CREATE RD 0x80007000 0x8000000000 2
RMI_RTT_CREATE RD 0x80008000 0x8000000000 3
RMI_RTT_MAP_UNPROTECTED RD 0x8000000000 3 0x400000d8
`,
    '\nrefcount 0x80008000 = 0\nrefcount 0x80007000 = 1\n',
  ));

test('a REC that runs is held', () => {
  const machine = new Machine(SMALL);
  transcript(`${BUILT}RMI_REALM_ACTIVATE RD\n`, machine);
  const { rmm } = machine;
  rmm.recs.set(rmm.granules.row(Number(REC1)), 'running', 1);
  expect(VIEWS.get('refcount')?.read(machine, [Number(REC1)])).toBe(1);
  expect(VIEWS.get('rec')?.read(machine, [Number(REC1)])).toBe('RUNNING');
});

test('a measurement is zero, as long as a digest, until the realm extends it', () => {
  same(
    REALM,
    `\nrem 0x80000000 4 = ${'0'.repeat(64)}\nrem 0x80000000 0 = rd is not a realm descriptor, or index is not 1 to 4\n`,
  );
  same(REALM.replace('rtt_base: RTT1', 'rtt_base: RTT1, hash_algo: 1'), `\nrem 0x80000000 1 = ${'0'.repeat(128)}\n`);
  const extended = `${BUILT}
RMI_REALM_ACTIVATE RD
RMI_REC_ENTER REC1 RUN {}
< RSI_MEASUREMENT_EXTEND 1 32 0x0706050403020100 0x0f0e0d0c0b0a0908 0x1716151413121110 0x1f1e1d1c1b1a1918
`;
  same(
    extended,
    `
rem 0x80000000 1 = bb2275c49f28ad52cae6d55e34a974a58c7a3ba26f976e8ecbbe7a536918dc73
rem 0x80000000 2 = ${'0'.repeat(64)}
`,
  );
});

test('the cells of an answer say since when it is so', () => {
  const machine = new Machine(SMALL);
  transcript(BUILT, machine);
  for (const [name, args] of [
    ['rec', [Number(REC1)]],
    ['runnable', [Number(REC1)]],
    ['refcount', [0x8000_0000]],
    ['refcount', [0x8000_4000]],
    ['rem', [0x8000_0000, 1]],
  ] as const) {
    const cells = VIEWS.get(name)?.cells(machine, [...args]) ?? [];
    expect(cells.map((cell) => machine.store.lastWrite(cell, machine.store.now)).some((moment) => moment > 0)).toBe(
      true,
    );
  }
  expect(VIEWS.get('refcount')?.cells(machine, [0])).toEqual([]);
});

test('registers of a REC are those that the realm sees, exactly', () => {
  same(
    `${BUILT}
RMI_REALM_ACTIVATE RD
RMI_REC_ENTER REC1 RUN {}
< SMC 0xffffffffffffff00
< SMC 0xc4000198 0 0x1000
< HVC
`,
    `
gpr ${REC1} 0 = 0
gpr ${REC1} 1 = 4096
gpr ${REC1} 31 = rec is not a REC, or index is not 0 to 30
gpr 0x80000000 0 = rec is not a REC, or index is not 0 to 30
pc ${REC1} = 512
pc ${REC2} = 4096
esr_el1 ${REC1} = 33554432
`,
  );
  same(`${BUILT}RMI_REALM_ACTIVATE RD\nRMI_REC_ENTER REC1 RUN {}\n< SMC 1\n`, `\ngpr ${REC1} 0 = ${2n ** 64n - 1n}\n`);
});
