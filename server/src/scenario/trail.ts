// What compiling changed besides adding to lists, so that it can be taken back.
export class Trail {
  private readonly undos: (() => void)[] = [];

  get length(): number {
    return this.undos.length;
  }

  /** Something was changed; `undo` takes it back, when all that came later has been taken back. */
  did(undo: () => void): void {
    this.undos.push(undo);
  }

  /** Takes back what was done since the trail was `length` long. */
  backTo(length: number): void {
    while (this.undos.length > length) this.undos.pop()?.();
  }
}
