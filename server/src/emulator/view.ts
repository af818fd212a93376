// A view: what `expect` and the panels can ask of the machine. Looking changes nothing.
import type { Parameter } from './definition.ts';
import type { Machine } from './machine.ts';

export interface View {
  readonly name: string;
  readonly summary: string;
  readonly reference: string;
  readonly params: readonly Parameter[];
  /** The states that it may answer; empty for numbers and digests. */
  readonly states: readonly string[];
  /** The answer; `undefined` where the arguments name nothing (the reason is `absent`). */
  read(machine: Machine, args: readonly number[]): string | number | bigint | undefined;
  /** Why there may be no answer: `addr is not memory`. */
  readonly absent: string;
  /** Views of the same name that take other arguments; the type of the first one decides. */
  readonly overloads?: readonly View[];
  /** The cells that the answer comes from. */
  cells(machine: Machine, args: readonly number[]): readonly number[];
}
