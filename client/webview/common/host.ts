// The one line from a panel to the extension: typed messages out and in, and the little that survives being hidden.

export interface Host<Request, Message, Kept> {
  post(request: Request): void;
  listen(told: (message: Message) => void): void;
  /** What was saved last, nothing of it in a new panel. */
  load(): Partial<Kept>;
  save(kept: Kept): void;
}

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

/** Connects to the editor. It hands its API out once, so this is called once for each page. `Kept` must be plain data. */
export function connect<Request, Message, Kept>(): Host<Request, Message, Kept> {
  const editor = acquireVsCodeApi();
  return {
    post: (request) => editor.postMessage(request),
    listen: (told) => window.addEventListener('message', (event) => told(event.data as Message)),
    load: () => (editor.getState() ?? {}) as Partial<Kept>,
    save: (kept) => editor.setState(kept),
  };
}
