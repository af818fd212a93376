// The whole run for the Timeline panel: its statements as rows, a stretch at a time, and its steps as lanes of bins.
import { elsewhere } from './elsewhere.ts';
import { type PageIndex, pageIndexOf } from './history-index.ts';
import { titleOf } from './history-names.ts';
import type { Place } from './panel-model.ts';
import { binsOf, breaksOf, lanesOf, pageLaneOf } from './timeline-lanes.ts';
import type { Density, DensityRequest, StepsRequest, TimelineRows } from './timeline-model.ts';
import { rowOf } from './timeline-rows.ts';
import { trackOf } from './timeline-track.ts';
import { pageAt, type RunView } from './timeline-view.ts';

/** Rows of one answer at most; two hundred stay below 64 KiB. */
const MOST_ROWS = 200;

/** What `cocoscn/steps` answers. */
export const answerSteps = (view: RunView, { revision, from, count, page }: StepsRequest): TimelineRows => ({
  revision,
  ...steps(view, from, count, page),
});

/** What `cocoscn/density` answers. */
export const answerDensity = (view: RunView, { revision, bins, from, to, page }: DensityRequest): Density => ({
  revision,
  ...density(view, bins, { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }, page),
});

/** Rows `from` on, counted from 0; with a page each says what it has to do with it. */
export function steps(view: RunView, from: number, count: number, page?: Place): Omit<TimelineRows, 'revision'> {
  const { run } = view;
  const track = trackOf(run);
  const index = indexOf(view, page);
  const first = Math.max(0, Math.floor(from));
  const length = Math.max(0, Math.min(Math.floor(count), MOST_ROWS, run.reached - first));
  return {
    from: first,
    total: run.reached,
    current: view.told - 1,
    tally: track.tally,
    rows: elsewhere(run, () => Array.from({ length }, (_, i) => rowOf(view, track, first + i + 1, index))),
  };
}

/** The steps of a window, the whole run if it is left out. `bins` counts only above 2,000 steps. */
export function density(
  view: RunView,
  bins: number,
  window: { readonly from?: number; readonly to?: number } = {},
  page?: Place,
): Omit<Density, 'revision'> {
  const { run } = view;
  const track = trackOf(run);
  const shown = binsOf(run.log.lastStep, bins, window.from, window.to);
  const index = indexOf(view, page);
  return {
    from: shown.from,
    to: shown.to,
    last: run.log.lastStep,
    bins: shown.count,
    ...lanesOf(view, track, shown),
    breaks: breaksOf(view, shown),
    ...(page && index && { page: pageLaneOf(index, shown, page, titleOf(view, page, index)) }),
  };
}

function indexOf(view: RunView, page: Place | undefined): PageIndex | undefined {
  const found = page && pageAt(view, page);
  return found && pageIndexOf(view.run, found);
}
