// The "Translation tables" panel: follows the same source as the others, and asks the debugger for tables on its own.
import type * as vscode from 'vscode';
import type {
  TableRuns,
  Tables,
  TablesPanelMessage,
  TablesPanelRequest,
} from '../../../server/src/features/tables-model.ts';
import type { PanelSource } from './panel-source.ts';
import { PanelView } from './panel-view.ts';

export const TRANSLATION_TABLES = 'cocoscn.translationTables';

export class TranslationTables implements vscode.Disposable {
  readonly #source: PanelSource;
  readonly #view: PanelView<TablesPanelRequest>;
  readonly #following: { dispose(): void };

  constructor(extensionUri: vscode.Uri, source: PanelSource) {
    const kind = { viewType: TRANSLATION_TABLES, title: 'Translation tables', bundle: 'translation-tables' };
    this.#source = source;
    this.#view = new PanelView(extensionUri, kind, (message: TablesPanelRequest) => this.#request(message));
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

  #request(message: TablesPanelRequest): void {
    if (message.type !== 'tables' && message.type !== 'tableRuns') {
      this.#source.request(message);
      return;
    }
    this.#source.ask(`cocoscn/${message.type}`, message).then(
      (answer) => this.#answered(message, answer),
      (error: unknown) => console.error(`cocoscn: ${message.type} was refused:`, error),
    );
  }

  #answered(request: Extract<TablesPanelRequest, { type: 'tables' | 'tableRuns' }>, answer: unknown): void {
    if (request.type === 'tableRuns') {
      const { rtt, revision } = request;
      const runs = (answer ?? undefined) as TableRuns | undefined;
      this.#tell({ type: 'tableRuns', rtt, revision, ...(runs && { runs }) });
    } else if (answer) this.#tell({ type: 'tables', tables: answer as Tables });
  }

  #tell(message: TablesPanelMessage): void {
    this.#view.post(message);
  }
}
