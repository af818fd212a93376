// Which problems the client shows for which file: a file may have some of its own and some from each scenario that includes it.
import type { Diagnostic, PublishDiagnosticsParams } from 'vscode-languageserver/node';
import { keyOf } from './includes.ts';

interface Published {
  readonly uri: string;
  readonly diagnostics: readonly Diagnostic[];
}

export class Publisher {
  private readonly send: (params: PublishDiagnosticsParams) => void;
  /** By scenario, then by file. */
  private readonly owners = new Map<string, Map<string, Published>>();

  constructor(send: (params: PublishDiagnosticsParams) => void) {
    this.send = send;
  }

  /** Replaces what the scenario `owner` said; the first of `files` is the scenario itself, in `version`. */
  publish(owner: string, files: readonly Published[], version: number): void {
    const before = this.owners.get(owner) ?? new Map<string, Published>();
    const after = new Map(files.map((file) => [keyOf(file.uri), file] as const));
    this.owners.set(owner, after);
    for (const [key, { uri }] of after) this.refresh(key, uri, key === keyOf(owner) ? version : undefined);
    for (const [key, { uri }] of before) if (!after.has(key)) this.refresh(key, uri, undefined);
  }

  /** Takes back what a scenario said. */
  remove(owner: string): void {
    const before = this.owners.get(owner);
    this.owners.delete(owner);
    for (const [key, { uri }] of before ?? []) this.refresh(key, uri, undefined);
  }

  /** Several scenarios may say the same of a file that they include. */
  private refresh(key: string, uri: string, version: number | undefined): void {
    const all = [...this.owners.values()].flatMap((files) => files.get(key)?.diagnostics ?? []);
    const diagnostics = all.length < 2 ? all : [...new Map(all.map((one) => [identity(one), one])).values()];
    this.send({ uri, diagnostics, ...(version !== undefined && { version }) });
  }
}

const identity = ({ range, code, message }: Diagnostic) =>
  `${range.start.line}:${range.start.character}:${code}:${message}`;
