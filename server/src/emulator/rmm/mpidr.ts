// The affinity of a REC, RmiRecMpidr, and its index in the realm. RMM 1.0, B4.4.22.

/** aff3 in bits 31:24, aff2 in 23:16, aff1 in 15:8, aff0 in 3:0. */
const VALID = 0xffff_ff0fn;

export const isMpidr = (mpidr: bigint): boolean => (mpidr & ~VALID) === 0n;

/** The index: 16 RECs to each value of aff1, 256 of those to aff2, and so on. */
export function recIndex(mpidr: bigint): number {
  const bits = Number(mpidr & VALID);
  return (bits & 0xf) + 16 * (bits >>> 8);
}
