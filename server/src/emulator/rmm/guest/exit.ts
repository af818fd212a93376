// Leaving a realm: the exit is written to the run page of the host. RMM 1.0, A4.3 and B4.4.25.
import { RMI_ERROR_INPUT, RMI_SUCCESS } from '../status.ts';
import type { Guest } from './guest.ts';

/** Exit reasons in the ABI's numbering. */
export const EXIT_REASONS = ['SYNC', 'IRQ', 'FIQ', 'PSCI', 'RIPAS_CHANGE', 'HOST_CALL', 'SERROR'] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];

/** Where the exit begins in the run page, and the offsets of its fields in the page. */
const EXIT = 0x800;
const EXIT_BYTES = 0x800;
const OFFSETS = {
  esr: 0x900,
  far: 0x908,
  hpfar: 0x910,
  ripas_base: 0xd00,
  ripas_top: 0xd08,
  ripas_value: 0xd10,
  imm: 0xe00,
} as const;
const GPRS_OFFSET = 0xa00;

type Fields = Partial<Record<keyof typeof OFFSETS, number>>;

/** An exit; fields that are left out are zero. `gprs` are numbers of the machine's words. */
export interface Exit extends Fields {
  readonly reason: ExitReason;
  readonly gprs?: readonly number[];
}

/**
 * Ends the run of a REC: it is READY again, and the host finds the exit in the run page. X0 of the RMI_REC_ENTER that began
 * it is left in `rmm.entered`: RMI_ERROR_INPUT if the page is not the host's any more.
 */
export function leave({ rmm, rec, pe }: Guest, exit: Exit): void {
  const { pages, granules, pes, recs } = rmm;
  const run = pes.run(pe);
  recs.set(rec, 'running', 0);
  pes.stop(pe);
  rmm.exitReason = exit.reason;
  rmm.entered = RMI_ERROR_INPUT;
  if (granules.gpt(run) !== 'NS') return;
  rmm.entered = RMI_SUCCESS;
  const words: [number, bigint][] = [[EXIT, BigInt(EXIT_REASONS.indexOf(exit.reason))]];
  for (const name of Object.keys(OFFSETS) as (keyof typeof OFFSETS)[])
    words.push([OFFSETS[name], BigInt(exit[name] ?? 0)]);
  for (const [i, value] of (exit.gprs ?? []).entries()) words.push([GPRS_OFFSET + 8 * i, pages.words.value(value)]);
  pages.setBytes(run, pages.contents.rewritten(pages.bytes(run), EXIT, EXIT_BYTES, words));
}

/** An exit as it stands in a run page; 64-bit fields as they are. */
export interface ExitRecord extends Readonly<Record<keyof typeof OFFSETS, bigint>> {
  readonly reason: ExitReason;
  /** The reason in the ABI's numbering. */
  readonly reasonCode: number;
  readonly gprs: readonly bigint[];
}

/** Reads the exit from the page at `run`, which must be memory. */
export function readExit({ rmm: { pages } }: Pick<Guest, 'rmm'>, run: number): ExitRecord {
  const page = pages.bytes(run);
  const at = (offset: number) => pages.contents.value(page, offset, 8);
  const fields = Object.entries(OFFSETS).map(([name, offset]) => [name, at(offset)]);
  return {
    ...(Object.fromEntries(fields) as Record<keyof typeof OFFSETS, bigint>),
    reason: EXIT_REASONS[Number(at(EXIT) & 0xffn)] ?? 'SYNC',
    reasonCode: Number(at(EXIT) & 0xffn),
    gprs: Array.from({ length: 31 }, (_, i) => at(GPRS_OFFSET + 8 * i)),
  };
}
