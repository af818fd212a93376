// Where the transitions stand in the list: each as high as its lines, so that only those in sight need to exist.

/** Pixels of a line, and what a transition has around its lines. */
export const LINE = 24;
const AROUND = 8;
/** The rule above what is ahead. */
export const RULE = 26;

export interface ListLayout {
  /** Top of transition `i`, counted from the first listed one; one more for the end of the list. */
  readonly tops: Float64Array;
  readonly height: number;
  /** Top of the rule. */
  readonly rule: number | undefined;
}

/** `lines`: a digit each; `current` counts from the first listed one. In a narrow panel a change has two lines. */
export function layOut(lines: string, current: number, narrow: boolean): ListLayout {
  const tops = new Float64Array(lines.length + 1);
  let top = 0;
  let rule: number | undefined;
  for (let i = 0; i < lines.length; i++) {
    if (i === current + 1) {
      rule = top;
      top += RULE;
    }
    tops[i] = top;
    top += heightOf(Number(lines[i]), narrow);
  }
  tops[lines.length] = top;
  return { tops, height: top, rule };
}

export const heightOf = (lines: number, narrow: boolean): number => LINE * (1 + (narrow ? 2 : 1) * lines) + AROUND;

/** The last transition whose top is at or above `y`. */
export function rowAtHeight({ tops }: ListLayout, y: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tops[middle] as number) > y) high = middle;
    else low = middle + 1;
  }
  return Math.max(0, low - 1);
}
