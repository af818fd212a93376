// Recorded traces of RMI calls: JSON lines, one sequence of calls a line, as a real RMM answered them.
import { nearest } from '../emulator/format.ts';
import { ImportError } from './import-error.ts';

/** What happened to one operation of the realm. */
export interface GuestRecord {
  readonly op?: string;
  /** `resume`: the outcome of the operation that ended the last entry. */
  readonly when?: string;
  readonly x?: readonly string[];
  readonly val?: string;
  /** X5 after the host emulated a load. */
  readonly x5?: string;
  readonly injected?: string;
  readonly call?: CallRecord;
}

export interface CallRecord {
  readonly fn: string;
  readonly args?: readonly string[];
  /** Fields of the structure that the host wrote before the call. */
  readonly params?: Readonly<Record<string, string | number>>;
  readonly status?: string;
  /** Absent for 0. */
  readonly index?: number;
  /** X1 upwards; `null` where the register has no meaning. */
  readonly out?: readonly (string | null)[];
  /** Calls of a macro that succeeded. */
  readonly ok?: number;
  /** X0 of a call by number. */
  readonly ret?: string;
  readonly label?: string;
  /** What the realm does in this entry, separated by `;`. */
  readonly guest_in?: string;
  readonly guest?: readonly GuestRecord[];
  /** Operations that never came, because an earlier one exited. */
  readonly guest_left?: number;
  /** Fields of the exit that are not zero. */
  readonly exit?: Readonly<Record<string, string | number | readonly string[]>>;
  readonly granules?: readonly (readonly [string, string, number])[];
  readonly state?: string;
  readonly rd?: string;
  readonly rim?: string;
  readonly rem?: readonly string[];
  readonly rec?: string;
  readonly runnable?: number;
  readonly psci_pending?: number;
}

export interface Sequence {
  readonly id: string;
  readonly setup: string;
  readonly calls: readonly CallRecord[];
  /** Calls where the recorded RMM is known to deviate: name and index of the call. */
  readonly quirks?: readonly (readonly [string, number])[];
  /** The call in which the recorded RMM ended. */
  readonly crash_call?: string;
}

/** The sequences of a file; `ImportError` at a line that is none. */
export function* sequencesOf(text: string): Generator<Sequence> {
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line.trim() !== '') yield sequence(line, number);
  }
}

/** The sequence of that name, or the only one of the file where no name is given. */
export function sequenceNamed(text: string, id: string | undefined): Sequence {
  const all = [...sequencesOf(text)];
  const found = id === undefined && all.length === 1 ? all[0] : all.find((candidate) => candidate.id === id);
  if (found) return found;
  const ids = all.map((candidate) => candidate.id);
  const few = ids.slice(0, 5).join(', ') + (ids.length > 5 ? ', …' : '');
  if (ids.length === 0) throw new ImportError('has no sequences');
  if (id === undefined) throw new ImportError(`has ${ids.length} sequences; name one with --sequence: ${few}`);
  const near = nearestIds(id, ids);
  throw new ImportError(
    `has no sequence ${id}; ${near.length > 0 ? `did you mean ${near.join(' or ')}?` : `it has ${few}`}`,
  );
}

/** Misspelt ones, and else those that contain what was typed. */
function nearestIds(id: string, ids: readonly string[]): string[] {
  const containing = ids.filter((candidate) => candidate.includes(id)).slice(0, 3);
  return containing.length > 0 ? containing : nearest(id, ids);
}

function sequence(line: string, number: number): Sequence {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new ImportError(
      `is no trace: line ${number} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!isSequence(value))
    throw new ImportError(`is no trace: line ${number} is no recorded sequence ({"id", "setup", "calls"})`);
  if (value.setup !== 'std1')
    throw new ImportError(`cannot be imported: line ${number} has the setup "${value.setup}"; only std1 is known`);
  return value;
}

function isSequence(value: unknown): value is Sequence {
  if (typeof value !== 'object' || value === null) return false;
  const { id, setup, calls } = value as Partial<Record<keyof Sequence, unknown>>;
  return typeof id === 'string' && typeof setup === 'string' && Array.isArray(calls) && calls.every(isCall);
}

function isCall(value: unknown): value is CallRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { fn, args } = value as Partial<Record<keyof CallRecord, unknown>>;
  return typeof fn === 'string' && (args === undefined || (Array.isArray(args) && args.every(isNumeral)));
}

const isNumeral = (value: unknown) => typeof value === 'string' && /^(0x[0-9a-f]+|-?\d+)$/i.test(value);

/** Arguments as numbers of 64 bits. */
export const argumentsOf = ({ args = [] }: CallRecord): bigint[] => args.map((arg) => BigInt.asUintN(64, BigInt(arg)));

/** A parameter of a call; what is no number counts as 0. */
export const numeral = (value: string | number): bigint => (isNumeral(`${value}`) ? BigInt(value) : 0n);

/** The realm's operations of an entry, each as its words. */
export const guestWords = ({ guest_in = '' }: CallRecord): string[][] =>
  guest_in
    .split(';')
    .map((op) => op.trim())
    .filter((op) => op !== '')
    .map((op) => op.split(/\s+/));
