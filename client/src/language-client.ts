// Connects the editor to the language server, which runs as a process of its own beside the extension host.

import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';

/** The server ends with the extension: the client is disposed with the context. */
export async function startLanguageClient(context: vscode.ExtensionContext): Promise<void> {
  const module = vscode.Uri.joinPath(context.extensionUri, 'dist', 'server.cjs').fsPath;
  const client = new LanguageClient(
    'cocoscn',
    'CoCo Scenarios',
    // The same transport that other editors and the tests use, so that there is one way to talk to the server.
    { module, transport: TransportKind.stdio },
    { documentSelector: [{ language: 'cocoscn' }] },
  );
  context.subscriptions.push(client);
  await client.start();
}
