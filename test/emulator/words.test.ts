// 64-bit values come back from the numbers that stand for them, and equal values have equal numbers.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isReference, Words } from '../../server/src/emulator/memory/words.ts';

test('every 64-bit value comes back, and those up to 2^52 are themselves', () => {
  const words = new Words();
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      const number = words.number(value);
      expect(words.value(number)).toBe(value);
      expect(words.number(value)).toBe(number);
      expect(isReference(number)).toBe(value > 2n ** 52n);
      if (value <= 2n ** 52n) expect(number).toBe(Number(value));
    }),
  );
});

test('a negative value is two’s complement', () => {
  const words = new Words();
  expect(words.value(words.number(-1n))).toBe(0xffff_ffff_ffff_ffffn);
});
