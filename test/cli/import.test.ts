// `cocoscn import` from outside: where the scenario goes, what is told, and the exit status.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { cocoscn, folderWith, shell } from './process.ts';

vi.setConfig({ testTimeout: 60_000 });

const call = { fn: 'granule_delegate', args: ['0x80000000'], status: 'RMI_SUCCESS' };
const sequence = (id: string) => JSON.stringify({ id, setup: 'std1', calls: [call] });
const TWO = `${sequence('first-1')}\n${sequence('first/2')}\n`;
const LOG = 'boot\nSMC_RMI_GRANULE_DELEGATE 88300000 > RMI_SUCCESS\nSMC_RMI_VDEV_STOP 0 > RMI_SUCCESS\n';

const folder = folderWith({
  'two.jsonl.gz': gzipSync(TWO),
  'one.jsonl': sequence('first-1'),
  'rmm.log': LOG,
  'notes.txt': 'nothing of the kind\n',
  'cut.gz': gzipSync(TWO).subarray(0, 30),
  'taken/first-1.cocoscn/there': '',
});
afterAll(() => fs.rmSync(folder, { recursive: true }));
const run = (...args: string[]) => cocoscn(['import', ...args], { cwd: folder });

test('a sequence goes to standard output, and holds', () => {
  const { status, stdout, stderr } = run('--sequence', 'first/2', 'two.jsonl.gz');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('\nRMI_GRANULE_DELEGATE(0x8000_0000)\n');
  expect(shell('cocoscn import one.jsonl | cocoscn check -', folder)).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(shell('cat two.jsonl.gz | cocoscn import - --sequence first-1', folder)).toMatchObject({
    status: 0,
    stderr: '',
  });
});

test('all sequences go to a folder', () => {
  expect(run('--all', '-o', 'out/all', 'two.jsonl.gz')).toEqual({
    status: 0,
    stdout: '',
    stderr: 'cocoscn: 2 scenarios written to out/all\n',
  });
  expect(fs.readdirSync(path.join(folder, 'out/all'))).toEqual(['first-1.cocoscn', 'first_2.cocoscn']);
});

test('a log goes to a file, and what was left out is told', () => {
  expect(run('rmm.log', '-o', 'log.cocoscn')).toEqual({
    status: 0,
    stdout: '',
    stderr: [
      'cocoscn: rmm.log: left out line 3: RMI_VDEV_STOP is no command of RMM 1.0',
      'cocoscn: rmm.log: 1 call, of which the model answers 1 as the log does; 1 other line skipped',
      '',
    ].join('\n'),
  });
  expect(fs.readFileSync(path.join(folder, 'log.cocoscn'), 'utf8')).toContain('RMI_GRANULE_DELEGATE(0x8830_0000)');
});

describe('what cannot be imported is told, with status 2', () => {
  test.each([
    ['no such file', ['none.log'], 'cocoscn: none.log cannot be read: it does not exist\n'],
    ['a folder', ['.'], 'cocoscn: . cannot be read: it is a folder\n'],
    ['a damaged archive', ['cut.gz'], 'cocoscn: cut.gz cannot be read: unexpected end of file\n'],
    ['something else', ['notes.txt'], /^cocoscn: notes.txt is no recording that is known: neither an RMM log/],
    ['no sequence named', ['two.jsonl.gz'], /has 2 sequences; name one with --sequence: first-1, first\/2\n$/],
    [
      'a wrong name',
      ['two.jsonl.gz', '--sequence', 'first-3'],
      /has no sequence first-3; did you mean first-1 or first\/2\?\n$/,
    ],
    ['a sequence of a log', ['rmm.log', '--sequence', 'a'], /is an RMM log, which has no sequences\n$/],
    ['all without a folder', ['two.jsonl.gz', '--all'], /--all needs a folder for them, named with -o\n$/],
    [
      'a place where nothing can be written',
      ['one.jsonl', '-o', 'no/where'],
      /no\/where cannot be written: it does not exist\n$/,
    ],
    [
      'a place that is taken',
      ['one.jsonl', '--all', '-o', 'taken'],
      /first-1.cocoscn cannot be written: it is a folder\n$/,
    ],
  ] as const)('%s', (_what, args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });
});
