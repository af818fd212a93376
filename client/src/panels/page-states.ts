// The "Page states" panel as the editor holds it: opened beside the text, restored after a reload, fed by a source.
import * as vscode from 'vscode';
import type { PanelRequest } from '../../../server/src/features/panel-model.ts';
import { panelHtml } from './panel-html.ts';
import type { PanelSource } from './panel-source.ts';

export const PAGE_STATES = 'cocoscn.pageStates';
const TITLE = 'Page states';
/** Debug sessions whose start opens the panel. */
const DEBUG_TYPE = 'cocoscn';

export class PageStates implements vscode.Disposable {
  readonly #folder: vscode.Uri;
  readonly #source: PanelSource;
  readonly #registered: vscode.Disposable[];
  #panel: vscode.WebviewPanel | undefined;

  /** `extensionUri` is where the extension is installed; the panel's script and style lie in its dist/webview. */
  constructor(extensionUri: vscode.Uri, source: PanelSource) {
    this.#folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    this.#source = source;
    this.#registered = [
      source.onMessage((message) => void this.#panel?.webview.postMessage(message)),
      vscode.window.registerWebviewPanelSerializer(PAGE_STATES, {
        deserializeWebviewPanel: async (panel) => this.#adopt(panel),
      }),
      vscode.debug.onDidStartDebugSession((session) => {
        if (session.type === DEBUG_TYPE && session.configuration.noDebug !== true) this.show(true);
      }),
    ];
  }

  /** Opens the panel beside the editor, or brings the open one to the front. */
  show(preserveFocus: boolean): void {
    if (this.#panel) {
      if (!this.#panel.visible) this.#panel.reveal(undefined, preserveFocus);
      else if (!preserveFocus) this.#panel.reveal();
      return;
    }
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus };
    this.#adopt(vscode.window.createWebviewPanel(PAGE_STATES, TITLE, where));
  }

  dispose(): void {
    this.#panel?.dispose();
    for (const part of this.#registered) part.dispose();
  }

  #adopt(panel: vscode.WebviewPanel): void {
    this.#panel?.dispose();
    this.#panel = panel;
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [this.#folder] };
    panel.onDidDispose(() => {
      if (this.#panel === panel) this.#panel = undefined;
    });
    webview.onDidReceiveMessage((message: PanelRequest) => this.#source.request(message));
    const address = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(this.#folder, name)).toString();
    webview.html = panelHtml({
      script: address('page-states.js'),
      style: address('page-states.css'),
      source: webview.cspSource,
      nonce: crypto.randomUUID().replaceAll('-', ''),
      title: TITLE,
    });
  }
}
