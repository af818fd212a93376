// The commands that the command palette and the editor's title bar offer.

import * as vscode from 'vscode';
import { launchOf } from './debugging.ts';
import { openScenario } from './open-scenario.ts';

export function registerCommands(context: vscode.ExtensionContext): void {
  context.subscriptions.push(vscode.commands.registerCommand('cocoscn.runFile', runFile));
}

/** Runs the scenario to its end without stopping; failures show in the debug console. */
async function runFile(uri: vscode.Uri | undefined): Promise<void> {
  const file = uri ?? openScenario()?.uri;
  if (file === undefined) {
    await vscode.window.showErrorMessage('Open a .cocoscn file to run it.');
    return;
  }
  const config = { ...launchOf(file.fsPath), name: 'Run this scenario', stopOnEntry: false };
  await vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(file), config, { noDebug: true });
}
