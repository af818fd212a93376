// Going through a run in both directions. Where one stands is a moment, and there before a statement, at one that failed, or
// inside a command; nothing else is remembered, so that every way to a place shows the same.
import type { Site } from '../scenario/index.ts';
import type { Breakpoint, Breakpoints } from './breakpoints.ts';
import { type Listing, listingOf } from './listing.ts';
import type { Run } from './run.ts';
import { type Goal, type Going, type Position, positionBehind, search } from './search.ts';
import { Timeline } from './timeline.ts';

export type StopReason =
  | 'entry'
  | 'step'
  | 'breakpoint'
  | 'data breakpoint'
  | 'exception'
  | 'goto'
  | 'pause'
  | 'start'
  | 'end';

export interface Stop {
  readonly reason: StopReason;
  readonly description: string;
  /** Of the breakpoints that stopped it. */
  readonly breakpoints: readonly number[];
}

const NOWHERE: Goal = () => false;

export class Stepper {
  readonly run: Run;
  readonly timeline: Timeline;
  /** Stop at a statement that failed. */
  stopOnFailure = true;
  /** Moments that a movement goes through before it lets others speak; see `isGoing`. */
  slice: number = Number.POSITIVE_INFINITY;
  readonly breakpoints: Breakpoints | undefined;
  private at: Position;
  private inside: { readonly listing: Listing; readonly stop: number } | undefined;
  private going: Going | undefined;

  constructor(run: Run, makeBreakpoints?: (timeline: Timeline) => Breakpoints) {
    this.run = run;
    this.timeline = new Timeline(run);
    this.breakpoints = makeBreakpoints?.(this.timeline);
    this.at = { moment: 0, pose: 'before' };
  }

  get position(): Position {
    return this.at;
  }

  /** The command that one has stepped into, and the line of its listing that comes next. */
  get listing(): { readonly listing: Listing; readonly line: number } | undefined {
    const { inside } = this;
    const stop = inside?.listing.stops[inside.stop];
    return inside && stop && { listing: inside.listing, line: stop.line };
  }

  /** Where the arrow is; `undefined` in a scenario without statements. */
  get site(): Site | undefined {
    const { moment, pose } = this.at;
    return (pose === 'before' ? this.timeline.nextAt(moment) : this.run.instructionAt(moment))?.site;
  }

  /** Nothing comes next. */
  get ended(): boolean {
    return this.at.pose === 'end';
  }

  /** The first stop: before the first statement, or with `onEntry` false at the first breakpoint or failure. */
  start(onEntry: boolean): Stop {
    this.settle({ moment: 0, pose: this.timeline.pcAt(0) === undefined ? 'end' : 'before' });
    if (onEntry) return stop('entry', this.afterStep);
    return this.breakpointStop(0) ?? this.forward(NOWHERE);
  }

  /** To the next statement at this depth or further out; inside a command to its next line. */
  next(): Stop {
    return this.inside ? this.nextLine() : this.over();
  }

  /** Into the sequence that the statement calls, or into its command; else as `next`. */
  stepIn(): Stop {
    if (this.inside) return this.nextLine();
    const { moment, pose } = this.at;
    const next = this.timeline.nextAt(moment);
    if (pose !== 'before' || !next) return this.over();
    if (next.kind === 'enter' || this.hasSteps(moment)) return this.forward((at) => this.timeline.begins(at));
    return (next.kind === 'call' ? this.enter() : undefined) ?? this.over();
  }

  /** Out of a command, or out of the sequence; at the outermost level to the end. */
  stepOut(): Stop {
    if (this.inside) return this.leave();
    const depth = this.depth();
    if (depth === 0) return this.forward(NOWHERE);
    return this.forward((at) => this.timeline.begins(at) && this.timeline.depthAt(at) < depth);
  }

  /** To the next breakpoint, failure or the end. */
  continue(): Stop {
    this.abandonListing();
    const { moment, pose } = this.at;
    // Behind a failure the arrow has not been on the next statement yet.
    const stopsHere = pose === 'failed' && this.breakpoints !== undefined && this.breakpoints.at(moment).length > 0;
    return stopsHere ? this.arrive(positionBehind(this.timeline, moment)) : this.forward(NOWHERE);
  }

  /** A movement is not there yet: `go` carries on with it, `pause` ends it. */
  get isGoing(): boolean {
    return this.going !== undefined;
  }

  /** Goes on with the movement, over one more slice. */
  go(): Stop {
    const { going } = this;
    if (!going) return this.pause();
    const found = search(this, going, going.cursor + this.slice, true);
    if (!found) return stop('pause', 'still going');
    this.going = undefined;
    return this.arrive(found);
  }

