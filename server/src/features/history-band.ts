// A page's states over all steps as one band of few segments, in which no rare state is lost.
import type { PageIndex } from './history-index.ts';
import type { Segment } from './history-model.ts';
import type { Value } from './panel-model.ts';

/** Segments that can be told apart on any screen; folding leaves about twice as many at most. */
const MOST = 160;

interface Stay {
  readonly since: number;
  readonly until: number;
  readonly state: number;
}

/** From the beginning to step `last`. */
export function bandOf({ steps, states, lines, values }: PageIndex, last: number): Segment[] {
  const wordsOf = (state: number): Value => values[state] ?? { text: '' };
  const stays: Stay[] = [];
  let since = 0;
  let state = 0;
  for (let i = 0; i < steps.length; i++) {
    if (lines[i] === 0 || states[i] === state) continue;
    stays.push({ since, until: steps[i] as number, state });
    since = steps[i] as number;
    state = states[i] as number;
  }
  stays.push({ since, until: last, state });
  if (stays.length <= MOST) return stays.map((stay) => ({ since: stay.since, state: wordsOf(stay.state) }));
  return folded(stays, Math.max(1, last / MOST), wordsOf);
}

/** Stays shorter than `width` steps are drawn as one with their neighbours, except where a page is broken. */
function folded(stays: readonly Stay[], width: number, wordsOf: (state: number) => Value): Segment[] {
  const segments: Segment[] = [];
  let changes = 0;
  for (const { since, until, state } of stays) {
    const value = wordsOf(state);
    const last = segments.at(-1);
    const short = until - since < width && value.family !== 'leaked';
    changes = short ? changes + 1 : 0;
    if (changes > 1 && last) segments[segments.length - 1] = { ...last, folded: changes };
    else segments.push({ since, state: value, ...(short && { folded: changes }) });
  }
  return segments;
}
