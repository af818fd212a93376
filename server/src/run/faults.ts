// Injected faults: armed by their statements, met by the calls that follow.
import type { InjectInstruction, Program } from '../scenario/index.ts';
import type { Table } from '../store/index.ts';

export class Faults {
  private readonly injections: readonly InjectInstruction[];
  private readonly cells: Table<'waits for'>;

  constructor({ instructions }: Program, cells: Table<'waits for'>) {
    this.injections = instructions.filter((instruction) => instruction.kind === 'inject');
    this.cells = cells;
  }

  arm({ row, nth }: InjectInstruction): void {
    this.cells.set(row, 0, nth);
  }

  /** Counts a call of an operation against the armed faults and returns the one whose turn it is. */
  take(name: string): InjectInstruction | undefined {
    if (this.injections.length === 0) return undefined;
    let due: InjectInstruction | undefined;
    for (const injection of this.injections) {
      const waits = injection.operation.name === name ? this.cells.get(injection.row, 0) : 0;
      if (waits === 0) continue;
      this.cells.set(injection.row, 0, waits - 1);
      if (waits === 1) due ??= injection;
    }
    return due;
  }

  /** Those that still wait for a call, at the current moment. */
  get unspent(): { readonly instruction: InjectInstruction; readonly waits: number }[] {
    return this.injections
      .map((instruction) => ({ instruction, waits: this.cells.get(instruction.row, 0) }))
      .filter(({ waits }) => waits > 0);
  }
}
