// What the host may pass to a REC's virtual interrupt controller. RMM 1.0, A6.1; GICv3 ICH_HCR_EL2 and ICH_LR<n>_EL2.
import type { ContentsTable } from '../memory/contents.ts';

const HCR_OFFSET = 0x300;
const LR_OFFSET = 0x308;
/** List registers that the machine has; feature register 0 says one less. The others are not looked at. */
const LIST_REGISTERS = 1;

/** UIE, LRENPIE, NPIE, VGrp0EIE, VGrp0DIE, VGrp1EIE, VGrp1DIE in bits 7:1, TDIR in bit 14. */
const HCR_HOST = 0x40fen;

const LR_STATE = 3n << 62n;
const LR_HW = 1n << 61n;
/** Bits 59:56; of 55:48, the priority, the lower three of five implemented bits; 47:45; 44:32 but for the EOI bit, 41. */
const LR_ZERO = (0xfn << 56n) | (0x7n << 48n) | (0x7n << 45n) | (0x1dffn << 32n);
const LR_VINTID = 0xffff_ffffn;
/** Interrupt identifiers are below the special ones, or those of LPIs. */
const SPECIAL_INTID = 1020n;
const FIRST_LPI = 8192n;
const INTIDS = 1n << 16n;

const isIntid = (id: bigint) => id < SPECIAL_INTID || (id >= FIRST_LPI && id < INTIDS);

const isValidListRegister = (lr: bigint): boolean =>
  (lr & LR_STATE) === 0n || ((lr & (LR_HW | LR_ZERO)) === 0n && isIntid(lr & LR_VINTID));

/** Whether the control register and the list registers in a run page are valid, and no interrupt is listed twice. */
export function isValidGicEntry(contents: ContentsTable, page: number): boolean {
  if ((contents.value(page, HCR_OFFSET, 8) & ~HCR_HOST) !== 0n) return false;
  const lrs = Array.from({ length: LIST_REGISTERS }, (_, i) => contents.value(page, LR_OFFSET + 8 * i, 8));
  const listed = lrs.filter((lr) => (lr & LR_STATE) !== 0n).map((lr) => lr & LR_VINTID);
  return lrs.every(isValidListRegister) && new Set(listed).size === listed.length;
}
