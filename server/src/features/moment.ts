// What a panel is told at a stop, from the stepper's place in time.

import { flowStack, ObjectNames, type Stepper } from '../run/index.ts';
import type { Instruction } from '../scenario/index.ts';
import { pageIndexOf } from './history-index.ts';
import { type Changes, changeOf, changesOf, framePlace, keptOf } from './moment-changes.ts';
import { hasKernel, KernelMemory } from './moment-kernel.ts';
import { kernelFocus, kernelMarks, kernelStrips } from './moment-kernel-marks.ts';
import { KernelRuns } from './moment-kernel-runs.ts';
import { PlaceNames } from './moment-names.ts';
import { pageOfPlace, pageThroughRun, placesOf } from './moment-places.ts';
import { GranuleRuns, RunTable } from './moment-runs.ts';
import { failureOf, type PathOf, stackOf, stepOf } from './moment-step.ts';
import { stripsOf } from './moment-strips.ts';
import { Pages } from './pages.ts';
import type { Change, Moment, Place, Places, Runs, Step, Unit } from './panel-model.ts';

export interface MomentOptions {
  /** Names the session; equal for a scenario that is run again. */
  readonly session: string;
  /** The path of a file as the editor knows it. */
  readonly pathOf: PathOf;
}

export class MomentSource {
  readonly stepper: Stepper;
  readonly names: PlaceNames;
  private readonly pages: Pages;
  private readonly options: MomentOptions;
  private table: { readonly position: number; readonly rows: RunTable } | undefined;

  constructor(stepper: Stepper, options: MomentOptions) {
    this.stepper = stepper;
    this.options = options;
    this.names = new PlaceNames(stepper.run.program);
    this.pages = new Pages(stepper.run, this.names.frames);
  }

  /** The pages at the place where the run stands now. */
  now(): Pages {
    this.pages.sync();
    return this.pages;
  }

  /** The statement that led here, or the one that one has stepped into. */
  step(): Step {
    const { run } = this.stepper;
    return stepOf(run, this.told, this.names, this.options.pathOf, this.stepper.listing !== undefined);
  }

  /** What the step changed, from one change on. */
  changes(from = 0, count?: number): Changes {
    const { run, listing } = this.stepper;
    if (!listing) return changesOf(run, this.told, this.names, from, count);
    const stop = listing.listing.stops.find(({ line }) => line === listing.line);
    const objects = new ObjectNames(run);
    const done = listing.listing.writes.slice(0, stop?.writes ?? 0);
    const rows = done.flatMap((text) => (text ? [changeOf(text, this.names, objects)] : []));
    const end = count === undefined ? rows.length : from + count;
    return { rows: rows.slice(from, end), more: Math.max(0, rows.length - end) };
  }

  moment(revision: number): Moment {
    const { run, listing } = this.stepper;
    const pages = this.now();
    const { told } = this;
    const step = this.step();
    const { rows: changes, more } = this.changes();
    const kept = listing || changes.length > 0 ? [] : keptOf(run, told, this.names);
    const failure = listing ? undefined : failureOf(run, told);
    const instruction = run.instructionAt(told);
    const memory = hasKernel(pages) ? new KernelMemory(pages) : undefined;
    const focus = memory ? kernelFocus(memory, changes, kept) : this.focus(changes, kept, instruction);
    const finished = this.stepper.timeline.isComplete;
    return {
      session: this.options.session,
      revision,
      step,
      stack: instruction ? [...stackOf(instruction), ...flowStack(run)] : [],
      reached: run.log.lastStep,
      ...(finished && { total: run.log.lastStep }),
      changes,
      ...(more > 0 && { moreChanges: more }),
      kept,
      totals: memory ? memory.totals() : { ...pages.totals },
      strips: memory
        ? kernelStrips(memory, this.names, kernelMarks(memory, changes, kept))
        : stripsOf(pages, this.names, this.marks(changes, kept)),
      ...(focus && { focus }),
      ...(failure && { failure }),
    };
  }

  runs(revision: number, rows: { from: number; count: number }, filter: string): Runs {
    const pages = this.now();
    const { position } = this.stepper.run.machine.store;
    if (this.table?.position !== position) {
      const source = hasKernel(pages)
        ? new KernelRuns(new KernelMemory(pages), this.names)
        : new GranuleRuns(pages, this.names);
      this.table = { position, rows: new RunTable(source) };
    }
    return this.table.rows.rows(revision, rows, filter);
  }

  places(revision: number, page: Place): Places {
    return placesOf(this.now(), this.names, revision, page);
  }

  /** Numbers of the steps that change or name a page. */
  touches(page: Place): number[] {
    const found = pageThroughRun(this.now(), this.names, page);
    return found ? [...new Set(pageIndexOf(this.stepper.run, found).steps)] : [];
  }

  /**
   * The moment that is told: that of the last numbered step. What only checks or prepares changes nothing and is told where
   * it failed.
   */
  get told(): number {
    const { run, listing } = this.stepper;
    if (listing) return listing.listing.moment;
    return run.problemsAt(run.now).length > 0 ? run.now : run.log.momentOf(run.log.step(run.now));
  }

  private marks(changes: readonly Change[], kept: readonly Change[]): Map<number, NonNullable<Unit['mark']>> {
    const { pages } = this.stepper.run.machine;
    const marks = new Map<number, NonNullable<Unit['mark']>>();
    const add = (rows: readonly Change[], mark: NonNullable<Unit['mark']>) => {
      for (const { place } of rows)
        if (place?.kind === 'frame' && pages.has(place.at)) marks.set(pages.row(place.at), mark);
    };
    add(kept, 'refused');
    add(changes, 'changed');
    return marks;
  }

  /** The page that the step is about: the granule that changed hands, else what refused it, else its first argument. */
  private focus(
    changes: readonly Change[],
    kept: readonly Change[],
    instruction: Instruction | undefined,
  ): Place | undefined {
    const { run } = this.stepper;
    const moved =
      changes.find(({ field }) => field === 'granule') ?? changes.find(({ place }) => place?.kind === 'frame');
    const first = moved ?? kept.find(({ place }) => place?.kind === 'frame');
    if (first) return first.place;
    const entry = [...changes, ...kept].find(({ place }) => place?.kind === 'entry')?.place;
    if (entry) return pageOfPlace(this.pages, this.names, entry) ?? entry;
    if (instruction?.kind !== 'call') return undefined;
    const index = instruction.operation.params.findIndex(({ type }) => type === 'pa');
    const at = run.log.arguments(this.told)[index];
    return at !== undefined && run.machine.pages.has(at) ? framePlace(at - (at % 4096)) : undefined;
  }
}
