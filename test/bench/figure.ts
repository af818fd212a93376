// A measured figure and how to take one: the best of several rounds, so that other work on the machine counts less.

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What is wanted, in the same unit; `atMost` for costs, otherwise at least. */
  readonly target?: number;
  readonly atMost?: true;
}

/** Seconds that the fastest of `rounds` runs took, after one run to warm up. */
export function seconds(run: () => void, rounds = 20): number {
  run();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    run();
    best = Math.min(best, performance.now() - begin);
  }
  return best / 1000;
}

export const isReached = ({ value, target, atMost }: Figure): boolean =>
  target === undefined || (atMost ? value <= target : value >= target);
