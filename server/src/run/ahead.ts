// What a run did behind an edit before the edit. A moment that looked at nothing that is otherwise now does the same again: it
// is taken over as it was recorded, and only the others are executed.
import type { Instruction } from '../scenario/index.ts';
import type { Recorded, Write } from '../store/index.ts';
import { type LogPart, placeIn } from './log.ts';
import type { Run } from './run.ts';

interface Recording {
  /** The first instruction behind the edit, and how many instructions further on it is than it was. */
  readonly to: number;
  readonly by: number;
  /** The first moment of what was edited. */
  readonly edited: number;
  /** What the edited statements had changed before the edit. */
  readonly did: readonly Write[];
  readonly log: LogPart;
  readonly recorded: Recorded;
  /** Moments that had a problem, counted from the first that is recorded: their texts tell of moments before them. */
  readonly wrong: ReadonlySet<number>;
  /** The instruction of the new program for one of the old. */
  standsFor<I extends Instruction>(instruction: I): I;
}

/** Cells are sorted into as many marks, so that most that are read need not be looked up. */
const MARKS = 2 ** 16;
/** Statements that are executed in a row before nothing more is hoped for. */
const PATIENCE = 4096;

export class Ahead {
  private readonly recording: Recording;
  /** The cells in which the two runs differ, each where it stands, with what they held before the edit. */
  private readonly different = new Map<number, number>();
  private readonly marks = new Uint8Array(MARKS);
  /** The next moment of the recorded run, and the first behind its statement if the new run stands at the same one. */
  private next = 0;
  private twin: number | undefined;
  private begun = false;
  private inVain = 0;

  constructor(recording: Recording) {
    this.recording = recording;
  }

  private get length(): number {
    return this.recording.recorded.ends.length;
  }

  /** Nothing is left to take over. */
  get isOver(): boolean {
    return this.next >= this.length || this.inVain > PATIENCE;
  }

  /** Puts on the run what comes next, as far as it would be the same; the run stays where it is. */
  takeOver(run: Run): void {
    if (!this.begun && !this.begin(run)) return;
    const { recorded, log, by, standsFor } = this.recording;
    this.twin = this.standsAt(run) ? this.endOf(this.next) : undefined;
    const from = this.next;
    let end = from;
    for (let to = this.twin; to !== undefined && to <= this.length && this.isSame(end, to); to = this.endOf(end))
      end = to;
    if (end === from) return;
    const { now } = run;
    const { store } = run.machine;
    run.log.join(log, from, end, by, standsFor);
    store.replay(recorded, from, end);
    run.seek(now);
    this.next = end;
    this.inVain = 0;
    if (run.exhausted === undefined) return;
    // Where a budget ends the run is found step by step.
    store.dropFuture();
    run.log.cut(now + 1);
    this.next = this.length;
  }

  /** A moment was executed: notes what the two runs differ in now. */
  executed(run: Run): void {
    if (!this.begun) return;
    for (const write of run.machine.store.writesOf(run.now)) this.compare(run, write);
    if (run.isInKernel) return;
    this.inVain++;
    if (this.twin !== undefined) this.passOver(run, this.twin);
    // A run that went another way waits for the other one, or is waited for.
    else
      while (!this.isOver && placeIn(this.recording.log, this.next).instruction + this.recording.by < run.pc)
        this.passOver(run, this.endOf(this.next));
    this.twin = undefined;
  }

  /** At the first statement behind the edit: what the edit changed there. */
  private begin(run: Run): boolean {
    const { to, did, edited } = this.recording;
    if (run.pc !== to || run.isInKernel) return false;
    this.begun = true;
    for (const { cell, after } of did) this.differ(run, cell, after, true);
    for (const write of run.machine.store.diff(edited - 1, run.now)) this.compare(run, write);
    return true;
  }

  /** The new run wrote a cell. */
  private compare(run: Run, { cell, before, after }: Write): void {
    const old = this.different.get(cell) ?? before;
    this.differ(run, cell, old, old !== after);
  }

  /** The statement of the recorded run from `next` to `end` is over. */
  private passOver(run: Run, end: number): void {
    const { recorded } = this.recording;
    const { store } = run.machine;
    for (; this.next < end && this.next < this.length; this.next++) {
      store.eachRecorded(recorded, this.next, (cell, change) => {
        const now = store.read(cell);
        const old = (this.different.get(cell) ?? now) + change;
        this.differ(run, cell, old, old !== now);
      });
    }
  }

  /** Where a run stands and how many steps it took is no difference: an edit moves what is behind it. */
  private differ({ cells: { at } }: Run, cell: number, old: number, isDifferent: boolean): void {
    if (cell >= at.base && cell < at.base + at.width) return;
    if (!isDifferent) this.different.delete(cell);
    else {
      this.different.set(cell, old);
      this.marks[cell % MARKS] = 1;
    }
  }

  /** Whether the new run is about to do what the recorded one did next. */
  private standsAt(run: Run): boolean {
    if (this.next >= this.length) return false;
    const { instruction, repeat } = placeIn(this.recording.log, this.next);
    return instruction + this.recording.by === run.pc && repeat === run.repeat;
  }

  /** The first moment behind the statement that begins at a moment: a call of the kernel goes on until its last frame is gone. */
  private endOf(moment: number): number {
    let end = moment + 1;
    while (end <= this.length && placeIn(this.recording.log, end - 1).depth > 0) end++;
    return end;
  }

  /** Whether the moments [from, to) of the recorded run would do now what they did. */
  private isSame(from: number, to: number): boolean {
    const { recorded, wrong } = this.recording;
    const { cells, ends } = recorded.reads;
    for (let moment = from; moment < to; moment++) if (wrong.has(moment)) return false;
    if (this.different.size === 0) return true;
    if (to > ends.length) return false;
    for (let i = from === 0 ? 0 : (ends[from - 1] as number); i < (ends[to - 1] as number); i++) {
      const cell = cells[i] as number;
      if (this.marks[cell % MARKS] === 1 && this.different.has(cell)) return false;
    }
    return true;
  }
}
