// What compiling did besides adding to lists, so that it can be taken back, and hidden from statements before.
import type { Span } from '../../../grammar/src/index.ts';
import type { Reference } from './program.ts';

/** A name was used as an address of this kind, which nothing had said before. */
export interface Note {
  readonly name: object;
  readonly kind: string;
}

/** How something is taken back: a function, or for what there is most of, a reference, the thing itself. */
export type Undo = (() => void) | Reference;

export class Trail {
  private readonly undos: Undo[] = [];
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
  did(undo: Undo): void {
    this.undos.push(undo);
  }

  /** Takes off the end of the trail, without taking it back. */
  cut(length: number): Undo[] {
    return this.undos.splice(length);
  }

  /** Puts on again what was cut off. */
  join(undos: readonly Undo[]): void {
    for (const undo of undos) this.undos.push(undo);
  }
}

/** Takes back what was cut off a trail. */
export function takeBack(undos: readonly Undo[]): void {
  for (let i = undos.length - 1; i >= 0; i--) {
    const undo = undos[i] as Undo;
    if (typeof undo === 'function') undo();
    else undo.list.splice(undo.list.lastIndexOf(undo), 1);
  }
}
