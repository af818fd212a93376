// The lines of an RMM's log that tell of RMI calls; everything else in the log is counted.
import type { MachineOperation } from '../emulator/operation.ts';
import { hostOperation, isRmiCommand } from './operations.ts';

/** A call that the log tells of, with what it returned. */
export interface LoggedCall {
  readonly operation: MachineOperation;
  /** X1 upwards, one for each parameter. */
  readonly args: readonly bigint[];
  readonly status: string;
  readonly index: number;
  /** Outputs as printed, X1 upwards; the log has none for most failures. */
  readonly out: readonly bigint[];
  /** Counted from 1. */
  readonly line: number;
}

export interface ReadLog {
  readonly calls: readonly LoggedCall[];
  /** Lines that tell of no RMI call. */
  readonly others: number;
  /** Calls that cannot be said in a scenario: line number and why. */
  readonly unusable: readonly string[];
}

/** `SMC_RMI_DATA_CREATE 88400000 88401000 0 88402000 1 > RMI_SUCCESS`; early releases wrote SMC_RMM_. */
const CALL = /\bSMC_RM[IM]_([A-Z0-9_]+)((?:[ \t]+(?:0x)?[0-9a-f]+)*)[ \t]*>[ \t]*(\w+)((?:[ \t]+(?:0x)?[0-9a-f]+)*)/i;

/** Whether a text looks like such a log at all. */
export const isLog = (text: string): boolean => text.split('\n').some((line) => CALL.test(line));

export function readLog(text: string): ReadLog {
  const calls: LoggedCall[] = [];
  const unusable: string[] = [];
  let others = 0;
  for (const [i, line] of text.split('\n').entries()) {
    const found = CALL.exec(line);
    if (!found) {
      if (line.trim() !== '') others++;
      continue;
    }
    const call = loggedCall(found, i + 1);
    if (typeof call === 'string') unusable.push(`line ${i + 1}: ${call}`);
    else calls.push(call);
  }
  return { calls, others, unusable };
}

const numbers = (text: string): bigint[] =>
  text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => BigInt.asUintN(64, BigInt(/^0x/i.test(word) ? word : `0x${word}`)));

/** The call, or why it is none. */
function loggedCall(
  [, function_ = '', args = '', status = '', more = '']: RegExpExecArray,
  line: number,
): LoggedCall | string {
  const name = `RMI_${function_.toUpperCase()}`;
  if (!isRmiCommand(name)) return `${name} is no command of RMM 1.0`;
  const operation = hostOperation(name);
  // Early releases printed five arguments whatever the command took.
  const given = numbers(args).slice(0, operation.params.length);
  if (given.length < operation.params.length)
    return `${name} takes ${operation.params.length} arguments, and the log has ${given.length}`;
  if (!operation.results.includes(status)) return `${name} never returns ${status}`;
  const values = numbers(more);
  const hasIndex = status === 'RMI_ERROR_RTT' || (status === 'RMI_ERROR_REALM' && name === 'RMI_REC_ENTER');
  const index = hasIndex ? Number(values.shift() ?? 0n) : 0;
  return { operation, args: given, status, index, out: values, line };
}
