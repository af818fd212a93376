// The form of a recorded trace: one sequence of calls a line, as an RMM answered them.
import { InputError } from './input.ts';

/** What happened to one operation of the realm, as far as the guest sees it. */
export interface GuestRecord {
  readonly op?: string;
  /** `resume`: the outcome of the operation that ended the last entry. */
  readonly when?: 'resume';
  readonly x?: readonly string[];
  readonly pc_delta?: number;
  readonly val?: string;
  readonly x5?: string;
  readonly ok?: number;
  readonly injected?: string;
  readonly esr_el1?: string;
  readonly call?: CallRecord;
}

/** Fields of an exit; those that are zero are left out. */
export type ExitRecord = Readonly<Record<string, string | number | readonly string[]>>;

/** What a call gave. Absent fields are not compared. */
export interface CallResult {
  readonly status?: string;
  /** Absent for 0. */
  readonly index?: number;
  readonly out?: readonly (string | null)[];
  /** Calls of a macro that succeeded. */
  readonly ok?: number;
  /** X0 of a `raw` call. */
  readonly ret?: string;
  /** 0 where the parameters could not be written because the page is not the host's. */
  readonly params_written?: number;
  readonly guest?: readonly GuestRecord[];
  readonly guest_left?: number;
  readonly in_flight?: string;
  readonly exit?: ExitRecord;
  /** Address, state and reference count of the granules that are not the host's. */
  readonly granules?: readonly (readonly [string, string, number])[];
  readonly state?: string;
  readonly rec_count?: number;
  readonly rim?: string;
  readonly rem?: readonly string[];
}

export interface CallRecord extends CallResult {
  readonly fn: string;
  readonly args?: readonly string[];
  readonly params?: Readonly<Record<string, string | number>>;
  readonly guest_in?: string;
  readonly rd?: string;
}

export interface Sequence {
  readonly id: string;
  readonly setup: string;
  readonly calls: readonly CallRecord[];
  /** Calls where the recorded RMM is known to deviate: name and index of the call. */
  readonly quirks?: readonly (readonly [string, number])[];
}

/** Reads the lines of a file, one at a time. */
export function* sequencesOf(text: string, file: string): Generator<Sequence> {
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line.trim() !== '') yield sequence(line, `${file}:${number}`);
  }
}

function sequence(line: string, where: string): Sequence {
  const value = parse(line, where);
  if (!isSequence(value)) throw new InputError(`${where}: no sequence of calls ({"id", "setup", "calls"})`);
  if (value.setup !== 'std1') throw new InputError(`${where}: setup "${value.setup}" is not known`);
  return value;
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${where}: not a line of JSON: ${(error as Error).message}`);
  }
}

function isSequence(value: unknown): value is Sequence {
  if (typeof value !== 'object' || value === null) return false;
  const { id, setup, calls } = value as Partial<Record<keyof Sequence, unknown>>;
  return typeof id === 'string' && typeof setup === 'string' && Array.isArray(calls) && calls.every(isCall);
}

function isCall(value: unknown): value is CallRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { fn, args } = value as Partial<Record<keyof CallRecord, unknown>>;
  return (
    typeof fn === 'string' && (args === undefined || (Array.isArray(args) && args.every((a) => typeof a === 'string')))
  );
}
