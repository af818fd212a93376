// The one line from a panel to the extension: typed messages out and in, and the little that survives being hidden.
import type { Family, PanelMessage, PanelRequest, Place } from '../../../server/src/features/panel-model.ts';

/** What is kept while the editor has thrown the panel's page away. */
export interface Kept {
  readonly session: string | undefined;
  readonly selected: Place | undefined;
  readonly chosen: boolean;
  readonly family: Family | undefined;
  readonly words: string;
}

export interface Host {
  post(request: PanelRequest): void;
  listen(told: (message: PanelMessage) => void): void;
  /** What was saved last, nothing of it in a new panel. */
  load(): Partial<Kept>;
  save(kept: Kept): void;
}

interface EditorApi {
  postMessage(message: PanelRequest): void;
  getState(): unknown;
  setState(state: Kept): void;
}

declare function acquireVsCodeApi(): EditorApi;

/** Connects to the editor. It hands its API out once, so this is called once for each page. */
export function connect(): Host {
  const editor = acquireVsCodeApi();
  return {
    post: (request) => editor.postMessage(request),
    listen: (told) => window.addEventListener('message', (event) => told(event.data as PanelMessage)),
    load: () => (editor.getState() ?? {}) as Partial<Kept>,
    save: (kept) => editor.setState(kept),
  };
}
