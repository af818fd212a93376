// Syndromes of exceptions (ESR_ELx) as a realm's accesses raise them and as the host and the realm see them. Arm ARM, D24.

import type { RmmModel } from '../rmm.ts';

/** Exception classes, bits 31:26; with bit 0 set the exception was taken from the same level. */
const EC_SHIFT = 2 ** 26;
const EC_UNKNOWN = 0x00;
const EC_WFX = 0x01;
const EC_INSTRUCTION_ABORT = 0x20;
const EC_DATA_ABORT = 0x24;
const SAME_LEVEL = EC_SHIFT;

const IL = 0x0200_0000;
const ISV = 0x0100_0000;
const SAS_64 = 0x00c0_0000;
const SRT_SHIFT = 16;
const SRT_MASK = 0x1f;
const SF = 0x8000;
const EA = 0x200;
const WNR = 0x40;
const FSC_MASK = 0x3f;
const FSC_SEA = 0x10;

/** Fault status codes; the level is added to the first two. */
export const FSC_TRANSLATION = 0x04;
export const FSC_PERMISSION = 0x0c;
export const FSC_GPF = 0x28;

/** Registers that a realm's 64-bit load goes to and its store comes from. */
export const LOAD_REGISTER = 5;
export const STORE_REGISTER = 6;

/** What hardware reports for a 64-bit load or store of one register. */
export function dataAbort(fsc: number, write: boolean): number {
  const register = (write ? STORE_REGISTER : LOAD_REGISTER) << SRT_SHIFT;
  return EC_DATA_ABORT * EC_SHIFT + IL + ISV + SAS_64 + register + SF + (write ? WNR : 0) + fsc;
}

export const instructionAbort = (fsc: number): number => EC_INSTRUCTION_ABORT * EC_SHIFT + IL + fsc;

/** What the host sees of an abort that it cannot emulate: class and fault status. */
export const hostAbort = (esr: number): number => exceptionClass(esr) * EC_SHIFT + (esr & FSC_MASK);

/** What the host sees of one that it can: also size, direction and that the syndrome is valid, but no register number. */
export const hostEmulatableAbort = (esr: number): number => hostAbort(esr) + (esr & (ISV | SAS_64 | SF | WNR));

/** What a data abort for a page that the RMM itself needs looks like to the host. */
export const syntheticAbort = (level: number): number => EC_DATA_ABORT * EC_SHIFT + FSC_TRANSLATION + level;

/** What the realm sees of a synchronous external abort: the access as it was, taken from its own level. */
export const externalAbort = (esr: number): number => esr + SAME_LEVEL - (esr & FSC_MASK) + EA + FSC_SEA;

/** What the realm sees of an instruction that does not exist for it. */
export const UNDEFINED: number = EC_UNKNOWN * EC_SHIFT + IL;

/** WFI is 0, WFE is 1. */
export const waitTrap = (wfe: 0 | 1): number => EC_WFX * EC_SHIFT + wfe;

const exceptionClass = (esr: number) => Math.floor(esr / EC_SHIFT);

/** The register of a load that the host emulated; `undefined` for a store. */
export const loadedRegister = (esr: number): number | undefined =>
  (esr & WNR) === 0 ? (esr >>> SRT_SHIFT) & SRT_MASK : undefined;

/** The same for a page that the RMM itself needs: TF-RMM leaves bits 11:8 of the address in it. */
export const syntheticHpfar = (model: RmmModel, ipa: number): number =>
  model === 'rmm/1.0-tf' ? Math.floor(ipa / 256) : hpfar(ipa);

/** HPFAR_EL2 of a faulting IPA, in bytes. */
export const hpfar = (ipa: number): number => Math.floor(ipa / 4096) * 16;
