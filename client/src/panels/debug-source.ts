// Feeds panels from the running debug session: their questions become requests to the adapter, its stops become their moments.
import * as vscode from 'vscode';
import type {
  Moment,
  PanelMessage,
  PanelRequest,
  Place,
  Places,
  Runs,
  Source,
} from '../../../server/src/features/panel-model.ts';
import { launchOf } from '../debugging.ts';
import type { PanelSource } from './panel-source.ts';
import type { Selection } from './selection.ts';

type ChangesAnswer = Pick<Extract<PanelMessage, { type: 'changes' }>, 'rows' | 'total'>;

const DEBUG_TYPE = 'cocoscn';
const LANGUAGE = 'cocoscn';
/** Milliseconds for which the status bar says what was copied. */
const TOLD_FOR = 5000;
/** The adapter's one thread. */
const THREAD = { threadId: 1 };

/** The steps of a panel, as the protocol's requests. */
const STEPS = {
  stepBack: { command: 'stepBack', arguments: { ...THREAD, granularity: 'instruction' } },
  stepForward: { command: 'stepIn', arguments: { ...THREAD, granularity: 'instruction' } },
  statementBack: { command: 'stepBack', arguments: { ...THREAD, granularity: 'statement' } },
  statementForward: { command: 'next', arguments: { ...THREAD, granularity: 'statement' } },
} as const;

export class DebugSource implements PanelSource, vscode.Disposable {
  readonly #told = new vscode.EventEmitter<PanelMessage>();
  readonly #registered: vscode.Disposable[];
  #session: vscode.DebugSession | undefined;
  /** Each session's last moment, so that a panel that was hidden or restored shows it at once. */
  readonly #moments = new WeakMap<vscode.DebugSession, Moment>();
  /** The first line of each session's file that was edited since the session began. */
  readonly #stale = new WeakMap<vscode.DebugSession, number>();
  /** The moment shown last; it stays when its session has ended. */
  #shown: Moment | undefined;
  readonly #selection: Selection;
  /** The file that was run last: what "Run again" runs. */
  #program: string | undefined;

