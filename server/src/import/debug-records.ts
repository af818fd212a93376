// What a recording shows of the RMM itself, as expectations: granule states, realms with their measurements, RECs.
import type { Dram } from '../emulator/memory/pages.ts';
import type { CallRecord } from './trace-file.ts';
import { address, pages, unsigned } from './value-text.ts';

const GRANULE = 4096;

/** `expect granule(…) is STATE` for the whole memory, neighbours of one state together. */
export function granuleExpectations({ granules = [] }: CallRecord, { base, size }: Dram): string[] {
  const states = new Map(granules.map(([at, state]) => [Number(at), state]));
  const stateAt = (at: number) => states.get(at) ?? 'UNDELEGATED';
  const lines: string[] = [];
  for (let from = base; from < base + size; ) {
    let to = from;
    while (to < base + size && stateAt(to) === stateAt(from)) to += GRANULE;
    lines.push(`expect granule(${pages(BigInt(from), BigInt((to - from) / GRANULE))}) is ${stateAt(from)}`);
    from = to;
  }
  return lines;
}

/** The state and the measurements of a realm. */
export function realmExpectations({ rd = '0', state, rim, rem = [] }: CallRecord): string[] {
  const at = address(unsigned(BigInt(rd)));
  return [
    ...(state === undefined ? [] : [`expect realm(${at}) is ${state}`]),
    ...(rim === undefined ? [] : [`expect rim(${at}) == "${rim}"`]),
    ...rem.map((value, i) => `expect rem(${at}, ${i + 1}) == "${value}"`),
  ];
}

/** Whether a REC is on, and whether it waits for the host. */
export function recExpectations({ rec, runnable, psci_pending }: CallRecord): string[] {
  if (rec === undefined) return [];
  const at = address(unsigned(BigInt(rec)));
  const is = (view: string, value: number | undefined) =>
    value === undefined ? [] : [`expect ${view}(${at}) is ${value === 0 ? 'no' : 'yes'}`];
  return [...is('runnable', runnable), ...is('psci_pending', psci_pending)];
}
