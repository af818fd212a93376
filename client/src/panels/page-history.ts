// The "Page history" panel: follows the same source as the others, and asks the debugger for a page's life on its own.
import type * as vscode from 'vscode';
import type {
  HistoryPanelMessage,
  HistoryPanelRequest,
  PageHistory,
} from '../../../server/src/features/history-model.ts';
import type { PanelSource } from './panel-source.ts';
import { PanelView } from './panel-view.ts';

export const PAGE_HISTORY = 'cocoscn.pageHistory';

export class PageHistoryPanel implements vscode.Disposable {
  readonly #source: PanelSource;
  readonly #view: PanelView<HistoryPanelRequest>;
  readonly #following: { dispose(): void };

  constructor(extensionUri: vscode.Uri, source: PanelSource) {
    const kind = { viewType: PAGE_HISTORY, title: 'Page history', bundle: 'page-history' };
    this.#source = source;
    this.#view = new PanelView(extensionUri, kind, (message: HistoryPanelRequest) => this.#request(message));
    this.#following = source.onMessage((message) => this.#view.post(message));
  }

  /** Opens the panel beside the editor, or brings the open one to the front. */
  show(preserveFocus: boolean): void {
    this.#view.show(preserveFocus);
  }

  dispose(): void {
    this.#following.dispose();
    this.#view.dispose();
  }

  #request(message: HistoryPanelRequest): void {
    if (message.type !== 'history') {
      this.#source.request(message);
      return;
    }
    this.#source.ask('cocoscn/history', message).then(
      (answer) => {
        if (answer) this.#tell({ type: 'history', history: answer as PageHistory });
      },
      (error: unknown) => console.error('cocoscn: history was refused:', error),
    );
  }

  #tell(message: HistoryPanelMessage): void {
    this.#view.post(message);
  }
}
