// The emulator against recorded traces: a small excerpt always, all of them where they stand beside the checkout.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { conformance } from './command.ts';

const run = (...args: string[]) => {
  const lines: string[] = [];
  const status = conformance(args, (line) => lines.push(line));
  return { status, lines, last: lines.at(-1) };
};

const fixtures = path.join(import.meta.dirname, 'fixtures');
const excerpt = path.join(fixtures, 'excerpt.jsonl');

test('the excerpt of recorded sequences', () => {
  const sequences = fs.readFileSync(excerpt, 'utf8').trim().split('\n').length;
  expect(run(excerpt).lines.slice(1)).toEqual([`${sequences} passed, 0 failed`]);
});

const temporary = (name: string, text: string) => {
  const file = path.join(fs.mkdtempSync(path.join(process.env.TMPDIR ?? '/tmp', 'conformance-')), name);
  fs.writeFileSync(file, text);
  return file;
};

test('a record that the machine does not agree with is a failure with both values', () => {
  const calls = [
    { fn: 'granule_delegate', args: ['0x80000000'], status: 'RMI_SUCCESS' },
    { fn: 'granule_delegate', args: ['0x80000000'], status: 'RMI_SUCCESS' },
  ];
  const file = temporary('wrong.jsonl', JSON.stringify({ id: 'twice', setup: 'std1', calls }));
  expect(run(file)).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
  expect(run(file).lines[0]).toBe(
    [
      'FAILED twice, call 1: granule_delegate(0x80000000)',
      '  status',
      '    expected: RMI_SUCCESS',
      '    actual:   RMI_ERROR_INPUT',
    ].join('\n'),
  );
});

test('a call tagged as a quirk may agree with the specification instead', () => {
  const calls = [{ fn: 'granule_undelegate', args: ['0x80000000'], status: 'RMI_SUCCESS' }];
  const file = temporary('quirk.jsonl', JSON.stringify({ id: 'q', setup: 'std1', calls, quirks: [['made up', 0]] }));
  expect(run(file)).toMatchObject({ status: 0, last: '1 passed, 0 failed' });
});

test('input that cannot be used says so and exits with 2', () => {
  const broken = temporary('broken.jsonl', '{"id": "x", "setup": "std1", "calls": [');
  const other = temporary('other.json', '{"name": "something else"}');
  const setup = temporary('setup.jsonl', '{"id": "x", "setup": "std2", "calls": []}');
  expect(run(broken)).toMatchObject({ status: 2, last: expect.stringContaining(`${broken}:1: not a line of JSON`) });
  expect(run(other)).toMatchObject({ status: 2, last: expect.stringContaining('no sequence of calls') });
  expect(run(setup)).toMatchObject({ status: 2, last: expect.stringContaining('setup "std2" is not known') });
  expect(run('/nowhere')).toMatchObject({ status: 2, last: expect.stringContaining('/nowhere: ENOENT') });
  expect(run().status).toBe(2);
});

const recorded = path.resolve(import.meta.dirname, '../../../shared/conformance/rmm');

test('every recorded sequence (only where the traces stand beside the checkout)', { timeout: 120_000 }, (context) => {
  if (!fs.existsSync(recorded)) {
    context.skip(`the recorded traces are not beside this checkout: ${recorded}`);
    return;
  }
  const { last, lines } = run(recorded);
  expect(last, lines.slice(0, 5).join('\n')).toMatch(/^\d+ passed, 0 failed/);
});
