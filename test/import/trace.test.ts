// Recorded sequences as scenarios: what they say, that they hold, and that a wrong record shows.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ImportError, type Sequence, scenarioOf, sequenceNamed, sequencesOf } from '../../server/src/import/index.ts';
import { expectGolden } from '../golden.ts';
import { problemsIn } from './scenario.ts';

const excerpt = fs.readFileSync(path.join(import.meta.dirname, '../conformance/fixtures/excerpt.jsonl'), 'utf8');
const golden = (name: string) => path.join(import.meta.dirname, 'golden', name);

type Calls = Sequence['calls'];
const sequence = (calls: Calls, more: Partial<Sequence> = {}): Sequence => ({
  id: 'one',
  setup: 'std1',
  calls,
  ...more,
});
/** The statements of a scenario, without its header. */
const body = (calls: Calls, more: Partial<Sequence> = {}) =>
  scenarioOf(sequence(calls, more), 'a.jsonl').split('\n').slice(6, -1);

test.each([...sequencesOf(excerpt)].map((one) => [one.id, one] as const))('%s holds as a scenario', (_id, one) => {
  expect(problemsIn(scenarioOf(one, 'excerpt.jsonl'))).toEqual([]);
});

/** A realm with two RECs, the second one off; a table for the 2M at 0; nothing mapped; the first two pages are RAM. */
const REALM: Calls = [
  { fn: 'range_delegate', args: ['0x80000000', '0x18'], status: 'RMI_SUCCESS', ok: 24 },
  { fn: 'range_delegate', args: ['0x80100000', '0x20'], status: 'RMI_SUCCESS', ok: 32 },
  {
    fn: 'realm_create',
    args: ['0x80000000', '0x80f00000'],
    params: { num: '2', rtt_base: '0x80002000', vmid: '1', rpv: '7' },
    status: 'RMI_SUCCESS',
  },
  { fn: 'rtt_create', args: ['0x80000000', '0x80004000', '0x0', '0x2'], status: 'RMI_SUCCESS' },
  { fn: 'rtt_create', args: ['0x80000000', '0x80005000', '0x0', '0x3'], status: 'RMI_SUCCESS' },
  { fn: 'rtt_init_ripas', args: ['0x80000000', '0x0', '0x2000'], status: 'RMI_SUCCESS', out: ['0x2000'] },
  {
    fn: 'data_create',
    args: ['0x80000000', '0x80006000', '0x0', '0x80f01000', '0x1'],
    params: { fill: '165' },
    status: 'RMI_SUCCESS',
  },
  {
    fn: 'rec_create',
    args: ['0x80000000', '0x80008000', '0x80f00000'],
    params: { flags: '1', aux: '@0x80100000', x7: '0xfedcba9876543210' },
    status: 'RMI_SUCCESS',
  },
  {
    fn: 'rec_create',
    args: ['0x80000000', '0x80009000', '0x80f00000'],
    params: { mpidr: '1', aux: '@0x80110000' },
    status: 'RMI_SUCCESS',
  },
  { fn: 'realm_activate', args: ['0x80000000'], status: 'RMI_SUCCESS' },
];

const enter = (guest_in: string, more: Partial<Calls[number]>): Calls[number] => ({
  fn: 'rec_enter',
  args: ['0x80008000', '0x80f02000'],
  params: { flags: '0' },
  guest_in,
  status: 'RMI_SUCCESS',
  ...more,
});

const SYNC = { reason: 'SYNC', esr: '0x9180800f', hpfar: '0x10' };

