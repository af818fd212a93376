// Connects the editor to the language server, which runs as a process of its own beside the extension host.

import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { LANGUAGE } from './open-scenario.ts';

/** Resolves when the server answers or has failed: a server that does not start leaves debugging and commands usable. */
export async function startLanguageClient(context: vscode.ExtensionContext): Promise<void> {
  const module = vscode.Uri.joinPath(context.extensionUri, 'dist', 'server.cjs').fsPath;
  const client = new LanguageClient(
    'cocoscn',
    'CoCo Scenarios',
    // The same transport that other editors and the tests use, so that there is one way to talk to the server.
    { module, transport: TransportKind.stdio },
    { documentSelector: [{ language: LANGUAGE }] },
  );
  context.subscriptions.push(client); // disposing it ends the server
  try {
    await client.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`Scenarios are not checked: the language server did not start (${reason}).`);
  }
}
