// What compiling did besides adding to lists, so that it can be taken back, and hidden from statements before.
import type { Span } from '../../../grammar/src/index.ts';

/** A name was used as an address of this kind, which nothing had said before. */
export interface Note {
  readonly name: object;
  readonly kind: string;
}

export class Trail {
  private readonly undos: (() => void)[] = [];
  /** The statement of the file that is being compiled. */
  statement: Span = { start: 0, end: 0 };
  /** The offset in the file up to which statements are seen that were compiled already. */
  horizon = Number.POSITIVE_INFINITY;
  /** What the statement being compiled used names of others as, for the first time. */
  notes: Note[] = [];

  get length(): number {
    return this.undos.length;
  }

  /** Whether the one being compiled sees what a statement did. */
  sees(statement: Span): boolean {
    return statement.start < this.horizon;
  }

  /** Something was done; `undo` takes it back, whatever else was taken back before. */
  did(undo: () => void): void {
    this.undos.push(undo);
  }

  /** Takes off the end of the trail; calling what was on it, the last one first, takes it back. */
  cut(length: number): (() => void)[] {
    return this.undos.splice(length);
  }

  /** Puts on again what was cut off. */
  join(undos: readonly (() => void)[]): void {
    for (const undo of undos) this.undos.push(undo);
  }
}
