// Structures that the host passes to the RMM in a page of its own. RMM 1.0, B4.4; offsets and sizes in bytes.
import type { Structure, StructureField } from '../definition.ts';
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

/** Consecutive 64-bit fields with the names `x0`, `x1`, … */
function registers<const N extends number>(offset: number, count: N): Readonly<Record<`x${number}`, StructureField>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`x${i}`, { offset: offset + 8 * i, size: 8, text: `register X${i}` }]),
  );
}

export const RMI_REC_PARAMS: Structure = {
  name: 'RmiRecParams',
  fields: {
    flags: { offset: 0x0, size: 8, text: 'whether the REC may run', flags: { runnable: 1 } },
    mpidr: {
      offset: 0x100,
      size: 8,
      text: 'MPIDR of the REC: aff0 in bits 3:0, aff1 in 15:8, aff2 in 23:16, aff3 in 31:24',
    },
    pc: { offset: 0x200, size: 8, text: 'where the realm starts' },
    ...registers(0x300, 8),
    num_aux: { offset: 0x800, size: 8, text: 'number of auxiliary granules', initial: 16 },
    aux: {
      offset: 0x808,
      size: 128,
      text: 'PA of the first auxiliary granule, which the others follow',
      stride: 4096,
    },
  },
};

export const REC_ENTRY_FLAG_EMUL_MMIO = 1n;
export const REC_ENTRY_FLAG_INJECT_SEA = 2n;
export const REC_ENTRY_FLAG_TRAP_WFI = 4n;
export const REC_ENTRY_FLAG_TRAP_WFE = 8n;
export const REC_ENTRY_FLAG_RIPAS_RESPONSE = 16n;

/** What the host passes to a REC that it enters; the exit goes to the second half of the same page. */
export const RMI_REC_RUN: Structure = {
  name: 'RmiRecRun',
  fields: {
    flags: {
      offset: 0x0,
      size: 8,
      text: 'how to enter',
      flags: { emul_mmio: 1, inject_sea: 2, trap_wfi: 4, trap_wfe: 8, ripas_response_reject: 16 },
    },
    ...registers(0x200, 31),
    gicv3_hcr: { offset: 0x300, size: 8, text: 'GICv3 hypervisor control register' },
    gicv3_lrs: { offset: 0x308, size: 8, text: 'GICv3 list register 0' },
  },
};

/** The fields of a structure as it stands in a page. A field of 64 bits is read as signed. */
export function readStructure<F extends string>(
  structure: { readonly fields: Readonly<Record<F, { readonly offset: number; readonly size: number }>> },
  contents: ContentsTable,
  page: number,
): Record<F, number> {
  if (lastRead?.structure === structure && lastRead.contents === contents && lastRead.page === page) {
    return lastRead.values as Record<F, number>;
  }
  const entries = Object.entries(structure.fields) as [F, { offset: number; size: number }][];
  const read = entries.map(([name, { offset, size }]) => {
    const value = contents.value(page, offset, Math.min(size, 8));
    return [name, Number(size >= 8 ? BigInt.asIntN(64, value) : value)] as const;
  });
  const values = Object.fromEntries(read) as Record<F, number>;
  lastRead = { structure, contents, page, values };
  return values;
}

/** What was read last: a command's checks look at the same parameters one after the other, and contents never change. */
let lastRead: { structure: object; contents: ContentsTable; page: number; values: object } | undefined;

/** A page that holds the structure: the given fields, the initial values of the others, zero elsewhere. */
export function writeStructure(
  structure: Structure,
  contents: ContentsTable,
  values: Readonly<Record<string, bigint>>,
): number {
  const words = new Map<number, bigint>();
  for (const [name, field] of Object.entries(structure.fields)) {
    if (values[name] === undefined && field.initial === undefined) continue;
    const value = values[name] ?? BigInt(field.initial ?? 0);
    const unit = field.fill ? 1 : Math.min(field.size, WORD);
    for (let at = 0; at < field.size; at += unit) {
      const stepped = value + BigInt((field.stride ?? 0) * (at / unit));
      const offset = field.offset + at;
      const shift = 8 * (offset % WORD);
      const word = words.get(offset - (offset % WORD)) ?? 0n;
      words.set(offset - (offset % WORD), word | (BigInt.asUintN(8 * unit, stepped) << BigInt(shift)));
    }
  }
  return contents.rewritten(contents.filled(0), 0, 0, words);
}

const WORD = 8;
