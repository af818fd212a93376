// From a value as written to a register of a command. Below the edges every register is a number below 2^53.
import type { ValueType } from './definition.ts';
import type { Words } from './memory/words.ts';

/** No address is as high as this: the machine's addresses have 48 bits. */
export const OUT_OF_RANGE: number = 2 ** 52;
/** Low bits that are kept of a value that is out of range, so that alignment is still judged rightly (up to 512 GiB). */
const KEPT_BITS = 40;
/** Behind the values that are out of range because they are negative; what is too high otherwise comes after them. */
export const NEGATIVE_END: number = OUT_OF_RANGE + 2 ** KEPT_BITS;

/**
 * A 64-bit value (negative values are two's complement) as a number. One that no double holds exactly is out of range for
 * every command; it becomes a number above every address with the same low 40 bits, and with its sign. A level is signed. A
 * word is kept exactly, as a number of the machine's `words`.
 */
export function toRegister(value: number | bigint, type: ValueType, words?: Words): number {
  if (type === 'word' && words) return words.number(BigInt(value));
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  if (type === 'level') return Number(BigInt.asIntN(64, BigInt(value)));
  const wide = BigInt.asUintN(64, BigInt(value));
  if (wide <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(wide);
  const isNegative = BigInt.asIntN(64, wide) < 0n;
  return (isNegative ? OUT_OF_RANGE : NEGATIVE_END) + Number(BigInt.asUintN(KEPT_BITS, wide));
}
