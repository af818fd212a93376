// What the parts that all panels share ask of the panel they stand in.
import type { PanelRequest, Place } from '../../../server/src/features/panel-model.ts';

export type StepKind = Extract<PanelRequest['type'], 'stepBack' | 'stepForward' | 'statementBack' | 'statementForward'>;

export interface StopPanel {
  /** A drag on the scrubber lasts. */
  readonly scrubbing: boolean;
  step(kind: StepKind): void;
  goTo(step: number): void;
  scrub(active: boolean): void;
  /** To the next or previous step that failed. */
  failure(direction: 'next' | 'previous'): void;
  /** Shows the history of the selected page. */
  showHistory(): void;
  /** Sets a breakpoint on the statement, or takes it away. */
  breakpoint(): void;
  /** Stops at each change of the selected page, or no longer. */
  watch(): void;
  /** Shows the statement that changed the selected page last. */
  writer(): void;
  /** Puts an `expect` of what the selected page is on the clipboard. */
  expectation(): void;
  /** To the next (1) or previous (-1) step that touches what is selected. */
  touch(direction: 1 | -1): void;
  /** Lists a part of the step's changes, or the first few again. */
  listChanges(from: number | undefined): void;
  select(page: Place): void;
  /** Shows the statement of the step; `focus` takes the focus along. */
  reveal(focus: boolean): void;
  revealLine(line: number): void;
  copy(text: string): void;
  ask(type: 'run' | 'pause' | 'leave'): void;
  help(shown: boolean): void;
  /** Calls back whenever the panel is to be drawn again. */
  onChange(changed: () => void): void;
}
