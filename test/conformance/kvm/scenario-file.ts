// The form of the scenarios for guest_memfd and KVM: named steps, and what must be seen at some of them.
import { InputError } from '../input.ts';

/** Integers that a double does not hold exactly are bigints. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface Step {
  /** From 1 on. */
  readonly n: number;
  /** `vmm`, `guest:c0`, `check`, … */
  readonly actor: string;
  readonly op: string;
  readonly args: JsonObject;
}

/** What must hold at a step: all keys that are there. */
export interface Expectation {
  readonly at: number;
  /** `ok` or `-ERRNO`. */
  readonly ret?: string;
  readonly value?: Json;
  readonly exit?: JsonObject;
  readonly signal?: string;
  readonly guest_exception?: string;
  readonly state?: JsonObject;
  /** Ordered subsequence of events; empty: no event at all. */
  readonly trace?: readonly string[];
}

export interface Case {
  readonly id: string;
  readonly title: string;
  /** Which kernel: `u6.18`, `p.inplace8`. */
  readonly profile: string;
  /** In words: `SNP`, `SW_PROTECTED, single backing`. */
  readonly platform: string;
  readonly steps: readonly Step[];
  readonly expect: readonly Expectation[];
}

/** Integers as they stand in the text. */
function exact(this: unknown, _key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? '';
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** The cases of a file; an InputError if it is none. */
export function casesOf(text: string, file: string): readonly Case[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, exact);
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message}`);
  }
  const scenarios = isObject(parsed) ? parsed.scenarios : undefined;
  if (!Array.isArray(scenarios)) throw new InputError(`${file}: a file of scenarios without "scenarios"`);
  return scenarios.map((one: unknown, i) => {
    if (isCase(one)) return one;
    throw new InputError(`${file}: scenario ${i + 1} lacks one of id, title, profile, steps and expect`);
  });
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isCase(one: unknown): one is Case {
  if (!isObject(one)) return false;
  const steps: unknown = one.steps;
  const expectations: unknown = one.expect;
  return (
    typeof one.id === 'string' &&
    typeof one.title === 'string' &&
    typeof one.profile === 'string' &&
    Array.isArray(steps) &&
    steps.every((step) => isObject(step) && typeof step.n === 'number' && typeof step.op === 'string') &&
    Array.isArray(expectations) &&
    expectations.every((expectation) => isObject(expectation) && typeof expectation.at === 'number')
  );
}
