// What a panel is told about a moment: plain data, decided here once, so that a panel draws and never judges.

/** The families of page states; a panel draws a family as tint, border, pattern and glyph. */
export const FAMILIES = [
  'host',
  'transition',
  'private',
  'shared',
  'firmware',
  'leaked',
  'absent',
  'vacant',
  'lost',
] as const;
export type Family = (typeof FAMILIES)[number];

/** A page in one of its places. `at` is bytes from the start of `object` for gmem and mapping, else an address. */
export interface Place {
  readonly kind: 'gmem' | 'mapping' | 'gpa' | 'alias' | 'frame' | 'entry';
  readonly object: string;
  readonly at: number;
  readonly level?: number;
}

/** `expected`: it failed and the file says so. `unexpected`: it differs from what the file says. */
export type Status = 'ok' | 'expected' | 'unexpected' | 'open';

/** Lines are counted from 1. */
export interface Source {
  readonly path: string;
  readonly line: number;
}

/** One numbered step of the run. Step 0 is the machine before anything ran. */
export interface Step {
  readonly n: number;
  /** Who acts: `RMM`, `host`, … */
  readonly actor: string;
  readonly depth: number;
  /** As written, with places named: `RMI_DATA_DESTROY(RD, 0x0)`. */
  readonly call: string;
  readonly result: string;
  readonly status: Status;
  /** One sentence after the result: `as line 26 expects`, `but line 26 expects RMI_SUCCESS`. */
  readonly why?: string;
  readonly source?: Source;
}

export interface Value {
  readonly text: string;
  readonly family?: Family;
}

/** One changed cell, or, in `kept`, one that a refused command left as it was. */
export interface Change {
  /** None for what is about no page: a vCPU, a pin, the kernel of the host. */
  readonly place?: Place;
  /** Names the place: `pa(gm[16K])`, `0x8800_4000`. */
  readonly text: string;
  /** Bytes from the place on that changed alike; a page when left out. */
  readonly length?: number;
  /** What of it: `granule`, `GPT`, `RTT L3[4]`, `bytes`, `realm`. */
  readonly field: string;
  readonly before: Value;
  readonly after: Value;
  /** The step that put the value there; only in `kept`. */
  readonly since?: number;
}

export interface Unit {
  readonly at: number;
  /** Names the page: `RTT0 + 4K`; its address when left out. */
  readonly text?: string;
  /** The rest of what a reader asks of it: `GPT REALM, RTT level 3 UNASSIGNED DESTROYED`. */
  readonly detail?: string;
  readonly state: Value;
  /** Touched by this step: changed it, or was refused because of it. */
  readonly mark?: 'changed' | 'refused';
}

/** Folios beside one another that are alike, and who holds them. */
export interface Folios {
  /** As a cell's. */
  readonly at: number;
  /** Units that they cover together. */
  readonly count: number;
  /** `pfn 0x9_0002`: of the first one. */
  readonly pfn: string;
  /** `4K folio`, `16 folios of 4K`. */
  readonly size: string;
  /** `refcount 2 (page cache 1, mapped 1)`. */
  readonly refcount: string;
  readonly pins: number;
  /** `locked`, `hwpoison`. */
  readonly flags: readonly string[];
}

/** A strip: equal pages folded with their count, never the touched ones. */
export interface Strip {
  readonly object: string;
  /** Which of its places a cell stands for, so that choosing one names a `Place`; `frame` when left out. */
  readonly kind?: Place['kind'];
  readonly title: string;
  /** What it is: `guest_memfd, 2M, 1 of 32 host pages present`. */
  readonly about?: string;
  /** Bytes of one unit. */
  readonly unit: number;
  /** The folios behind its pages, in the order of the cells; a page without one is absent. */
  readonly folios?: readonly Folios[];
  /** Folios left out behind the last ones. */
  readonly moreFolios?: number;
  readonly cells: readonly (Unit & { readonly count: number })[];
  /** Cells left out behind the last one; 0 when all are there. */
  readonly more: number;
}

/** A run of equal neighbouring pages. */
export interface Run {
  readonly first: Place;
  /** `RTT0 .. RTT0 + 8K`, `0x8800_4000`. */
  readonly text: string;
  readonly count: number;
  readonly state: Value;
  /** One text a column of `Runs.columns`. */
  readonly columns: readonly string[];
}

/** Rows `from` to `from + rows.length` of `total`. */
export interface Runs {
  readonly revision: number;
  readonly from: number;
  readonly total: number;
  /** Pages in all runs. */
  readonly pages: number;
  /** Bytes of one page; 4096 when left out. */
  readonly unit?: number;
  readonly columns: readonly string[];
  readonly rows: readonly Run[];
}