const STORY: Calls = [
  ...REALM,
  enter('load 0x0; store 0x8 0xfedcba9876543210; load 0x8; load 0x1000; wfi', {
    guest: [{ op: 'load', val: '0xa5a5a5a5a5a5a5a5' }, { op: 'store' }, { op: 'load', val: '0xfedcba9876543210' }],
    guest_left: 1,
    exit: { reason: 'SYNC', esr: '0x90000007', hpfar: '0x10' },
  }),
  enter('rsi_version 0x10000; host rec_destroy 0x80008000; host_call 0x100 0x77 0x11', {
    label: 'went on elsewhere',
    guest: [
      { when: 'resume', op: 'load 0x1000' },
      { op: 'rsi_version', x: ['0x0', '0x10000', '0x10000', '0x0'] },
      { op: 'host', call: { fn: 'rec_destroy', args: ['0x80008000'], status: 'RMI_ERROR_REC' } },
    ],
    exit: { reason: 'HOST_CALL', imm: 0x77, gprs: ['0x11'] },
  }),
  enter('load 0x1000', {
    guest: [{ when: 'resume', op: 'host_call 0x100', x: ['0x0', '0x100', '0x0', '0x0'] }],
    exit: { reason: 'SYNC', esr: '0x90000007', hpfar: '0x10' },
  }),
  enter('load 0x1000; hvc', {
    guest: [{ when: 'resume', op: 'load 0x1000' }],
    guest_left: 1,
    exit: { reason: 'SYNC', esr: '0x90000007', hpfar: '0x10' },
  }),
  {
    fn: 'dbg_dump',
    granules: [
      ['0x80000000', 'RD', 2],
      ['0x80001000', 'DELEGATED', 0],
      ...['0x80002000', '0x80003000', '0x80004000', '0x80005000'].map((at) => [at, 'RTT', 0] as const),
      ['0x80006000', 'DATA', 0],
      ['0x80007000', 'DELEGATED', 0],
      ['0x80008000', 'REC', 0],
      ['0x80009000', 'REC', 0],
      ...Array.from({ length: 14 }, (_, i) => [`0x${(0x8000_a000 + 4096 * i).toString(16)}`, 'DELEGATED', 0] as const),
      ...Array.from({ length: 32 }, (_, i) => [`0x${(0x8010_0000 + 4096 * i).toString(16)}`, 'REC_AUX', 0] as const),
    ],
  },
  { fn: 'dbg_rd', rd: '0x80000000', state: 'ACTIVE' },
  { fn: 'dbg_rec', rec: '0x80009000', runnable: 0, psci_pending: 0 },
];

test('a whole story, line by line', () => {
  const text = scenarioOf(sequence(STORY), 'story.jsonl');
  expect(problemsIn(text)).toEqual([]);
  expectGolden(golden('story.cocoscn'), text);
});

describe('a record that the machine does not agree with is a problem of the scenario', () => {
  const wrong = (change: (call: Calls[number]) => Calls[number]) =>
    problemsIn(scenarioOf(sequence(STORY.map(change)), 'a.jsonl')).map(
      (text) => text.replace(/^.*?: error /, '').split('\n')[0],
    );
  const at = (index: number, changed: Partial<Calls[number]>) =>
    wrong((call) => (call === STORY[index] ? { ...call, ...changed } : call));

  test.each([
    ['a status', 9, { status: 'RMI_ERROR_REALM' }, 'CCS301: RMI_REALM_ACTIVATE returned RMI_SUCCESS'],
    ['an output', 5, { out: ['0x1000'] }, 'CCS302: RMI_RTT_INIT_RIPAS gave out_top = 0x2000'],
    ['an exit', 12, { exit: SYNC }, 'CCS302: RMI_REC_ENTER gave esr = 0x9000_0007'],
    ['the state of a REC', 16, { runnable: 1 }, 'CCS401: runnable(0x8000_9000) is no, not yes'],
    ['the state of a realm', 15, { state: 'NEW' }, 'CCS401: realm(0x8000_0000) is ACTIVE, not NEW'],
    ['a measurement', 15, { rim: 'ff' }, 'CCS401: rim(0x8000_0000) == "ff" does not hold'],
    ['granules', 14, { granules: [] }, 'CCS401: granule(0x8000_0000 +: 16M) is RD at 0x8000_0000, not UNDELEGATED'],
  ] as const)('%s', (_what, index, changed, problem) => {
    expect(at(index, changed as Partial<Calls[number]>)).toContain(problem);
  });

  test('what the realm saw', () => {
    const [, entry] = [0, STORY[10]];
    const guest = entry?.guest?.map((record) => (record.val === undefined ? record : { ...record, val: '0x1' })) ?? [];
    expect(at(10, { guest })).toContain('CCS301: read returned 0xa5a5_a5a5_a5a5_a5a5');
  });
});

