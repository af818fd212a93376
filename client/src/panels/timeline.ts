// The "Timeline" panel: follows the same source as the others, and asks the debugger for rows and lanes on its own.
import type * as vscode from 'vscode';
import type {
  Density,
  TimelinePanelMessage,
  TimelinePanelRequest,
  TimelineRows,
} from '../../../server/src/features/timeline-model.ts';
import type { PanelSource } from './panel-source.ts';
import { PanelView } from './panel-view.ts';

export const TIMELINE = 'cocoscn.timeline';

export class TimelinePanel implements vscode.Disposable {
  readonly #source: PanelSource;
  readonly #view: PanelView<TimelinePanelRequest>;
  readonly #following: { dispose(): void };

  constructor(extensionUri: vscode.Uri, source: PanelSource) {
    const kind = { viewType: TIMELINE, title: 'Timeline', bundle: 'timeline' };
    this.#source = source;
    this.#view = new PanelView(extensionUri, kind, (message: TimelinePanelRequest) => this.#request(message));
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

  #request(message: TimelinePanelRequest): void {
    if (message.type !== 'steps' && message.type !== 'density') {
      this.#source.request(message);
      return;
    }
    this.#source.ask(`cocoscn/${message.type}`, message).then(
      (answer) => this.#answered(message, answer),
      (error: unknown) => console.error(`cocoscn: ${message.type} was refused:`, error),
    );
  }

  #answered(request: Extract<TimelinePanelRequest, { type: 'steps' | 'density' }>, answer: unknown): void {
    if (!answer) return;
    if (request.type === 'density') this.#tell({ type: 'density', density: answer as Density });
    else {
      const { page } = request;
      this.#tell({ type: 'steps', steps: answer as TimelineRows, ...(page && { page }) });
    }
  }

  #tell(message: TimelinePanelMessage): void {
    this.#view.post(message);
  }
}
