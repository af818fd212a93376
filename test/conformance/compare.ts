// The first difference between what was recorded and what the machine answered.
import type { CallRecord, CallResult } from './trace.ts';

export interface Difference {
  /** Which field: `status`, `out[1]`, `guest[3].x[0]`, `granule 0x80001000`. */
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

const FIELDS = [
  'status',
  'index',
  'ok',
  'ret',
  'params_written',
  'out',
  'guest',
  'exit',
  'in_flight',
  'guest_left',
  'granules',
  'state',
  'rec_count',
  'rim',
  'rem',
] as const satisfies readonly (keyof CallResult)[];

/** `undefined` where they agree. Outputs recorded as null are not valid and agree with anything. */
export function firstDifference(expected: CallRecord, actual: CallResult): Difference | undefined {
  if (expected.fn === 'dbg_rec' || expected.fn === 'dbg_granule') return undefined;
  for (const field of FIELDS) {
    const found = field === 'granules' ? granules(expected, actual) : compare(field, expected[field], actual[field]);
    if (found) return found;
  }
  return undefined;
}

const text = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none'));

function compare(what: string, expected: unknown, actual: unknown): Difference | undefined {
  if (expected === null || expected === actual || sameNumber(expected, actual)) return undefined;
  if (Array.isArray(expected) && Array.isArray(actual)) return compareLists(what, expected, actual);
  if (isCallOfHost(expected) && isCallOfHost(actual)) {
    const inner = firstDifference(expected, actual);
    return inner && { ...inner, what: `${what}.${inner.what}` };
  }
  if (isObject(expected) && isObject(actual)) return compareObjects(what, expected, actual);
  return { what, expected: text(expected), actual: text(actual) };
}

function compareLists(what: string, expected: unknown[], actual: unknown[]): Difference | undefined {
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const found = compare(`${what}[${i}]`, expected[i], actual[i]);
    if (found) return found;
  }
  return undefined;
}

function compareObjects(
  what: string,
  expected: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
): Difference | undefined {
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const found = compare(`${what}.${key}`, expected[key], actual[key]);
    if (found) return found;
  }
  return undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCallOfHost = (value: unknown): value is CallRecord => isObject(value) && typeof value.fn === 'string';

/** Numbers are written as decimal or hexadecimal text, or as they are. */
function sameNumber(expected: unknown, actual: unknown): boolean {
  const number = /^(0x[0-9a-f]+|\d+)$/i;
  if (!number.test(`${expected}`) || !number.test(`${actual}`)) return false;
  return BigInt(`${expected}`) === BigInt(`${actual}`);
}

/** Address and state; reference counts are the recorded RMM's own. */
function granules(expected: CallResult, actual: CallResult): Difference | undefined {
  if (!expected.granules) return undefined;
  const states = new Map(actual.granules?.map(([address, state]) => [address, state]));
  for (const [address, state] of expected.granules) {
    const found = states.get(address) ?? 'UNDELEGATED';
    if (found !== state) return { what: `granule ${address}`, expected: state, actual: found };
    states.delete(address);
  }
  const [more] = states;
  return more && { what: `granule ${more[0]}`, expected: 'UNDELEGATED', actual: more[1] };
}