/** A door from the frame to one of the places that lead to it; `wire` says whether an access gets through. */
export interface Door {
  readonly title: string;
  readonly text: string;
  readonly wire: 'open' | 'none' | 'barred';
}

/** One page in all its places. */
export interface Places {
  readonly revision: number;
  readonly page: Place;
  readonly title: string;
  readonly state: Value;
  /** Name and value: GPT, owner, bytes. */
  readonly frame: readonly (readonly [string, string])[];
  readonly host: readonly Door[];
  readonly guest: readonly Door[];
  /** Every place of the page: what a strip or a row may have for it. */
  readonly everywhere?: readonly Place[];
  readonly access: readonly { readonly who: string; readonly outcome: string; readonly ok: boolean }[];
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
  readonly because: string;
}

/** One stop: what happened, what it changed and where that lies. */
export interface Moment {
  readonly session: string;
  /** Grows with every stop; an answer for another revision is dropped. */
  readonly revision: number;
  readonly step: Step;
  /** The call stack, outermost first, without the step itself. */
  readonly stack: readonly string[];
  /** Steps recorded so far: those after `step.n` are ahead. */
  readonly reached: number;
  /** Steps of the whole run, or `undefined` while its end is not known. */
  readonly total?: number;
  readonly changes: readonly Change[];
  /** Changes behind those; a panel asks for them with `changes`. */
  readonly moreChanges?: number;
  readonly kept: readonly Change[];
  readonly totals: Readonly<Record<Family, number>>;
  readonly strips: readonly Strip[];
  /** The page that this step is about; a panel selects it until the user chooses another. */
  readonly focus?: Place;
  readonly failure?: Failure;
  /** What stops a movement by changing: `gm[16K]`. */
  readonly watched?: readonly { readonly page: Place; readonly text: string }[];
  /** Set when the text was edited after the run began: the first changed line. */
  readonly staleLine?: number;
}

/**
 * What a panel may ask; `n` steps are absolute numbers. `filter` is words that all must hold: the name of a family means pages of that
 * family, any other word is part of a place, a state or a column, in either case.
 */
export type PanelRequest =
  | { readonly type: 'ready' }
  | { readonly type: 'moment' }
  | {
      readonly type: 'runs';
      readonly revision: number;
      readonly from: number;
      readonly count: number;
      readonly filter: string;
    }
  /** Changes of the step, from one of them on. */
  | { readonly type: 'changes'; readonly revision: number; readonly from: number; readonly count: number }
  | { readonly type: 'places'; readonly revision: number; readonly page: Place }
  | { readonly type: 'touches'; readonly revision: number; readonly page: Place }
  | { readonly type: 'goto'; readonly step: number }
  /** To the next or previous step that failed, as expected or not. */
  | { readonly type: 'failure'; readonly direction: 'next' | 'previous' }
  /** Shows the history of the selected page. */
  | { readonly type: 'showHistory' }
  /** Stops at each change of a page, or no longer. */
  | { readonly type: 'watch'; readonly page: Place }
  /** Shows the statement that changed a page last; puts an `expect` that says what it is on the clipboard. */
  | { readonly type: 'writer' | 'expectation'; readonly page: Place }
  /** Sets a breakpoint on a line, or takes it away. */
  | { readonly type: 'breakpoint'; readonly source: Source }
  | { readonly type: 'stepBack' | 'stepForward' | 'statementBack' | 'statementForward' }
  | { readonly type: 'reveal'; readonly source: Source; readonly focus: boolean }
  /** The reader chose a page, for all panels of the session; without one they follow the step again. */
  | { readonly type: 'select'; readonly page?: Place }
  | { readonly type: 'copy'; readonly text: string }
  /** `pause` stops a long run where it stands. */
  | { readonly type: 'run' | 'pause' | 'leave' };

/** What a panel is told. */
export type PanelMessage =
  | { readonly type: 'moment'; readonly moment: Moment }
  | { readonly type: 'runs'; readonly runs: Runs }
  | {
      readonly type: 'changes';
      readonly revision: number;
      readonly from: number;
      readonly rows: readonly Change[];
      readonly total: number;
    }
  | { readonly type: 'places'; readonly places: Places }
  /** Steps that change or touch the selected page, for the scrubber's marks and the keys [ and ]. */
  | { readonly type: 'touches'; readonly revision: number; readonly page: Place; readonly steps: readonly number[] }
  /** The page that the reader chose in some panel; without one each follows the step. */
  | { readonly type: 'selected'; readonly page?: Place }
  | { readonly type: 'loading'; readonly done: number; readonly total?: number }
  /** No session, or no longer; `program` is the file that `run` would start. */
  | { readonly type: 'ended'; readonly program?: string };
