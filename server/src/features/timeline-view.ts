// Where a question about the whole run is asked from: the run, the moment that panels speak of, and what places are called.
import type { Breakpoints, Run } from '../run/index.ts';
import type { Site } from '../scenario/index.ts';
import type { PageOf } from './history-index.ts';
import type { MomentSource } from './moment.ts';
import type { PlaceNames } from './moment-names.ts';
import { pageThroughRun } from './moment-places.ts';
import type { PathOf } from './moment-step.ts';
import type { Pages } from './pages.ts';
import type { Place, Source } from './panel-model.ts';

export interface RunView {
  readonly run: Run;
  /** The moment of the statement that panels show now. */
  readonly told: number;
  readonly names: PlaceNames;
  readonly pathOf: PathOf;
  /** The pages as they are now. */
  readonly pages: () => Pages;
  readonly breakpoints?: Breakpoints;
}

export function viewOf(source: MomentSource, pathOf: PathOf): RunView {
  const { run, listing, breakpoints } = source.stepper;
  const told = listing?.listing.moment ?? run.now;
  return { run, told, names: source.names, pathOf, pages: () => source.now(), ...(breakpoints && { breakpoints }) };
}

/** Where a statement is written, for going there and in words. */
export function placeInText(
  { run, pathOf }: RunView,
  { file, span }: Site,
): { readonly source: Source; readonly origin: string } {
  const line = file.line(span.start);
  return { source: { path: pathOf(file), line }, origin: `${file === run.program.main ? '' : file.path}:${line}` };
}

/** The page at a place through the whole run, if there is one now. */
export const pageAt = ({ names, pages }: RunView, place: Place): PageOf | undefined =>
  pageThroughRun(pages(), names, place);
