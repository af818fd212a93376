// What the Timeline panel is told: plain data, with every text decided, so that the panel only draws.
import type { PanelMessage, PanelRequest, Place, Source, Status } from './panel-model.ts';

/** What a step has to do with the selected page: it changes one of its cells, or only names it. */
export type Touch = 'changed' | 'touched';

/** One executed statement. Those that take no step (a sequence begins, a check) stand between the numbered ones. */
export interface TimelineRow {
  /** Its place in the list, from 0. */
  readonly row: number;
  /** The number of the step; absent where none is taken. */
  readonly n?: number;
  readonly actor: string;
  /** How many sequences and loops it stands in, and the row below it; the rail is drawn from both. */
  readonly depth: number;
  readonly below: number;
  /** A sequence or a loop begins here. */
  readonly head: boolean;
  readonly call: string;
  readonly result: string;
  readonly status: Status;
  readonly source: Source;
  /** `:26`, with its file where that is not the scenario's own: `lib/realm.cocoscn:9`. */
  readonly origin: string;
  readonly touch?: Touch;
  /** A breakpoint stops before it, or behind it because of what it changes. */
  readonly breakpoint?: true;
}

/** How many of the executed steps ended in which way. */
export interface Tally {
  readonly ok: number;
  readonly expected: number;
  readonly unexpected: number;
}

/** Rows `from` to `from + rows.length` of `total`. */
export interface TimelineRows {
  readonly revision: number;
  readonly from: number;
  readonly total: number;
  /** The row of the statement that led to this stop, -1 at the beginning; those after it are ahead. */
  readonly current: number;
  readonly tally: Tally;
  readonly rows: readonly TimelineRow[];
}

/** A sequence, a loop or a kernel function, from its first to its last step. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** How deep it is nested in others of its lane, from 0. */
  readonly depth: number;
  readonly text: string;
}

/** What one actor did. Bins are counted from 0 at the beginning of the window. */
export interface Lane {
  readonly name: string;
  /** Said where the whole run has no step of this actor. */
  readonly why?: string;
  /** Steps in each bin. */
  readonly steps: readonly number[];
  /** Bins with a step that failed as the file says, and with one that failed otherwise. */
  readonly expected: readonly number[];
  readonly unexpected: readonly number[];
  readonly stretches: readonly Stretch[];
}

/** The selected page's own lane. */
export interface PageLane {
  readonly page: Place;
  readonly text: string;
  /** Bins with a step that changes it, and with one that only touches it. */
  readonly changed: readonly number[];
  readonly touched: readonly number[];
}

/** The steps `from` to `to`, both included, in equal bins; one step a bin where there is room. */
export interface Density {
  readonly revision: number;
  readonly from: number;
  readonly to: number;
  /** Steps recorded so far. */
  readonly last: number;
  readonly bins: number;
  /** Steps of the fullest bin of any lane. */
  readonly most: number;
  readonly lanes: readonly Lane[];
  /** Bins with a step at which a breakpoint stops. */
  readonly breaks: readonly number[];
  readonly page?: PageLane;
}

/** `cocoscn/steps`: rows `from` on; `page` asks what each has to do with it. */
export interface StepsRequest {
  readonly type: 'steps';
  readonly revision: number;
  readonly from: number;
  readonly count: number;
  readonly page?: Place;
}

/** `cocoscn/density`: the whole run unless `from` and `to` say otherwise; `bins` are used above 2,000 steps. */
export interface DensityRequest {
  readonly type: 'density';
  readonly revision: number;
  readonly bins: number;
  readonly from?: number;
  readonly to?: number;
  readonly page?: Place;
}

/** What the Timeline panel may ask. */
export type TimelinePanelRequest = PanelRequest | StepsRequest | DensityRequest;

/** What it is told; rows come with the page they were asked for. */
export type TimelinePanelMessage =
  | PanelMessage
  | { readonly type: 'steps'; readonly steps: TimelineRows; readonly page?: Place }
  | { readonly type: 'density'; readonly density: Density };