  constructor(selection: Selection) {
    this.#selection = selection;
    this.#registered = [
      this.#told,
      vscode.debug.onDidStartDebugSession((session) => this.#follow(session)),
      vscode.debug.onDidChangeActiveDebugSession((session) => this.#follow(session)),
      vscode.debug.onDidTerminateDebugSession((session) => this.#forget(session)),
      vscode.debug.onDidReceiveDebugSessionCustomEvent((event) => this.#receive(event)),
      vscode.workspace.onDidChangeTextDocument((event) => this.#edited(event)),
      vscode.debug.registerDebugAdapterTrackerFactory(DEBUG_TYPE, {
        createDebugAdapterTracker: (session) => ({ onWillReceiveMessage: (message) => this.#asked(session, message) }),
      }),
    ];
    this.#follow(vscode.debug.activeDebugSession);
  }

  onMessage(listener: (message: PanelMessage) => void): vscode.Disposable {
    return this.#told.event(listener);
  }

  dispose(): void {
    for (const part of this.#registered) part.dispose();
  }

  request(message: PanelRequest): void {
    this.#answer(message).catch((error: unknown) => this.#failed(message, error));
  }

  #follow(session: vscode.DebugSession | undefined): void {
    if (session?.type !== DEBUG_TYPE || session === this.#session) return;
    this.#session = session;
    const program: unknown = session.configuration.program;
    if (typeof program === 'string') this.#program = program;
    const moment = this.#moments.get(session);
    if (moment) this.#show(session, moment);
  }

  #forget(session: vscode.DebugSession): void {
    if (session !== this.#session) return;
    this.#session = undefined;
    this.#ended();
  }

  #ended(): void {
    const program = this.#program ?? openScenario()?.fileName;
    this.#told.fire(program === undefined ? { type: 'ended' } : { type: 'ended', program });
  }

  #receive({ session, event, body }: vscode.DebugSessionCustomEvent): void {
    if (session.type !== DEBUG_TYPE) return;
    if (!this.#session) this.#follow(session);
    if (event === 'cocoscn/moment') this.#show(session, body as Moment);
    if (event === 'cocoscn/loading' && session === this.#session) {
      this.#told.fire({ type: 'loading', ...(body as { readonly done: number; readonly total?: number }) });
    }
  }

  #show(session: vscode.DebugSession, told: Moment, isNew?: boolean): void {
    const staleLine = this.#stale.get(session);
    // A step that is about no page leaves the one before: also in a panel that was not there then.
    const focus = told.focus ?? this.#moments.get(session)?.focus;
    const moment = { ...told, ...(focus && { focus }), ...(staleLine !== undefined && { staleLine }) };
    this.#moments.set(session, moment);
    if (session === this.#session) this.#tell(moment, isNew);
  }

  /** A restart reads the text anew. */
  #asked(session: vscode.DebugSession, { command }: { readonly command?: string }): void {
    if (command === 'restart') this.#stale.delete(session);
  }

  /** The session runs the text that it began with: panels say so from the first edit on. */
  #edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const session = this.#session;
    if (!session || contentChanges.length === 0 || document.fileName !== session.configuration.program) return;
    const line = Math.min(...contentChanges.map(({ range }) => range.start.line + 1));
    const before = this.#stale.get(session);
    if (before !== undefined && before <= line) return;
    this.#stale.set(session, line);
    const moment = this.#moments.get(session);
    if (moment) this.#show(session, moment);
  }

  /** A moment, and where another scenario begins or a panel has just come, which page was chosen in it. */
  #tell(moment: Moment, isNew = this.#shown?.session !== moment.session): void {
    this.#shown = moment;
    this.#told.fire({ type: 'moment', moment });
    const page = isNew ? this.#selection.of(moment.session) : undefined;
    if (page) this.#told.fire({ type: 'selected', page });
  }

  #select(page: Place | undefined): void {
    if (this.#shown) this.#selection.choose(this.#shown.session, page);
    this.#told.fire(page ? { type: 'selected', page } : { type: 'selected' });
  }

  async ask(command: string, args: object): Promise<unknown> {
    return this.#session?.customRequest(command, args);
  }

  async #answer(message: PanelRequest): Promise<void> {
    switch (message.type) {
      case 'ready':
      case 'moment':
        return this.#now();
      case 'runs': {
        const runs = (await this.ask('cocoscn/runs', message)) as Runs | undefined;
        if (runs) this.#told.fire({ type: 'runs', runs });
        return;
      }
      case 'places': {
        const places = (await this.ask('cocoscn/places', message)) as Places | undefined;
        if (places) this.#told.fire({ type: 'places', places });
        return;
      }
      case 'touches':
        return this.#touches(message);
      case 'changes': {
        const { revision, from } = message;
        const answer = (await this.ask('cocoscn/changes', message)) as ChangesAnswer | undefined;
        if (answer) this.#told.fire({ type: 'changes', revision, from, ...answer });
        return;
      }
      case 'failure':
        await this.ask('cocoscn/failure', message);
        return;
      case 'showHistory':
        await vscode.commands.executeCommand('cocoscn.showPageHistory');
        return;
      case 'breakpoint':
        return toggleBreakpoint(message.source.path, message.source.line);
      case 'writer': {
        const found = (await this.ask('cocoscn/writer', message)) as { readonly source: Source } | undefined;
        if (found) await revealSource(found.source.path, found.source.line, false);
        return;
      }
      case 'expectation': {
        const found = (await this.ask('cocoscn/expectation', message)) as { readonly text: string } | undefined;
        if (!found) return;
        await vscode.env.clipboard.writeText(found.text);
        vscode.window.setStatusBarMessage(`Copied: ${found.text}`, TOLD_FOR);
        return;
      }
      case 'watch':
        return this.#watch(message.page);
      case 'goto':
        await this.ask('cocoscn/goto', message);
        return;
      case 'stepBack':
      case 'stepForward':
      case 'statementBack':
      case 'statementForward':
        await this.ask(STEPS[message.type].command, STEPS[message.type].arguments);
        return;
      case 'pause':
        await this.ask('pause', THREAD);
        return;
      case 'select':
        return this.#select(message.page);
      case 'reveal':
        return revealSource(message.source.path, message.source.line, message.focus);
      case 'copy':
        return vscode.env.clipboard.writeText(message.text);
      case 'run':
        return this.#run();
      case 'leave':
        return leave();
    }
  }

  /** The session's moment, asked for where it is not known; without a session the last one, and that it has ended. */
  async #now(): Promise<void> {
    const session = this.#session;
    if (!session) {
      if (this.#shown) this.#tell(this.#shown, true);
      this.#ended();
      return;
    }
    const known = this.#moments.get(session);
    const moment = known ?? ((await this.ask('cocoscn/moment', {})) as Moment | undefined);
    if (moment) this.#show(session, this.#moments.get(session) ?? moment, true);
  }

  async #touches(message: Extract<PanelRequest, { type: 'touches' }>): Promise<void> {
    const answer = (await this.ask('cocoscn/touches', message)) as { readonly steps: readonly number[] } | undefined;
    const { revision, page } = message;
    if (answer) this.#told.fire({ type: 'touches', revision, page, steps: answer.steps });
  }

  /** Watches a page or lets it go. What the editor keeps as a data breakpoint is removed there: extensions cannot add any. */
  async #watch(page: Place): Promise<void> {
    const answer = (await this.ask('cocoscn/watch', { page })) as { readonly dataId?: string } | undefined;
    if (answer?.dataId === undefined) return;
    const kept = vscode.debug.breakpoints.filter((one) => 'dataId' in one && one.dataId === answer.dataId);
    vscode.debug.removeBreakpoints(kept);
  }

