// One version of a scenario, checked in slices of time, so that requests and edits are answered in between.
import { type Analysis, analyse } from '../features/analysis.ts';
import type { Resolver } from '../scenario/index.ts';

/** Milliseconds that the server is busy before it looks for messages again. */
const SLICE = 8;
/** Milliseconds after which the problems found so far are shown. */
const PATIENCE = 200;
/** Milliseconds that running one scenario takes at most while it is edited. */
const BUDGET = 2000;
/** Statements between two looks at the clock. */
const STRIDE = 16;

export class Check {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
  readonly analysis: Analysis;
  /** Resolves when the run has ended, used its budget or was cancelled. */
  readonly ended: Promise<void>;
  private readonly report: (check: Check) => void;
  private readonly fail: (error: unknown) => void;
  private end: () => void = () => undefined;
  private spent = 0;
  private shown = false;
  private timer: NodeJS.Immediate | undefined;
  private started = false;
  private cancelled = false;

  /**
   * Compiles at once; `report` is called each time there is something to show, `fail` for a defect of ours. `before` is the
   * check of an earlier version, which has ended or was cancelled; nobody may look at its analysis any more.
   */
  constructor(
    document: { readonly uri: string; readonly version: number; readonly text: string; readonly path: string },
    before: Check | undefined,
    resolver: Resolver,
    report: (check: Check) => void,
    fail: (error: unknown) => void,
  ) {
    this.uri = document.uri;
    this.version = document.version;
    this.text = document.text;
    this.analysis = analyse(document.path, document.text, resolver, before?.analysis);
    this.report = report;
    this.fail = fail;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  /** The scenario goes on, but the editor has waited long enough. */
  get stoppedEarly(): boolean {
    return this.spent >= BUDGET && !this.analysis.run.finished;
  }

  start(): void {
    if (this.started || this.cancelled) return;
    this.started = true;
    this.slice();
  }

  cancel(): void {
    this.cancelled = true;
    clearImmediate(this.timer);
    this.end();
  }

  private slice(): void {
    try {
      const more = this.runFor(SLICE);
      if (!more) this.end();
      if (!more || (!this.shown && this.spent >= PATIENCE)) {
        this.shown = true;
        this.report(this);
      }
      if (more) this.timer = setImmediate(() => this.slice());
    } catch (error) {
      this.end();
      this.fail(error);
    }
  }

  /** Runs for some milliseconds; false when nothing is left to run or no time. */
  private runFor(milliseconds: number): boolean {
    const { run } = this.analysis;
    const begin = performance.now();
    let more = true;
    let taken = 0;
    while (more && taken < milliseconds) {
      more = run.advanceBy(STRIDE);
      taken = performance.now() - begin;
    }
    this.spent += taken;
    return more && this.spent < BUDGET;
  }
}
