// The "Page states" panel: fed by a source, and opened by itself when a scenario is debugged.
import * as vscode from 'vscode';
import type { PanelRequest } from '../../../server/src/features/panel-model.ts';
import type { PanelSource } from './panel-source.ts';
import { PanelView } from './panel-view.ts';

export const PAGE_STATES = 'cocoscn.pageStates';
/** Debug sessions whose start opens the panel. */
const DEBUG_TYPE = 'cocoscn';

export class PageStates implements vscode.Disposable {
  readonly #view: PanelView<PanelRequest>;
  readonly #registered: { dispose(): void }[];

  constructor(extensionUri: vscode.Uri, source: PanelSource) {
    const kind = { viewType: PAGE_STATES, title: 'Page states', bundle: 'page-states' };
    this.#view = new PanelView(extensionUri, kind, (message: PanelRequest) => source.request(message));
    this.#registered = [
      this.#view,
      source.onMessage((message) => this.#view.post(message)),
      vscode.debug.onDidStartDebugSession((session) => {
        if (session.type === DEBUG_TYPE && session.configuration.noDebug !== true) this.show(true);
      }),
    ];
  }

  /** Opens the panel beside the editor, or brings the open one to the front. */
  show(preserveFocus: boolean): void {
    this.#view.show(preserveFocus);
  }

  dispose(): void {
    for (const part of this.#registered) part.dispose();
  }
}