  /** Stops where it is, or where it should have stopped already. */
  pause(): Stop {
    const { going } = this;
    this.going = undefined;
    if (going) {
      const changed = this.breakpoints?.firstChange(going.start, going.cursor);
      if (changed !== undefined) return this.arrive(positionBehind(this.timeline, changed));
      this.settle(this.positionAt(Math.max(going.cursor, this.at.moment)));
    }
    return stop('pause', 'paused');
  }

  /** Undoes `next`: to the statement before, at this depth or further out; inside a command to its line before. */
  back(): Stop {
    if (this.inside) {
      const { listing, stop: index } = this.inside;
      if (index === 0) this.settle(this.at);
      else this.showLine(listing, index - 1);
      return stop('step', `in ${listing.name}`);
    }
    const target = this.before(this.at);
    if (!target) return stop('start', 'the scenario begins here');
    this.settle(target);
    return target.pose === 'failed' ? this.failureStop() : stop('step', this.afterStep);
  }

  /** Back to the last breakpoint before this place, or to the beginning. Behind a change it stops where going on does. */
  reverseContinue(): Stop {
    this.abandonListing();
    const changed = this.breakpoints?.lastChange(0, this.at.moment - 1);
    for (let moment = this.at.moment - 1; moment >= 0; moment--) {
      const found = moment === changed ? this.changeStop(moment) : this.breakpointStop(moment);
      if (!found) continue;
      this.settle({ moment, pose: 'before' });
      return found;
    }
    this.settle({ moment: 0, pose: 'before' });
    return stop('start', 'the scenario begins here');
  }

  /** To a moment; those not executed yet are. Ends at the last one if there are fewer. */
  goto(moment: number): Stop {
    while (moment > this.run.reached && this.timeline.extend());
    this.settle(this.positionAt(Math.max(0, Math.min(moment, this.run.reached))));
    return stop('goto', this.afterStep);
  }

  /** To right after a numbered step. */
  gotoStep(step: number): Stop {
    while (step > this.run.log.lastStep && this.timeline.extend());
    return this.goto(this.run.log.momentOf(Math.max(0, step)));
  }

  /** One numbered step on, whichever statement it belongs to. */
  stepForward(): Stop {
    this.abandonListing();
    const { log } = this.run;
    const taken = log.step(this.at.moment);
    return this.forward((at) => log.step(at) > taken);
  }

  /** One numbered step back. */
  stepBackward(): Stop {
    const taken = this.run.log.step(this.at.moment);
    if (taken === 0) {
      this.settle({ moment: 0, pose: 'before' });
      return stop('start', 'the scenario begins here');
    }
    this.settle(this.positionAt(this.run.log.momentOf(taken - 1)));
    return stop('step', this.afterStep);
  }

  /** On to the first moment that is wanted, a breakpoint, a failure or the end. */
  toNext(isWanted: (moment: number) => boolean): Stop {
    this.abandonListing();
    return this.forward(isWanted);
  }

  /** Back to the last moment before this one that is wanted; stays where it is if there is none. */
  toPrevious(isWanted: (moment: number) => boolean): Stop {
    this.abandonListing();
    for (let moment = this.at.moment - 1; moment > 0; moment--) if (isWanted(moment)) return this.goto(moment);
    return this.goto(this.at.moment);
  }

  /** Whether what comes next is a call with steps of its own: of a kernel flow, or lines below it. */
  private hasSteps(moment: number): boolean {
    const pc = this.timeline.pcAt(moment);
    if (pc === undefined) return false;
    const next = this.run.program.instructions[pc];
    if (next?.kind === 'call' && 'flow' in next.operation) return true;
    const below = this.run.program.instructions[pc + 1];
    return below?.kind === 'call' && below.within?.call === pc;
  }

  private over(): Stop {
    const { moment, pose } = this.at;
    if (pose === 'failed' && this.timeline.begins(moment)) return this.arrive(positionBehind(this.timeline, moment));
    const depth = this.depth();
    return this.forward((at) => this.timeline.begins(at) && this.timeline.depthAt(at) <= depth);
  }

  private forward(goal: Goal): Stop {
    const { moment } = this.at;
    this.going = { goal, start: moment, cursor: moment, looked: moment };
    return this.go();
  }

  /** Takes up a position and says why one stops there. */
  private arrive(position: Position): Stop {
    this.settle(position);
    const { moment, pose } = position;
    if (pose === 'failed') return this.failureStop();
    const changed = this.changeStop(moment);
    if (changed) return changed;
    if (pose === 'end') return this.endStop();
    return this.breakpointStop(moment) ?? stop('step', this.afterStep);
  }

  private get afterStep(): string {
    const { step } = this.run;
    return step === 0 ? 'before the first step' : `after step ${step}`;
  }

  private endStop(): Stop {
    const { exhausted } = this.run;
    return stop('end', exhausted === undefined ? 'the scenario ends here' : `the run ends here: ${exhausted}`);
  }

  private failureStop(): Stop {
    const [problem] = this.run.problemsAt(this.at.moment);
    return stop('exception', problem?.message ?? 'the statement failed');
  }

