// The running hash: each cell that is not zero contributes a 64-bit word, and the words are combined by exclusive or.

/**
 * Half of a cell's contribution; `seed` chooses the half. A cell that holds 0 contributes nothing, so that a cell nobody
 * ever wrote and one that was written back to 0 are the same.
 */
export function contribution(cell: number, value: number, seed: number): number {
  return mix(place(cell, seed), value);
}

/** What changes in a half when a cell that held `old` holds `value`. */
export function exchange(cell: number, old: number, value: number, seed: number): number {
  const at = place(cell, seed);
  return mix(at, old) ^ mix(at, value);
}

function place(cell: number, seed: number): number {
  const h = Math.imul(cell ^ seed, 0x9e3779b1);
  return h ^ (h >>> 15);
}

function mix(at: number, value: number): number {
  if (value === 0) return 0;
  let h = Math.imul(at ^ value, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 13) ^ (value / 0x1_0000_0000), 0xc2b2ae3d);
  return h ^ (h >>> 16);
}

/** Seeds of the two halves: any two different words do. */
export const LOW = 0x27d4eb2f;
export const HIGH = 0x165667b1;

/** 16 hexadecimal digits. */
export function hashText(high: number, low: number): string {
  const digits = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
  return digits(high) + digits(low);
}
