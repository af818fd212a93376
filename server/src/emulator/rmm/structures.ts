// Structures that the host passes to the RMM in a page of its own. RMM 1.0, B4.4; offsets and sizes in bytes.
import type { Structure } from '../definition.ts';
import type { ContentsTable } from '../memory/contents.ts';

export const REALM_FLAG_LPA2 = 1;
export const REALM_FLAG_SVE = 2;
export const REALM_FLAG_PMU = 4;

export const RMI_REALM_PARAMS = {
  name: 'RmiRealmParams',
  fields: {
    flags: {
      offset: 0x0,
      size: 8,
      text: 'optional features',
      flags: { lpa2: REALM_FLAG_LPA2, sve: REALM_FLAG_SVE, pmu: REALM_FLAG_PMU },
    },
    s2sz: { offset: 0x8, size: 1, text: 'IPA width in bits', initial: 40 },
    sve_vl: { offset: 0x10, size: 1, text: 'SVE vector length, (value + 1) * 128 bits' },
    num_bps: { offset: 0x18, size: 1, text: 'breakpoints', initial: 1 },
    num_wps: { offset: 0x20, size: 1, text: 'watchpoints', initial: 1 },
    pmu_num_ctrs: { offset: 0x28, size: 1, text: 'PMU counters' },
    hash_algo: {
      offset: 0x30,
      size: 1,
      text: 'algorithm of the measurements',
      flags: { RMI_HASH_SHA_256: 0, RMI_HASH_SHA_512: 1 },
    },
    rpv: { offset: 0x400, size: 64, text: 'realm personalization value, one byte repeated', fill: true },
    vmid: { offset: 0x800, size: 2, text: 'virtual machine identifier' },
    rtt_base: { offset: 0x808, size: 8, text: 'PA of the first start table' },
    rtt_level_start: { offset: 0x810, size: 8, text: 'level of the start tables', initial: 1 },
    rtt_num_start: { offset: 0x818, size: 4, text: 'number of start tables', initial: 1 },
  },
} as const satisfies Structure;

/** The fields of a structure as it stands in a page. A field of 64 bits is read as signed. */
export function readStructure<F extends string>(
  structure: { readonly fields: Readonly<Record<F, { readonly offset: number; readonly size: number }>> },
  contents: ContentsTable,
  page: number,
): Record<F, number> {
  const entries = Object.entries(structure.fields) as [F, { offset: number; size: number }][];
  const values = entries.map(([name, { offset, size }]) => {
    const value = contents.value(page, offset, Math.min(size, 8));
    return [name, Number(size >= 8 ? BigInt.asIntN(64, value) : value)] as const;
  });
  return Object.fromEntries(values) as Record<F, number>;
}

/** A page that holds the structure: the given fields, the initial values of the others, zero elsewhere. */
export function writeStructure(
  structure: Structure,
  contents: ContentsTable,
  values: Readonly<Record<string, bigint>>,
): number {
  let page = contents.filled(0);
  for (const [name, field] of Object.entries(structure.fields)) {
    const value = values[name] ?? BigInt(field.initial ?? 0);
    const step = field.fill ? 1 : field.size;
    for (let at = 0; at < field.size; at += step) {
      page = contents.written(page, field.offset + at, step, BigInt.asUintN(8 * step, value));
    }
  }
  return page;
}