  private breakpointStop(moment: number): Stop | undefined {
    const hit = this.breakpoints?.at(moment) ?? [];
    return hit.length === 0 ? undefined : stop('breakpoint', 'a breakpoint', idsOf(hit));
  }

  /** Right behind a change of what is watched; breakpoints on the statement that comes next are named too. */
  private changeStop(moment: number): Stop | undefined {
    const { breakpoints } = this;
    const hit = breakpoints?.changedAt(moment) ?? [];
    if (!breakpoints || hit.length === 0) return undefined;
    return stop('data breakpoint', breakpoints.changesAt(moment), idsOf([...hit, ...breakpoints.at(moment)]));
  }

  private settle(position: Position): void {
    this.inside = undefined;
    this.at = position;
    this.run.seek(position.moment);
  }

  /** What one sees at a moment: the statement that failed, else the one that comes next. */
  private positionAt(moment: number): Position {
    return this.stopOnFailure && this.timeline.failsAt(moment)
      ? { moment, pose: 'failed' }
      : positionBehind(this.timeline, moment);
  }

  /** How many sequences the statement under the arrow stands in. */
  private depth({ moment, pose }: Position = this.at): number {
    if (pose === 'before') return this.timeline.depthAt(moment);
    return pose === 'failed' ? this.timeline.depthBefore(moment) : 0;
  }

  /** The position from which `next` leads to this one. */
  private before(position: Position): Position | undefined {
    const { moment, pose } = position;
    if (moment === 0) return undefined;
    if (pose !== 'failed' && this.stopOnFailure && this.timeline.failsAt(moment)) return { moment, pose: 'failed' };
    const depth = this.depth(position);
    let start = moment - 1;
    while (start > 0 && !(this.timeline.begins(start) && this.timeline.depthAt(start) <= depth)) start--;
    let interrupted = moment - 1;
    while (interrupted > start && !this.interrupts(interrupted)) interrupted--;
    if (interrupted === start) return { moment: start, pose: 'before' };
    return this.lastOnTheWay(this.positionAt(interrupted), position);
  }

  /** Whether `next` would stop at a moment on its way. */
  private interrupts(moment: number): boolean {
    if (this.stopOnFailure && this.timeline.failsAt(moment)) return true;
    const { breakpoints } = this;
    return breakpoints !== undefined && (breakpoints.at(moment).length > 0 || breakpoints.changedAt(moment).length > 0);
  }

  /** Repeats `next` in thought from one position up to the last before another. */
  private lastOnTheWay(from: Position, to: Position): Position {
    for (let current = from; ; ) {
      const { moment, pose } = current;
      const depth = this.depth(current);
      const goal: Goal = (at) => this.timeline.begins(at) && this.timeline.depthAt(at) <= depth;
      const following =
        pose === 'failed' && this.timeline.begins(moment)
          ? positionBehind(this.timeline, moment)
          : (search(this, { goal, start: moment, cursor: moment, looked: moment }, to.moment, false) ?? to);
      if (following.moment > to.moment || (following.moment === to.moment && following.pose === to.pose))
        return current;
      if (following.moment === to.moment && to.pose === 'failed') return current;
      current = following;
    }
  }

  /** Into the command that comes next: it is carried out to know what it does, and then shown from its first check. */
  private enter(): Stop | undefined {
    const { moment } = this.at;
    const next = this.timeline.nextAt(moment);
    if (next?.kind !== 'call') return undefined;
    if (moment === this.run.reached && !this.timeline.extend()) return undefined;
    if (this.run.log.step(moment + 1) === this.run.log.step(moment)) return undefined; // its arguments have no value
    const listing = listingOf(this.run, moment + 1, next);
    this.showLine(listing, 0);
    return stop('step', `in ${listing.name}`);
  }

  private nextLine(): Stop {
    const { inside } = this;
    if (!inside || inside.stop + 1 >= inside.listing.stops.length) return this.leave();
    this.showLine(inside.listing, inside.stop + 1);
    return stop('step', `in ${inside.listing.name}`);
  }

  private showLine(listing: Listing, index: number): void {
    const moment = listing.moment - 1;
    this.settle({ moment, pose: 'before' });
    this.inside = { listing, stop: index };
    this.run.machine.store.peekInside(listing.stops[index]?.writes ?? 0);
  }

  /** Behind the command; the arrow stays on a statement that goes on with the next page of its range. */
  private leave(): Stop {
    this.abandonListing();
    return this.arrive(this.positionAt(this.at.moment + 1));
  }

  private abandonListing(): void {
    if (this.inside) this.settle(this.at);
  }
}

const idsOf = (breakpoints: readonly Breakpoint[]) => breakpoints.map(({ id }) => id);

const stop = (reason: StopReason, description: string, breakpoints: readonly number[] = []): Stop => ({
  reason,
  description,
  breakpoints,
});
