// The value of a number as it is written: decimal or `0x…`, `_` between digits, K M G T for powers of 1024.

/** The value, and the code of the problem it has if it has one. */
export interface NumberReading {
  readonly value: number | bigint;
  readonly problem: 'malformed' | 'too-big' | undefined;
}

const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const WELL_FORMED = /^(0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0|[1-9][0-9]*(?:_[0-9]+)*)([KMGT]?)$/;
const LONG_NUMBER = /^(?:0[xX][0-9a-fA-F_]+|[1-9][0-9_]*)[KMGT]?$/;
/** Length of the longest decimal number that is read without a regular expression. */
const SHORT = 9;
/** Hexadecimal digits whose value is always exact. */
const EXACT_DIGITS = 13;
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

/** The value of a few digits, decimal with or without a suffix or hexadecimal; -1 for anything else. */
function readShort(image: string): number {
  const { length } = image;
  if (image.charCodeAt(1) === 120 && image.charCodeAt(0) === 48) return readHex(image);
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

/** The value of `0x` and at most 13 digits with single `_` between them; -1 for anything else. */
function readHex(image: string): number {
  let value = 0;
  let digits = 0;
  let wasDigit = false;
  for (let i = 2; i < image.length; i++) {
    const code = image.charCodeAt(i);
    if (code === 95 && wasDigit) {
      wasDigit = false;
      continue;
    }
    const digit = hexDigit(code);
    if (digit < 0 || ++digits > EXACT_DIGITS) return -1;
    value = value * 16 + digit;
    wasDigit = true;
  }
  return wasDigit ? value : -1;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
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
