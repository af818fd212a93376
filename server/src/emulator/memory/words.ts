// 64-bit values in cells: numbers as they are up to 2^52, larger ones stored once and referred to by a negative number.

/** Values above this are referred to. It is also the largest magnitude that the store takes. */
const LARGEST = 2n ** 52n;

/** References are below this, so that small negative numbers stay free for results that are no value. */
const FIRST_REFERENCE = -(2 ** 40);

/** Equal values have equal numbers. Grows only; nothing in it depends on the moment. */
export class Words {
  private readonly wide: bigint[] = [];
  private readonly references = new Map<bigint, number>();

  /** The number that stands for a 64-bit value; a negative value is two's complement. */
  number(value: bigint): number {
    const word = BigInt.asUintN(64, value);
    if (word <= LARGEST) return Number(word);
    const known = this.references.get(word);
    if (known !== undefined) return known;
    const reference = FIRST_REFERENCE - this.wide.length;
    this.wide.push(word);
    this.references.set(word, reference);
    return reference;
  }

  /** The value that a number stands for. */
  value(number: number): bigint {
    return number >= 0 ? BigInt(number) : (this.wide[FIRST_REFERENCE - number] ?? BigInt.asUintN(64, BigInt(number)));
  }
}

/** Whether a number refers to a value too large to be one. */
export const isReference = (number: number): boolean => number <= FIRST_REFERENCE;
