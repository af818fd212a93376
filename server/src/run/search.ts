// Where a movement ends: at its goal, at a failure, at a breakpoint, behind a change of what is watched, or with the run.
import type { Breakpoints } from './breakpoints.ts';
import type { Timeline } from './timeline.ts';

/**
 * `before`: the arrow is on the statement that comes next. `failed`: on the one that led here, because it failed. `end`: on
 * the last one, because nothing comes next.
 */
export type Pose = 'failed' | 'before' | 'end';

export interface Position {
  readonly moment: number;
  readonly pose: Pose;
}

/** Where a movement ends: a test of a moment, and of the position there. `undefined` lets it go on. */
export type Goal = (moment: number) => boolean;

/** A movement under way: where it began, how far it got, and how far it was asked who changed what is watched. */
export interface Going {
  readonly goal: Goal;
  readonly start: number;
  cursor: number;
  looked: number;
}

/**
 * What is watched is looked up after so many statements, more in a long run, and then after every half as many again: an
 * index of the changes is not made anew for every statement, and little is executed behind the one where the movement stops.
 */
const LOOK = 64;
const LOOKS = 256;

/** Who moves: through which run, and what stops it. */
interface Searcher {
  readonly timeline: Timeline;
  readonly breakpoints: Breakpoints | undefined;
  readonly stopOnFailure: boolean;
}

/** As `scan`, but no further than behind the first moment that changed something watched. */
export function search(by: Searcher, from: Going, last: number, mayExtend: boolean): Position | undefined {
  const { breakpoints, timeline } = by;
  if (!breakpoints?.isWatching) return scan(by, from, last, mayExtend);
  while (from.cursor < last) {
    const ahead = Math.max(LOOK, timeline.run.reached / LOOKS, (from.looked - from.start) / 2);
    const due = from.looked + Math.ceil(ahead);
    const found = scan(by, from, Math.min(last, due), mayExtend);
    if (!found && from.cursor < due && mayExtend) return undefined;
    const changed = breakpoints.firstChange(from.start, found?.moment ?? from.cursor);
    from.looked = from.cursor;
    if (changed !== undefined && changed !== found?.moment) return positionBehind(timeline, changed);
    if (found) return found;
  }
  return undefined;
}

/** From a cursor to the first moment that stops: a failure, the goal or a breakpoint. Executes what is not, if it may. */
function scan(by: Searcher, from: Going, last: number, mayExtend: boolean): Position | undefined {
  const { timeline, breakpoints, stopOnFailure } = by;
  const { run } = timeline;
  while (from.cursor < last) {
    if (from.cursor >= run.reached && !(mayExtend && timeline.extend())) return { moment: run.reached, pose: 'end' };
    const moment = ++from.cursor;
    if (stopOnFailure && timeline.failsAt(moment)) return { moment, pose: 'failed' };
    if (timeline.pcAt(moment) === undefined) continue;
    if (from.goal(moment)) return { moment, pose: 'before' };
    if (breakpoints && breakpoints.at(moment).length > 0) return { moment, pose: 'before' };
  }
  return undefined;
}

/** The arrow on what comes next. */
export function positionBehind(timeline: Timeline, moment: number): Position {
  const { run } = timeline;
  const goesOn = timeline.pcAt(moment) !== undefined && !(moment === run.reached && run.exhausted !== undefined);
  return { moment, pose: goesOn ? 'before' : 'end' };
}
