// Where a panel gets its moments from: it asks, and it is told.
import type { PanelMessage, PanelRequest } from '../../../server/src/features/panel-model.ts';

export interface PanelSource {
  /** Passes on what the panel asks; answers come through `onMessage`, in their own time. */
  request(message: PanelRequest): void;
  onMessage(listener: (message: PanelMessage) => void): { dispose(): void };
}
