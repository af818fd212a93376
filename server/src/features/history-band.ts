// A page's states over all steps as one band of few segments, in which no rare state is lost.
import { GRANULE_STATES } from '../emulator/rmm/granules.ts';
import type { PageIndex } from './history-index.ts';
import type { Segment } from './history-model.ts';
import { familyOf } from './moment-families.ts';
import type { Value } from './panel-model.ts';

/** Segments that can be told apart on any screen; folding leaves at most twice as many. */
const MOST = 160;

interface Stay {
  readonly since: number;
  readonly until: number;
  readonly state: number;
}

/** From the beginning to step `last`. */
export function bandOf({ steps, states, lines }: PageIndex, last: number): Segment[] {
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
  if (stays.length <= MOST) return stays.map((stay) => ({ since: stay.since, state: bandValue(stay.state) }));
  return folded(stays, Math.max(1, last / MOST));
}

/** Stays shorter than `width` steps are drawn together with their neighbours. */
function folded(stays: readonly Stay[], width: number): Segment[] {
  const segments: Segment[] = [];
  for (let i = 0; i < stays.length; ) {
    const first = stays[i] as Stay;
    let end = i + 1;
    if (first.until - first.since < width) {
      while (end < stays.length && (stays[end] as Stay).until - first.since <= width) end++;
    }
    const together = stays.slice(i, end);
    segments.push({
      since: first.since,
      state: bandValue(longest(together)),
      ...(together.length > 1 && { folded: together.length - 1 }),
    });
    i = end;
  }
  return segments;
}

/** The state that lasts longest, or a page that nobody may use any more, however short that is. */
function longest(stays: readonly Stay[]): number {
  const broken = stays.find(({ state }) => bandValue(state).family === 'leaked');
  if (broken) return broken.state;
  const lasting = new Map<number, number>();
  for (const { state, since, until } of stays) lasting.set(state, (lasting.get(state) ?? 0) + until - since);
  return [...lasting].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

function bandValue(state: number): Value {
  const text = GRANULE_STATES[state] ?? '';
  return { text, family: familyOf(text) };
}
