// The memory of a scenario that is made of a log: large enough for all granules of the log, and a part of its own behind.
import type { Dram } from '../emulator/memory/pages.ts';
import { ImportError } from './import-error.ts';
import type { LoggedCall } from './log-lines.ts';

/** Bases and ends are multiples of this. */
const UNIT = 16 * 2 ** 20;
/** Behind the granules of the log: tables and auxiliary granules that the log does not name, the page for structures. */
export const OWN = UNIT;
/** Most DRAM that a scenario may have. */
const MOST = 16 * 2 ** 30;

/** Parameters that a call needs to be memory when it succeeds; pages for parameters are the scenario's own. */
const GRANULES = ['addr', 'rd', 'rtt', 'data', 'src', 'rec', 'calling_rec', 'target_rec'];

export function memoryFor(calls: readonly LoggedCall[]): Dram {
  const addresses = calls
    .filter(({ status }) => status === 'RMI_SUCCESS')
    .flatMap(({ operation, args }) =>
      operation.params.flatMap(({ name }, i) => (GRANULES.includes(name) ? [Number(args[i] ?? 0n)] : [])),
    );
  if (addresses.length === 0) return { base: 0x8000_0000, size: UNIT + OWN };
  const least = addresses.reduce((a, b) => Math.min(a, b));
  const most = addresses.reduce((a, b) => Math.max(a, b));
  const base = least - (least % UNIT);
  const size = most - base + UNIT - ((most - base) % UNIT) + OWN;
  if (size > MOST)
    throw new ImportError(
      `has granules that lie ${Math.ceil(size / 2 ** 30)}G apart; a scenario has at most 16G of memory`,
    );
  return { base, size };
}
