// A client of the language server in a process of its own: JSON-RPC over stdio, as an editor speaks it.
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { Diagnostic, PublishDiagnosticsParams, Range } from 'vscode-languageserver-protocol';

const root = path.dirname(path.dirname(import.meta.dirname));
export const SOURCE = path.join(root, 'server/src/lsp/main.ts');
export const BUNDLE = path.join(root, 'dist/server.cjs');

/** Milliseconds after which a server that says nothing has failed. */
const PATIENCE = 10_000;

export class Client {
  readonly process: ChildProcess;
  readonly connection: MessageConnection;
  /** Everything that the server published, in order. */
  readonly published: PublishDiagnosticsParams[] = [];
  /** Lines that the server logged. */
  readonly log: string[] = [];
  readonly exited: Promise<number | null>;
  private readonly listeners = new Set<() => void>();

  /** `entry` is run by the same Node as this process; the sources unless said otherwise. */
  constructor(entry: string = SOURCE) {
    if (!fs.existsSync(entry)) throw new Error(`${entry} is not there; run: npm run build`);
    this.process = spawn(process.execPath, [entry, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdin, stdout } = this.process;
    if (!stdin || !stdout) throw new Error('the server has no pipes');
    this.exited = new Promise((resolve) => {
      this.process.once('exit', (code) => resolve(code));
    });
    this.connection = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published.push(params);
      for (const listener of [...this.listeners]) listener();
    });
    this.connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
      this.log.push(message);
    });
    this.connection.listen();
  }

  async initialize(): Promise<{ capabilities: Record<string, unknown> }> {
    const params = { processId: process.pid, rootUri: null, capabilities: {} };
    const answer = await this.connection.sendRequest<{ capabilities: Record<string, unknown> }>('initialize', params);
    await this.connection.sendNotification('initialized', {});
    return answer;
  }

  open(uri: string, text: string, version = 1): Promise<void> {
    const textDocument = { uri, languageId: 'cocoscn', version, text };
    return this.connection.sendNotification('textDocument/didOpen', { textDocument });
  }

  /** Without a range the whole text is replaced. */
  change(uri: string, version: number, text: string, range?: Range): Promise<void> {
    return this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [range ? { range, text } : { text }],
    });
  }

  ask<R>(method: string, uri: string, params: object = {}): Promise<R> {
    return this.connection.sendRequest<R>(`textDocument/${method}`, { textDocument: { uri }, ...params });
  }

  /** Writes bytes as they are, past the protocol. */
  raw(bytes: string): void {
    this.process.stdin?.write(bytes);
  }

  /** What the server says of a document, once it said it of `version` (of any, where none is named). */
  async diagnostics(uri: string, version?: number, from = 0): Promise<Diagnostic[]> {
    const found = () =>
      this.published
        .slice(from)
        .findLast((one) => one.uri === uri && (version === undefined || one.version === version));
    const until = performance.now() + PATIENCE;
    for (;;) {
      const params = found();
      if (params) return params.diagnostics;
      if (performance.now() > until) throw new Error(`no diagnostics of ${uri}; log: ${this.log.join('\n')}`);
      await this.more();
    }
  }

  /** Resolves when the server publishes something, or has not for a while. */
  private more(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, PATIENCE);
      this.listeners.add(done);
    });
  }

  /** Ends the session as the protocol says; the process's exit code. */
  async stop(): Promise<number | null> {
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    return this.exited;
  }

  /** For a test that failed in the middle. */
  kill(): void {
    this.connection.dispose();
    this.process.kill();
  }
}
