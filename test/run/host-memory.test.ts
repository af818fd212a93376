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
