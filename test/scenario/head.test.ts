// What the head of a file asks for and cannot have: it is reported, and the scenario runs on an ordinary machine.
import { expect, test } from 'vitest';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';

test.each([
  ['page 0', 'CCS604'],
  ['page 8K', 'CCS604'],
  ['page 6x4K', 'CCS111'],
  ['nodes 0', 'CCS604'],
  ['nodes 4x', 'CCS111'],
])('%s', (line, code) => {
  const text = `scenario "head"
model "linux/7.2"
${line}
m := mmap_anon(8K)
write(m[4K], 0x5a)
read(m[4K]) = 0x5a
`;
  const analysis = analyse('a.cocoscn', text, () => ({ problem: 'there is no such file' }));
  finish(analysis);
  expect(problemsOf(analysis).map((problem) => problem.code)).toEqual([code]);
  expect(analysis.run.machine.linux.pageSize).toBe(4096);
});