  async #run(): Promise<void> {
    const program = this.#program ?? openScenario()?.fileName;
    if (program === undefined) {
      void vscode.window.showInformationMessage('Open a .cocoscn file first: there is no scenario to run.');
      return;
    }
    if (this.#session) {
      await vscode.commands.executeCommand('workbench.action.debug.restart');
      return;
    }
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(program));
    await vscode.debug.startDebugging(folder, launchOf(program));
  }

  /** A refused question leaves the panel as it is; a refused step tells it where it still stands. */
  #failed(message: PanelRequest, error: unknown): void {
    switch (message.type) {
      case 'goto':
      case 'failure':
      case 'stepBack':
      case 'stepForward':
      case 'statementBack':
      case 'statementForward':
        if (this.#shown) this.#tell(this.#shown);
        return;
      case 'run':
      case 'watch':
      case 'writer':
      case 'expectation':
      case 'reveal':
        void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
        return;
      default:
        console.error(`cocoscn: ${message.type} was refused:`, error);
    }
  }
}

/** The scenario in front, else any that is visible. */
function openScenario(): vscode.TextDocument | undefined {
  const editors = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors];
  return editors.find((editor) => editor?.document.languageId === LANGUAGE)?.document;
}

/** A breakpoint on a line, counted from 1, where there is none; else those that are there are taken away. */
function toggleBreakpoint(path: string, line: number): void {
  const uri = vscode.Uri.file(path);
  const there = vscode.debug.breakpoints.filter(
    (one) =>
      one instanceof vscode.SourceBreakpoint &&
      one.location.uri.toString() === uri.toString() &&
      one.location.range.start.line === line - 1,
  );
  if (there.length > 0) vscode.debug.removeBreakpoints(there);
  else
    vscode.debug.addBreakpoints([
      new vscode.SourceBreakpoint(new vscode.Location(uri, new vscode.Position(line - 1, 0))),
    ]);
}

/** Gives the focus to the scenario, or, where none is visible, to the first group of editors. */
async function leave(): Promise<void> {
  const editor = vscode.window.visibleTextEditors.find(({ document }) => document.languageId === LANGUAGE);
  if (!editor) await vscode.commands.executeCommand('workbench.action.focusFirstEditorGroup');
  else await vscode.window.showTextDocument(editor.document, editor.viewColumn);
}

/** Shows a line where its file is already visible, else in the first group of editors. `line` counts from 1. */
async function revealSource(path: string, line: number, focus: boolean): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  const at = new vscode.Range(Math.max(0, line - 1), 0, Math.max(0, line - 1), 0);
  await vscode.window.showTextDocument(document, {
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
    preserveFocus: !focus,
    selection: at,
  });
}
