// How numbers are written for people: addresses in hexadecimal with a mark every four digits, sizes in powers of 1024.

/** `0x8800_4000`; a value above 2^52 that stands for one out of range is written like any other. */
export function hex(value: number | bigint): string {
  const digits = value.toString(16).replace('-', '');
  const grouped = digits.replace(/\B(?=(?:[0-9a-f]{4})+$)/g, '_');
  return `${value < 0 ? '-' : ''}0x${grouped}`;
}

const UNITS = ['', 'K', 'M', 'G', 'T'];

/** `4K`, `2M`, `12`: the largest unit that leaves no remainder. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value !== 0 && value % 1024 === 0 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value}${UNITS[unit]}`;
}

/** The names nearest to a misspelt one, best first; few enough to be read. */
export function nearest(name: string, candidates: Iterable<string>, most = 3): string[] {
  const limit = Math.max(2, Math.floor(name.length / 3));
  return [...new Set(candidates)]
    .filter((candidate) => Math.abs(candidate.length - name.length) <= limit)
    .map((candidate) => ({ candidate, distance: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Levenshtein's distance of two short words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
