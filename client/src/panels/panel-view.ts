// A panel as the editor holds it: opened beside the text, one of its kind, restored after a reload.
import * as vscode from 'vscode';
import { panelHtml } from './panel-html.ts';

export interface PanelKind {
  readonly viewType: string;
  readonly title: string;
  /** Name of its script and style in dist/webview, without the ending. */
  readonly bundle: string;
}

/** Panels that are open, of all kinds: they stand together as tabs beside the text. */
const open = new Set<vscode.WebviewPanel>();

const columnOfPanels = () => [...open].find(({ viewColumn }) => viewColumn !== undefined)?.viewColumn;

export class PanelView<Request> implements vscode.Disposable {
  readonly #folder: vscode.Uri;
  readonly #kind: PanelKind;
  readonly #receive: (message: Request) => void;
  readonly #serializer: vscode.Disposable;
  #panel: vscode.WebviewPanel | undefined;

  /** `extensionUri` is where the extension is installed; `receive` is called with what the panel posts. */
  constructor(extensionUri: vscode.Uri, kind: PanelKind, receive: (message: Request) => void) {
    this.#folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    this.#kind = kind;
    this.#receive = receive;
    this.#serializer = vscode.window.registerWebviewPanelSerializer(kind.viewType, {
      deserializeWebviewPanel: async (panel) => this.#adopt(panel),
    });
  }

  /** Sends the panel a message; without an open panel it is lost. */
  post(message: object): void {
    void this.#panel?.webview.postMessage(message);
  }

  /** Opens the panel beside the editor, or brings the open one to the front. */
  show(preserveFocus: boolean): void {
    if (this.#panel) {
      if (!this.#panel.visible) this.#panel.reveal(undefined, preserveFocus);
      else if (!preserveFocus) this.#panel.reveal();
      return;
    }
    const where = { viewColumn: columnOfPanels() ?? vscode.ViewColumn.Beside, preserveFocus };
    this.#adopt(vscode.window.createWebviewPanel(this.#kind.viewType, this.#kind.title, where));
  }

  dispose(): void {
    this.#panel?.dispose();
    this.#serializer.dispose();
  }

  #adopt(panel: vscode.WebviewPanel): void {
    this.#panel?.dispose();
    this.#panel = panel;
    open.add(panel);
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [this.#folder] };
    panel.onDidDispose(() => {
      open.delete(panel);
      if (this.#panel === panel) this.#panel = undefined;
    });
    webview.onDidReceiveMessage((message: Request) => this.#receive(message));
    const address = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(this.#folder, name)).toString();
    webview.html = panelHtml({
      script: address(`${this.#kind.bundle}.js`),
      style: address(`${this.#kind.bundle}.css`),
      source: webview.cspSource,
      nonce: crypto.randomUUID().replaceAll('-', ''),
      title: this.#kind.title,
    });
  }
}
