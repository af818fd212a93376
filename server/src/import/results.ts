// What a recorded call returned, as it stands behind `=`.

import type { MachineOperation } from '../emulator/operation.ts';
import { EXIT_REASONS } from '../emulator/rmm/guest/exit.ts';
import type { CallRecord, GuestRecord } from './trace-file.ts';
import { address, outputText, unsigned } from './value-text.ts';

/** `RMI_ERROR_RTT(2)`. The index is written where it says something, also if it is 0. */
export function statusText(operation: MachineOperation, status: string, index = 0): string {
  const indexed =
    index !== 0 || status === 'RMI_ERROR_RTT' || (status === 'RMI_ERROR_REALM' && operation.name === 'RMI_REC_ENTER');
  return indexed ? `${status}(${index})` : status;
}

const withFields = (status: string, fields: readonly string[]): string | undefined => {
  if (fields.length > 0) return `${status} {${fields.join(', ')}}`;
  return status === 'RMI_SUCCESS' ? undefined : status;
};

/** Status, index and the outputs that have a meaning; `undefined` for a plain success. */
export function resultText(operation: MachineOperation, record: CallRecord): string | undefined {
  if (record.status === undefined || !operation.results.includes(record.status)) return '*';
  const fields = (record.out ?? []).flatMap((value, i) => {
    const output = operation.outputs[i];
    return value === null || !output ? [] : [`${output.name}: ${outputText(unsigned(BigInt(value)), output.type)}`];
  });
  return withFields(statusText(operation, record.status, record.index), fields);
}

/** The status of an entry and the fields of its exit that are not zero. */
export function entryResult(
  operation: MachineOperation,
  { status = '*', index, exit = {} }: CallRecord,
): string | undefined {
  const gprs = Array.isArray(exit.gprs) ? exit.gprs.map((value, i) => [`gpr${i}`, value] as const) : [];
  const values = new Map<string, unknown>([...Object.entries(exit), ...gprs]);
  const fields = operation.outputs.flatMap(({ name, type }) => {
    if (name === 'exit_reason') return exit.reason === undefined ? [] : [`exit_reason: RMI_EXIT_${exit.reason}`];
    const value = values.get(name);
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    const number = unsigned(BigInt(value));
    return number === 0n ? [] : [`${name}: ${outputText(number, type)}`];
  });
  return withFields(statusText(operation, status, index), fields);
}

/** By which exit an operation of the realm ended an entry; `*` where the recording has no exit. */
export const exitText = ({ exit }: CallRecord): string =>
  EXIT_REASONS.some((reason) => reason === exit?.reason) ? `RMI_EXIT_${exit?.reason}` : '*';

/** What the realm saw of an operation that did not exit; `undefined` where there is nothing to see. */
export function guestResult(operation: MachineOperation, { x, val, injected }: GuestRecord): string | undefined {
  if (injected !== undefined) return injected;
  if (val !== undefined) return address(BigInt(val));
  const [first, ...outputs] = x ?? [];
  if (first === undefined) return undefined;
  const status = statusOf(operation, unsigned(BigInt(first)));
  const isValid = BigInt(first) === 0n || operation.name === 'RSI_VERSION';
  const fields = operation.outputs.flatMap(({ name, type }, i) => {
    const value = outputs[i];
    return value === undefined || !isValid ? [] : [`${name}: ${outputText(unsigned(BigInt(value)), type)}`];
  });
  return fields.length > 0 ? `${status} {${fields.join(', ')}}` : status;
}

/** X0 by name, or as a number; small negative numbers are errors of PSCI. */
function statusOf({ form, results }: MachineOperation, value: bigint): string {
  const name = form.text(Number(BigInt.asIntN(64, value)));
  return results.includes(name) ? name : address(value);
}