describe('parameters', () => {
  const create = {
    fn: 'realm_create',
    args: ['0x80000000', '0x80f00000'],
    params: { s2sz: '32', sl: '2', num: '4', rtt_base: '0x80004000', vmid: '65535', algo: '1' },
    status: 'RMI_ERROR_INPUT',
  };

  test('are a record where nothing else looks at their page', () => {
    expect(body([create])).toEqual([
      'RMI_REALM_CREATE(0x8000_0000, {s2sz: 32, rtt_level_start: 2, rtt_num_start: 4, rtt_base: 0x8000_4000, vmid: 65535, hash_algo: RMI_HASH_SHA_512}) = RMI_ERROR_INPUT',
    ]);
  });

  test('are stored in their page where something does', () => {
    const later = { fn: 'granule_delegate', args: ['0x80f00000'], status: 'RMI_SUCCESS' };
    const lines = body([create, later]);
    expect(lines).toEqual([
      'write(0x80f0_0008, 0x20)               // s2sz',
      'write(0x80f0_0018, 1)                  // num_bps',
      'write(0x80f0_0020, 1)                  // num_wps',
      'write(0x80f0_0030, 1)                  // hash_algo',
      'write(0x80f0_0800, 0xffff)             // vmid',
      'write(0x80f0_0808, 0x8000_4000)        // rtt_base',
      'write(0x80f0_0810, 2)                  // rtt_level_start',
      'write(0x80f0_0818, 4)                  // rtt_num_start',
      'RMI_REALM_CREATE(0x8000_0000, 0x80f0_0000)               = RMI_ERROR_INPUT',
      'RMI_GRANULE_DELEGATE(0x80f0_0000)',
    ]);
    expect(problemsIn(scenarioOf(sequence([create, later]), 'a.jsonl'))).toEqual([]);
  });

  test('are not written where the page is not the host’s', () => {
    const bad = { ...create, args: ['0x80000000', '0x81000000'] };
    expect(body([bad])).toEqual([
      '// the host could not write its parameters: the page is not its own',
      'RMI_REALM_CREATE(0x8000_0000, 0x8100_0000)               = RMI_ERROR_INPUT',
    ]);
  });

  test('a list register and scattered auxiliary granules are stored word by word', () => {
    const aux = Array.from({ length: 16 }, (_, i) => `0x${(0x8000_0000 + 8192 * i).toString(16)}`).join(',');
    const args = ['0x80000000', '0x80001000', '0x80f00000'];
    const lines = body([
      { fn: 'rec_create', args, params: { aux }, status: 'RMI_ERROR_INPUT' },
      { fn: 'rec_enter', args: args.slice(1), params: { lr15: '0x4000000000000020' }, status: 'RMI_ERROR_INPUT' },
    ]);
    expect(lines).toContain('write(0x80f0_0810, 0x8000_2000)');
    expect(lines).toContain('write(0x80f0_0380, 0x4000_0000_0000_0020)');
    expect(lines.at(-1)).toBe('RMI_REC_ENTER(0x8000_1000, 0x80f0_0000)                  = RMI_ERROR_INPUT');
  });
});

test('a REC that another PE enters meanwhile goes through at once', () => {
  const both = REALM.map((call) =>
    call.params?.mpidr === undefined ? call : { ...call, params: { ...call.params, flags: '1' } },
  );
  const nested = { fn: 'rec_enter', args: ['0x80009000', '0x80f02000'], status: 'RMI_SUCCESS' };
  const again = enter('host rec_enter 0x80009000 0x80f02000; rsi_features 0', {
    guest: [
      { op: 'host', call: nested },
      { op: 'rsi_features', x: ['0x0', '0x0'] },
    ],
    exit: { reason: 'IRQ' },
  });
  expect(body([...both, again]).slice(-3)).toEqual([
    'RMI_REC_ENTER(0x8000_8000, {flags: 0})                   = RMI_SUCCESS {exit_reason: RMI_EXIT_IRQ}',
    '  > RMI_REC_ENTER(0x8000_9000, {flags: 0})',
    '  < RSI_FEATURES(0)                                      = RSI_SUCCESS {value: 0}',
  ]);
  expect(problemsIn(scenarioOf(sequence([...both, again]), 'a.jsonl'))).toEqual([]);
});

test('macros are one statement over a range, and the call that failed', () => {
  expect(
    body([
      { fn: 'range_delegate', args: ['0x80000000', '0x3'], status: 'RMI_SUCCESS', ok: 3 },
      { fn: 'range_delegate', args: ['0x80fff000', '0x3'], status: 'RMI_ERROR_INPUT', ok: 1 },
    ]),
  ).toEqual([
    'RMI_GRANULE_DELEGATE(0x8000_0000 +: 12K)',
    'RMI_GRANULE_DELEGATE(0x80ff_f000)',
    'RMI_GRANULE_DELEGATE(0x8100_0000)                        = RMI_ERROR_INPUT',
  ]);
});

