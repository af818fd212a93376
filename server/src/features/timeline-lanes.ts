// The lanes of the timeline: for each actor how many steps fall into each bin, which of them failed, and what they belong to.
import { eachTouch, type PageIndex } from './history-index.ts';
import { stoppingSteps } from './timeline-breaks.ts';
import type { Density, Lane, PageLane, Stretch } from './timeline-model.ts';
import { callOf } from './timeline-rows.ts';
import { firstFrom, type Section, type Track } from './timeline-track.ts';
import type { RunView } from './timeline-view.ts';

/** Up to here every step has a bin of its own. */
export const MOST_SINGLE = 2000;
const MOST_BINS = 2000;
/** Stretches of one answer, the longest ones. */
const MOST_STRETCHES = 64;
/** Stretches are drawn this deep. */
const DEEPEST = 3;

/** Steps `from` to `to` in `count` bins. */
export interface Bins {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The window as it is told: inside of what was executed, at least one step long. */
export function binsOf(last: number, bins: number, from = 1, to = last): Bins {
  const first = Math.max(1, Math.min(from, last));
  const end = Math.max(first, Math.min(to, last));
  const steps = end - first + 1;
  const count = steps <= MOST_SINGLE ? steps : Math.max(1, Math.min(Math.floor(bins), MOST_BINS));
  return { from: first, to: end, count };
}

const binOf = ({ from, to, count }: Bins, n: number) => Math.floor(((n - from) * count) / (to - from + 1));

type Lanes = Pick<Density, 'lanes' | 'most'>;
const known = new WeakMap<Track, { readonly key: string; readonly lanes: Lanes }>();

/** The lanes of all actors; kept, as most stops leave them as they are. */
export function lanesOf(view: RunView, track: Track, bins: Bins): Lanes {
  const key = [view.run.reached, bins.from, bins.to, bins.count].join(' ');
  const last = known.get(track);
  if (last?.key === key) return last.lanes;
  const lanes = countedLanes(view, track, bins);
  known.set(track, { key, lanes });
  return lanes;
}

function countedLanes(view: RunView, track: Track, bins: Bins): Lanes {
  const { log } = view.run;
  const { actors } = track;
  const counts = actors.map(() => new Uint32Array(bins.count));
  const failures = actors.map(() => new Uint8Array(bins.count));
  for (let n = bins.from; n <= bins.to && n <= log.lastStep; n++) {
    const moment = log.momentOf(n);
    const lane = track.lane(moment);
    const bin = binOf(bins, n);
    const steps = counts[lane] as Uint32Array;
    steps[bin] = (steps[bin] as number) + 1;
    const ending = track.endingNumber(moment);
    if (ending < 2) continue;
    const marks = failures[lane] as Uint8Array;
    marks[bin] = (marks[bin] as number) | (ending === 3 ? 2 : 1);
  }
  const stretches = stretchesOf(view, track, bins);
  return {
    most: Math.max(1, ...counts.map((steps) => steps.reduce((most, count) => Math.max(most, count), 0))),
    lanes: track.order.map((i): Lane => {
      const name = actors[i] ?? '';
      const marks = failures[i] as Uint8Array;
      const acts = counts[i]?.some((count) => count > 0) || acted(view, track, i);
      const own = stretches.filter(({ lane }) => lane === i).map(({ lane: _, ...stretch }) => stretch);
      return {
        name,
        ...(acts || own.length > 0 ? {} : { why: `no step of the ${name === 'guest' ? 'guest' : `${name} itself`}` }),
        steps: acts ? [...(counts[i] as Uint32Array)] : [],
        expected: binsWith(marks, 1),
        unexpected: binsWith(marks, 2),
        stretches: own,
      };
    }),
  };
}

const binsWith = (marks: Uint8Array, bit: number): number[] =>
  [...marks.entries()].flatMap(([bin, mark]) => ((mark & bit) !== 0 ? [bin] : []));

/** Whether an actor has any call in the text; outside of the window it may have acted. */
function acted({ run }: RunView, { actors }: Track, lane: number): boolean {
  return run.program.instructions.some((one) => one.kind === 'call' && one.operation.actor === actors[lane]);
}

/** The longest sequences and loops in the window, and calls in which others act. */
function stretchesOf(view: RunView, { sections }: Track, bins: Bins): (Stretch & { readonly lane: number })[] {
  const { log } = view.run;
  const first = log.momentOf(bins.from);
  const last = log.momentOf(bins.to);
  const longest: Section[] = [];
  const least = (last - first) / 200;
  const end = firstFrom(sections.length, (i) => (sections[i] as Section).from > last);
  for (let i = 0; i < end; i++) {
    const section = sections[i] as Section;
    if (section.to < first || section.depth >= DEEPEST || section.to - section.from < least) continue;
    if (log.step(section.to) > log.step(section.from - 1)) longest.push(section);
  }
  return longest
    .sort((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, MOST_STRETCHES)
    .sort((a, b) => a.from - b.from)
    .flatMap((section) => {
      const instruction = view.run.program.instructions[section.pc];
      if (!instruction) return [];
      const text = section.flow ?? callOf(view, instruction, section.from);
      const { lane, depth } = section;
      return [{ from: log.step(section.from - 1) + 1, to: log.step(section.to), lane, depth, text }];
    });
}

/** Bins in which a breakpoint stops. */
export function breaksOf({ run, breakpoints }: RunView, bins: Bins): number[] {
  if (!breakpoints) return [];
  return [...new Set(stoppingSteps(run, breakpoints, bins.from, bins.to).map((n) => binOf(bins, n)))];
}

/** Where the steps that change the page or touch it fall. */
export function pageLaneOf(index: PageIndex, bins: Bins, page: PageLane['page'], text: string): PageLane {
  const marks = new Uint8Array(bins.count);
  eachTouch(index, bins.from, bins.to, (n, changes) => {
    const bin = binOf(bins, n);
    marks[bin] = changes ? 2 : Math.max(1, marks[bin] as number);
  });
  return { page, text, changed: binsWith(marks, 2), touched: binsWith(marks, 1) };
}
