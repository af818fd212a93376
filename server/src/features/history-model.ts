// What the Page history panel is told: plain data, with every text and family decided, so that the panel only draws.
import type { Change, PanelMessage, PanelRequest, Place, Source, Status, Value } from './panel-model.ts';

/** One step that changed the page or named it. */
export interface Transition {
  /** Its place among all transitions, from 0. */
  readonly index: number;
  readonly n: number;
  readonly actor: string;
  readonly call: string;
  readonly result: string;
  readonly status: Status;
  readonly source: Source;
  /** `:26`, with its file where that is not the scenario's own: `lib/realm.cocoscn:9`. */
  readonly origin: string;
  /** The page after it. */
  readonly state: Value;
  /** What it changed of this page; empty for a touch. */
  readonly changes: readonly Change[];
  /** Changes that have no line. */
  readonly more: number;
  /** Of a touch: `stays DELEGATED; injected by line 18`. */
  readonly note?: string;
}

/** The page is in this state from right after a step until the next segment. */
export interface Segment {
  /** 0 is the beginning. */
  readonly since: number;
  readonly state: Value;
  /** So many states one after the other, `state` being the first, that are too short to be drawn apart. */
  readonly folded?: number;
}

/** The page's whole life, whatever part of the list was asked for. */
export interface Life {
  readonly band: readonly Segment[];
  /** The first transition that is listed: at most 16,000 are, those around the current one. */
  readonly first: number;
  /** Lines below the head of each listed transition, one digit each, so that a list of any length can be laid out. */
  readonly lines: string;
  readonly changes: number;
  readonly touches: number;
}

export interface PageHistory {
  readonly revision: number;
  readonly page: Place;
  /** `pa(gm[16K])`, `DATA + 4K`, or its address. */
  readonly title: string;
  /** Its other names, one line each: `granule 0x8812_4000, GPT REALM`. */
  readonly names: readonly string[];
  /** The step shown now, and the last one recorded. */
  readonly now: number;
  readonly last: number;
  /** The last transition that is not ahead; -1 where all are. */
  readonly current: number;
  readonly total: number;
  readonly life?: Life;
  readonly from: number;
  readonly rows: readonly Transition[];
}

/** `cocoscn/history`: without `from` the rows around the current one, and the page's life. */
export interface HistoryRequest {
  readonly type: 'history';
  readonly revision: number;
  readonly page: Place;
  readonly from?: number;
  readonly count?: number;
}

/** What the Page history panel may ask. */
export type HistoryPanelRequest = PanelRequest | HistoryRequest;

/** What it is told. */
export type HistoryPanelMessage = PanelMessage | { readonly type: 'history'; readonly history: PageHistory };
