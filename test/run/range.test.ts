// Statements over ranges, page by page.
import { expect, test } from 'vitest';
import { analyse, finish } from '../../server/src/features/analysis.ts';

test('a range that has no value for its next page does not shift the statement behind it', () => {
  // The length is asked of the realm that the first page destroys.
  const text = `scenario "a range that ends under its own statement"
let RD = 0x8800_0000
RMI_GRANULE_DELEGATE(RD)
RMI_GRANULE_DELEGATE(RD + 8K +: 8K)
RMI_REALM_CREATE(RD, {s2sz: 40, rtt_level_start: 1, rtt_num_start: 2, rtt_base: RD + 8K, vmid: 1})
RMI_REALM_DESTROY(RD +: (rtt_level(RD, 0) + 1) * 4K)
RMI_GRANULE_DELEGATE(RD + 128K +: 8K)
expect granule(RD + 128K +: 8K) is DELEGATED
`;
  const analysis = analyse('a.cocoscn', text, () => ({ problem: 'none' }));
  finish(analysis);
  expect(analysis.program.problems).toEqual([]);
  expect(analysis.run.problems.map(({ message }) => message)).toEqual([
    'rd is not a realm descriptor, or ipa is beyond its IPA space',
  ]);
});
