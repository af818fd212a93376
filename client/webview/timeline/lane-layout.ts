// Where things lie in the lanes: bins, paths of many marks in one, and which caption fits.
import type { Density } from '../../../server/src/features/timeline-model.ts';

type Bins = Pick<Density, 'from' | 'to' | 'bins'>;

/** The bin that a step falls into, -1 before the first one. */
export function binOf({ from, to, bins }: Bins, n: number): number {
  return n < from ? -1 : Math.floor(((n - from) * bins) / (to - from + 1));
}

/** The middle of a bin, from the left. */
export const middleOf = ({ bins }: Bins, bin: number): string => `${(100 * (bin + 0.5)) / bins}%`;

/** Above so many bins there is no room for a gap between two of them. */
const GAPS = 200;

/** Bars of height 0 to 1 for bins `from` to `to`, none for those without a step, at least a fifth for those with one. */
export function barsPath(
  steps: readonly number[],
  most: number,
  from: number,
  to: number,
  without: ReadonlySet<number>,
): string {
  const gap = steps.length > GAPS ? 0 : 0.14;
  const parts: string[] = [];
  for (let bin = Math.max(0, from); bin < Math.min(to, steps.length); bin++) {
    const count = steps[bin] ?? 0;
    if (count === 0 || without.has(bin)) continue;
    const height = most <= 1 ? 1 : Math.max(0.2, count / most);
    const round = (value: number) => Math.round(value * 1000) / 1000;
    parts.push(`M${round(bin + gap)} 1v${round(-height)}h${round(1 - 2 * gap)}v${round(height)}z`);
  }
  return parts.join('');
}

/** A line in the middle of each bin; its width is the style sheet's, so that the rarest mark keeps two pixels. */
export const linesPath = (bins: readonly number[], height = 1): string =>
  bins.map((bin) => `M${bin + 0.5} ${(1 - height) / 2}v${height}`).join('');

/** Pixels of a character of a caption, and of its edges. */
const CHARACTER = 6.3;
const EDGES = 10;

/** The whole text, else what is called, else nothing: a name is never cut. */
export function captionOf(text: string, width: number): string {
  const fits = (caption: string) => caption.length * CHARACTER + EDGES <= width;
  if (fits(text)) return text;
  const name = /^\w+(?=\()/.exec(text)?.[0] ?? /^for \w+/.exec(text)?.[0] ?? text;
  return fits(name) ? name : '';
}

/** The step under a pointer. */
export function stepUnder(plot: Element | null, { from, to }: Bins, x: number): number {
  const box = plot?.getBoundingClientRect();
  if (!box || box.width === 0) return from;
  const share = Math.min(0.999_999, Math.max(0, (x - box.left) / box.width));
  return from + Math.floor(share * (to - from + 1));
}
