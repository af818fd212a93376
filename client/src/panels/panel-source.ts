// Where a panel gets its moments from: it asks, and it is told.
import type { PanelMessage, PanelRequest } from '../../../server/src/features/panel-model.ts';

export interface PanelSource {
  /** Passes on what the panel asks; answers come through `onMessage`, in their own time. */
  request(message: PanelRequest): void;
  /** Asks the debug session a question of one panel alone, by its request's name; `undefined` without a session. */
  ask(command: string, args: object): Promise<unknown>;
  onMessage(listener: (message: PanelMessage) => void): { dispose(): void };
}
