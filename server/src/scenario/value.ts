// Values of expressions, and arithmetic on them: exact integers of 64 bits, ranges, words.

/** `length` is in bytes, or in whatever `base` counts. */
export interface RangeValue {
  readonly base: number;
  readonly length: number;
}

/** An offset in a guest_memfd or a mapping, or with a length a range of it; `object` is the handle. Bytes. */
export interface PlaceValue {
  readonly object: number;
  readonly at: number;
  readonly length?: number;
}

/** Pages that need not be neighbours: what `pa` makes of a range of places. */
export interface PagesValue {
  readonly pages: readonly number[];
}

/** An expression that has no value here, and why. */
export interface Fault {
  readonly fault: string;
}

/** Integers are numbers while they are exact, bigints above. A state or digest is a string. */
export type Value = number | bigint | boolean | string | RangeValue | PlaceValue | PagesValue | Fault;

export const fault = (why: string): Fault => ({ fault: why });
export const isFault = (value: Value): value is Fault => typeof value === 'object' && 'fault' in value;
export const isRange = (value: Value): value is RangeValue => typeof value === 'object' && 'base' in value;
export const isPlace = (value: Value): value is PlaceValue => typeof value === 'object' && 'object' in value;
export const isPages = (value: Value): value is PagesValue => typeof value === 'object' && 'pages' in value;
export const isInteger = (value: Value): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

const MOST = 2n ** 64n;

/** As a number if that is exact. */
export const integer = (value: bigint): number | bigint =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;

/** As a number if that is exact; a fault beyond 64 bits. */
function exact(value: bigint): Value {
  if (value >= MOST || value <= -MOST) return fault('the result does not fit 64 bits');
  return integer(value);
}

export type Arithmetic = '+' | '-' | '*' | '/' | '&' | '|' | '<<' | '>>';

/** Integer arithmetic; division rounds towards zero. */
export function calculate(op: Arithmetic, a: number | bigint, b: number | bigint): Value {
  if (typeof a === 'number' && typeof b === 'number' && (op === '+' || op === '-' || op === '*')) {
    const result = op === '+' ? a + b : op === '-' ? a - b : a * b;
    if (Number.isSafeInteger(result)) return result;
  }
  return calculateWide(op, BigInt(a), BigInt(b));
}

function calculateWide(op: Arithmetic, a: bigint, b: bigint): Value {
  switch (op) {
    case '+':
      return exact(a + b);
    case '-':
      return exact(a - b);
    case '*':
      return exact(a * b);
    case '/':
      return b === 0n ? fault('division by zero') : exact(a / b);
    case '&':
      return exact(a & b);
    case '|':
      return exact(a | b);
    case '<<':
    case '>>':
      if (b < 0n || b > 63n) return fault('a shift is between 0 and 63');
      return exact(op === '<<' ? a << b : a >> b);
  }
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** Integers are compared by value, words for equality. */
export function compare(op: Comparison, a: Value, b: Value): Value {
  if (isInteger(a) && isInteger(b)) {
    // Both may be a mixture of number and bigint, which compare by value.
    if (op === '==') return BigInt(a) === BigInt(b);
    if (op === '!=') return BigInt(a) !== BigInt(b);
    return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b;
  }
  if (typeof a === 'string' && typeof b === 'string' && (op === '==' || op === '!='))
    return (a === b) === (op === '==');
  return fault(`${kindOf(a)} and ${kindOf(b)} cannot be compared with ${op}`);
}

export function kindOf(value: Value): string {
  if (isFault(value)) return 'nothing';
  if (isRange(value)) return 'a range';
  if (isPlace(value)) return 'a place';
  if (isPages(value)) return 'a list of pages';
  return { boolean: 'a truth value', string: 'a word' }[typeof value as string] ?? 'a number';
}

/** A base and a length as a range; above 2^53 only page-aligned numbers and the like are exact, which is enough for arguments. */
export function range(base: Value, length: Value): Value {
  if (isFault(base)) return base;
  if (isFault(length)) return length;
  if (!isInteger(base) || !isInteger(length)) return fault('both sides of a range are numbers');
  if (length < 0) return fault('the range ends before it begins');
  if (!isExact(base) || !isExact(length)) return fault('the range does not fit 53 bits');
  return { base: Number(base), length: Number(length) };
}

const isExact = (value: number | bigint) => BigInt(Number(value)) === BigInt(value);
