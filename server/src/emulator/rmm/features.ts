// What this RMM implementation supports: feature register 0 and the limits that follow from it. RMM 1.0, A3.

/** Largest IPA width, bits. */
export const S2SZ = 48;
/** LPA2 is supported, SVE is not; one breakpoint and one watchpoint. */
export const LPA2: boolean = true;
export const SVE: boolean = false;
export const MAX_BPS = 1;
export const MAX_WPS = 1;
export const PMU_COUNTERS = 31;
/** A realm has at most 2^10 - 1 RECs. */
export const MAX_RECS_ORDER = 10;

/** Feature register 0, by its fields; the same as TF-RMM's on the machine the conformance traces were recorded on. */
export const FEATURE_REGISTER_0: number = Object.entries({
  S2SZ: [S2SZ, 0],
  LPA2: [Number(LPA2), 8],
  SVE_EN: [Number(SVE), 9],
  SVE_VL: [0, 10],
  NUM_BPS: [MAX_BPS, 14],
  NUM_WPS: [MAX_WPS, 20],
  PMU_EN: [1, 26],
  PMU_NUM_CTRS: [PMU_COUNTERS, 27],
  HASH_SHA_256: [1, 32],
  HASH_SHA_512: [1, 33],
  GICV3_NUM_LRS: [0, 34],
  MAX_RECS_ORDER: [MAX_RECS_ORDER, 38],
} as const).reduce((value, [, [field, shift]]) => value + field * 2 ** shift, 0);

/** Interface revision 1.0. */
export const RMI_1_0 = 0x10000;