test('wide values, calls by number and fills', () => {
  const calls: Calls = [
    { fn: 'granule_delegate', args: ['0xfffffffffffff000'], status: 'RMI_ERROR_INPUT' },
    { fn: 'features', args: ['-1'], status: 'RMI_SUCCESS', out: ['0x0'] },
    { fn: 'raw', args: ['0xc4000156', '0x0', '0x0', '0x0', '0x0', '0x0'], ret: '0xffffffffffffffff' },
    { fn: 'ns_fill', args: ['0x80f00000', '0x5a'] },
    { fn: 'rtt_create', args: ['0x0', '0x0', '0x0', '0xffffffffffffffff'], status: 'RMI_ERROR_INPUT' },
  ];
  expect(body(calls)).toEqual([
    'RMI_GRANULE_DELEGATE(0xffff_ffff_ffff_f000)              = RMI_ERROR_INPUT',
    'RMI_FEATURES(0xffff_ffff_ffff_ffff)                      = RMI_SUCCESS {value: 0}',
    'SMC(0xc400_0156)                                         = 0xffff_ffff_ffff_ffff',
    'memset(0x80f0_0000, 0x5a)',
    'RMI_RTT_CREATE(0x0, 0x0, 0x0, -1)                        = RMI_ERROR_INPUT',
  ]);
  expect(problemsIn(scenarioOf(sequence(calls), 'a.jsonl'))).toEqual([]);
});

test('a quirk that the model does not share takes the model’s answer, and says what was recorded', () => {
  const calls: Calls = [{ fn: 'granule_undelegate', args: ['0x80000000'], status: 'RMI_SUCCESS' }];
  expect(body(calls, { quirks: [['made_up', 0]], crash_call: 'rtt_fold 1' })).toEqual([
    '// The recorded RMM is known to deviate here: made_up',
    '// recorded: RMI_SUCCESS',
    'RMI_GRANULE_UNDELEGATE(0x8000_0000)                      = RMI_ERROR_INPUT',
    '// The recorded RMM ended in this call: rtt_fold 1',
  ]);
});

test('labels and names cannot break out of their line', () => {
  const calls: Calls = [{ fn: 'granule_delegate', args: ['0x80000000'], status: 'RMI_SUCCESS', label: 'a\nRMI_X()' }];
  const text = scenarioOf({ id: 'x"\n\\y', setup: 'std1', calls }, 'b\n.jsonl');
  expect(problemsIn(text)).toEqual([]);
});

describe('input that cannot be imported', () => {
  const problem = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return error instanceof ImportError ? error.message : error;
    }
    return 'none';
  };
  const two = ['{"id":"one-1","setup":"std1","calls":[]}', '{"id":"one-2","setup":"std1","calls":[]}'].join('\n');

  test.each([
    ['no name', () => sequenceNamed(two, undefined), 'has 2 sequences; name one with --sequence: one-1, one-2'],
    [
      'a name that is not there',
      () => sequenceNamed(two, 'one-3'),
      'has no sequence one-3; did you mean one-1 or one-2?',
    ],
    ['a part of a name', () => sequenceNamed(two, '-2'), 'has no sequence -2; did you mean one-2?'],
    ['nothing', () => sequenceNamed('\n', undefined), 'has no sequences'],
    ['another form', () => sequenceNamed('{"a": 1}', undefined), /^is no trace: line 1 is no recorded sequence/],
    ['a broken line', () => sequenceNamed(`${two}\n{`, 'one-1'), /^is no trace: line 3 is not JSON/],
    ['a setup', () => sequenceNamed('{"id":"a","setup":"std2","calls":[]}', 'a'), /line 1 has the setup "std2"/],
    ['a call', () => body([{ fn: 'rtt_frobnicate', args: [] }]), /calls "rtt_frobnicate", which is not known/],
    [
      'an output that is no number',
      () => body([{ fn: 'rec_aux_count', args: ['0x0'], status: 'RMI_SUCCESS', out: ['many'] }]),
      /^is no trace: in sequence one, .*many/,
    ],
    ['an action', () => body([...REALM, enter('jump 1', {})]), 'the realm\'s operation "jump" is not known'],
    [
      'an argument',
      () => [...sequencesOf('{"id":"a","setup":"std1","calls":[{"fn":"version","args":["x"]}]}')],
      /no recorded/,
    ],
  ])('%s', (_what, work, message) => {
    expect(problem(work)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });
});
