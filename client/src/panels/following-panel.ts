// A panel that follows the same source as the others, and asks the debugger some questions of its own.
import type * as vscode from 'vscode';
import type { PanelRequest } from '../../../server/src/features/panel-model.ts';
import type { PanelSource } from './panel-source.ts';
import { type PanelKind, PanelView } from './panel-view.ts';

interface Typed {
  readonly type: string;
}

/** For each question of the panel the message that its answer becomes; `undefined` where there is nothing to tell. */
export type Answers<Question extends Typed, Message> = {
  readonly [T in Question['type']]: (
    question: Extract<Question, { readonly type: T }>,
    answer: unknown,
  ) => Message | undefined;
};

/** `Question` are requests that only this panel makes: the debugger answers each under `cocoscn/` and its type. */
export class FollowingPanel<Question extends Typed, Message extends object> implements vscode.Disposable {
  readonly #source: PanelSource;
  readonly #view: PanelView<PanelRequest | Question>;
  readonly #answers: Answers<Question, Message>;
  readonly #following: { dispose(): void };

  constructor(extensionUri: vscode.Uri, kind: PanelKind, source: PanelSource, answers: Answers<Question, Message>) {
    this.#source = source;
    this.#answers = answers;
    this.#view = new PanelView(extensionUri, kind, (message: PanelRequest | Question) => this.#request(message));
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

  #request(message: PanelRequest | Question): void {
    if (!this.#isOwn(message)) {
      this.#source.request(message);
      return;
    }
    const question = message as Extract<Question, { readonly type: Question['type'] }>;
    this.#source.ask(`cocoscn/${question.type}`, question).then(
      (answer) => {
        const told = this.#answers[question.type as Question['type']](question, answer);
        if (told !== undefined) this.#view.post(told);
      },
      (error: unknown) => console.error(`cocoscn: ${question.type} was refused:`, error),
    );
  }

  #isOwn(message: PanelRequest | Question): message is Question {
    return message.type in this.#answers;
  }
}
