// The value of a number as it is written: decimal or `0x…`, `_` between digits, K M G T for powers of 1024.

/** The value, and the code of the problem it has if it has one. */
export interface NumberReading {
  readonly value: number | bigint;
  readonly problem: 'malformed' | 'too-big' | undefined;
}

const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const WELL_FORMED = /^(0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0|[1-9][0-9]*(?:_[0-9]+)*)([KMGT]?)$/;
const LONG_NUMBER = /^(?:0[xX][0-9a-fA-F_]+|[1-9][0-9_]*)[KMGT]?$/;
/** Length of the longest number that is read without a regular expression. */
const SHORT = 9;
/** Nothing longer can be a number of 64 bits, even with a `_` after every digit. */
const LONGEST = 60;

const SUFFIX_BITS: Readonly<Record<string, bigint>> = { K: 10n, M: 20n, G: 30n, T: 40n };

/** Reads a number. A number is exact: below 2^53 a `number`, above it a `bigint`, beyond 64 bits clamped to 2^64-1. */
export function readNumber(image: string): NumberReading {
  const short = readShort(image);
  if (short >= 0) return { value: short, problem: undefined };
  if (image.length > LONGEST) {
    return LONG_NUMBER.test(image) ? { value: MAX_U64, problem: 'too-big' } : { value: 0, problem: 'malformed' };
  }
  const [, digits, suffix] = WELL_FORMED.exec(image) ?? [];
  if (digits === undefined || suffix === undefined) return { value: 0, problem: 'malformed' };
  const value = BigInt(digits.replaceAll('_', '')) << (SUFFIX_BITS[suffix] ?? 0n);
  if (value > MAX_U64) return { value: MAX_U64, problem: 'too-big' };
  return { value: value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value, problem: undefined };
}

/** The value of a few plain decimal digits with or without a suffix, -1 for anything else. */
function readShort(image: string): number {
  const { length } = image;
  if (length > SHORT) return -1;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = image.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (i === length - 1 && i > 0) return suffixed(value, image.charCodeAt(i), image);
    else return -1;
  }
  return length > 1 && image.charCodeAt(0) === 48 ? -1 : value;
}

function suffixed(value: number, suffix: number, image: string): number {
  if (image.length > 2 && image.charCodeAt(0) === 48) return -1;
  switch (suffix) {
    case 75: // K
      return value * 2 ** 10;
    case 77: // M
      return value * 2 ** 20;
    case 71: // G
      return value <= 2 ** 22 ? value * 2 ** 30 : -1;
    default:
      return -1;
  }
}
