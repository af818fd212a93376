// The open documents and their checks: when one is checked, what it depends on, and what the client is told.
import type { Diagnostic, PublishDiagnosticsParams } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { diagnosticsOf } from '../features/diagnostics.ts';
import { ownSubject, type Subject } from '../features/subject.ts';
import type { Problem, SourceFile } from '../scenario/index.ts';
import { Check } from './check.ts';
import { baseName, includedUri, includesOf, keyOf } from './includes.ts';
import { Publisher } from './publisher.ts';
import { toDiagnostic } from './to-protocol.ts';

export interface Client {
  publish(params: PublishDiagnosticsParams): void;
  /** A defect of ours: told to the log, with the document that showed it. */
  failed(what: string, uri: string, error: unknown): void;
}

/** Milliseconds that a request waits for a run. */
const PATIENCE = 500;

async function endedOrLate({ ended }: Check): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([ended, late]);
  clearTimeout(timer);
}

/** An open document. */
export interface Opened {
  readonly subject: Subject;
  /** The address of the scenario whose analysis it is. */
  readonly scenario: string;
  uriOf(file: SourceFile): string;
  diagnosticOf(problem: Problem): Diagnostic;
}

export class Workspace {
  private readonly client: Client;
  private readonly publisher: Publisher;
  private readonly documents = new Map<string, TextDocument>();
  private readonly checks = new Map<string, Check>();
  /** The files that each scenario asked for, whether they could be read or not. */
  private readonly includes = new Map<string, Set<string>>();
  private readonly waiting = new Set<string>();
  private timer: NodeJS.Immediate | undefined;

  constructor(client: Client) {
    this.client = client;
    this.publisher = new Publisher((params) => client.publish(params));
  }

  /** A document was opened or edited. */
  changed(document: TextDocument): void {
    const key = keyOf(document.uri);
    this.documents.set(key, document);
    this.schedule(key);
    this.fileChanged(key);
  }

  closed(document: TextDocument): void {
    const key = keyOf(document.uri);
    this.documents.delete(key);
    this.waiting.delete(key);
    this.checks.get(key)?.cancel();
    this.checks.delete(key);
    this.includes.delete(key);
    this.publisher.remove(document.uri);
    this.fileChanged(key);
  }

  /** Checks the scenarios again that include a file. */
  fileChanged(key: string): void {
    for (const [scenario, files] of this.includes) if (files.has(key)) this.schedule(scenario);
  }

  /** The document's check, of its newest text; it may still be running. `undefined` if the document is not open. */
  check(uri: string): Check | undefined {
    const key = keyOf(uri);
    const document = this.documents.get(key);
    if (document === undefined) return undefined;
    const known = this.checks.get(key);
    if (known !== undefined && !this.waiting.has(key)) return known;
    known?.cancel();
    this.waiting.delete(key);
    const check = this.begin(key, document);
    // Whoever asks is answered first; the rest of the check follows.
    this.timer ??= setImmediate(() => this.flush());
    return check;
  }

  /** A document as features see it, names and syntax up to date; the run may not have come far. */
  opened(uri: string): Opened | undefined {
    const check = this.check(uri);
    return check && this.openedBy(check);
  }

  /** The same once the run has ended or has come far enough for most; `undefined` if an edit overtook it. */
  async openedAndRun(uri: string): Promise<Opened | undefined> {
    const check = this.check(uri);
    if (check === undefined) return undefined;
    check.start();
    await endedOrLate(check);
    const key = keyOf(uri);
    return this.checks.get(key) === check && !this.waiting.has(key) ? this.openedBy(check) : undefined;
  }

  private openedBy(own: Check): Opened {
    const user = this.userOf(own);
    const key = keyOf(own.uri);
    const { files } = user.analysis.program;
    const file = files.find(({ path }) => keyOf(includedUri(user.uri, path)) === key);
    // The including scenario may not have seen the newest text yet; then its places would be wrong.
    const check = file?.text === own.text ? user : own;
    const { analysis } = check;
    const subject = file && check === user ? { tree: own.analysis.program.tree, analysis, file } : ownSubject(analysis);
    const uriOf = (source: SourceFile) => this.uriOf(check, source);
    return {
      subject,
      scenario: check.uri,
      uriOf,
      diagnosticOf: (problem) => toDiagnostic({ ...problem, again: 0 }, uriOf),
    };
  }

  /** For a file of definitions, which does nothing by itself, an open scenario that includes it. */
  private userOf(check: Check): Check {
    if (check.analysis.program.instructions.length > 0) return check;
    const key = keyOf(check.uri);
    for (const [scenario, files] of this.includes) {
      const including = files.has(key) ? this.checks.get(scenario) : undefined;
      if (including) return including;
    }
    return check;
  }

  /** The address of a file of a scenario, as its client writes it. */
  uriOf(check: Check, file: SourceFile): string {
    if (file.path === check.analysis.program.main.path) return check.uri;
    const uri = includedUri(check.uri, file.path);
    return this.documents.get(keyOf(uri))?.uri ?? uri;
  }

  /**
   * No pause for typing: the check begins as soon as the messages that have already arrived are read. Reading one takes a
   * turn of the event loop, so two turns without a change mean that there are none.
   */
  private schedule(key: string): void {
    if (!this.documents.has(key)) return;
    this.checks.get(key)?.cancel();
    this.waiting.add(key);
    clearImmediate(this.timer);
    this.timer = setImmediate(() => {
      this.timer = setImmediate(() => this.flush());
    });
  }

  private flush(): void {
    this.timer = undefined;
    const [key] = this.waiting;
    if (key !== undefined) {
      this.waiting.delete(key);
      const document = this.documents.get(key);
      if (document) this.begin(key, document);
    }
    for (const check of this.checks.values()) check.start();
    if (this.waiting.size > 0) this.timer ??= setImmediate(() => this.flush());
  }

  private begin(key: string, document: TextDocument): Check | undefined {
    const { uri, version } = document;
    const asked = new Set<string>();
    this.includes.set(key, asked);
    const openText = (file: string) => this.documents.get(file)?.getText();
    const fail = (error: unknown) => this.client.failed('checking', uri, error);
    // Its analysis goes over into the new one; should that fail, nothing of it is left.
    const before = this.checks.get(key);
    before?.cancel();
    this.checks.delete(key);
    try {
      const check = new Check(
        { uri, version, text: document.getText(), path: baseName(uri) },
        before,
        includesOf(uri, openText, (file) => asked.add(file)),
        (done) => this.report(done),
        fail,
      );
      this.checks.set(key, check);
      return check;
    } catch (error) {
      fail(error);
      return undefined;
    }
  }

  private report(check: Check): void {
    if (this.documents.get(keyOf(check.uri))?.version !== check.version) return;
    const lists = diagnosticsOf(check.analysis, check.stoppedEarly);
    const uriOf = (file: SourceFile) => this.uriOf(check, file);
    const files = [...lists].map(([file, diagnostics]) => ({
      uri: uriOf(file),
      diagnostics: diagnostics.map((diagnostic) => toDiagnostic(diagnostic, uriOf)),
    }));
    this.publisher.publish(check.uri, files, check.version);
  }
}
