// The fixed points of the language without actors run as they are printed, and they notice when one of their lines is wrong.
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileResolver } from '../../server/src/edge/files.ts';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { problemText } from '../../server/src/report/text.ts';
import { fixture } from '../grammar/fixtures.ts';

const samples = path.join(import.meta.dirname, '../../samples');

/** What `cocoscn check` prints of a scenario in the folder of the samples. */
function check(name: string, text: string): string[] {
  const analysis = analyse(`${name}.cocoscn`, text, fileResolver(samples));
  finish(analysis);
  return problemsOf(analysis).map((problem) => problemText(problem));
}

describe.each([
  ['cca-populate', []],
  [
    'in-place-conversion',
    [
      'in-place-conversion.cocoscn:3:24: warning CCS602: platform snp has no rules yet; this runs on sw-protected alone',
    ],
  ],
  ['unwind-leak', []],
  ['firmware-calls', []],
])('%s', (name, told) => {
  test('runs as it is printed', () => {
    expect(check(name, fixture(`${name}.cocoscn`))).toEqual(told);
  });
});

test.each([
  ['cca-populate', '0x14000000\n  < write', '0x15000000\n  < write'],
  ['cca-populate', 'pa(gm[4K])) is DATA', 'pa(gm[8K])) is DATA'],
  ['in-place-conversion', '{error_offset: 8K}', '{error_offset: 12K}'],
  ['unwind-leak', 'UNDELEGATE nth 6 ', 'UNDELEGATE nth 5 '],
  ['unwind-leak', 'GPA + 36K, *) ', 'GPA + 32K, *) '],
  ['firmware-calls', 'RMI_ERROR_RTT(1)', 'RMI_ERROR_RTT(2)'],
])('%s with "%s" as "%s" does not hold', (name, right, wrong) => {
  const text = fixture(`${name}.cocoscn`);
  const changed = text.replace(right, wrong);
  expect(changed).not.toBe(text);
  expect(check(name, changed).filter((problem) => problem.includes(': error '))).not.toEqual([]);
});
