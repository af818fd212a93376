// What the panels register with the editor: their source, themselves, and the command that shows one.
import * as vscode from 'vscode';
import { DebugSource } from './debug-source.ts';
import { PageStates } from './page-states.ts';

export function registerPanels(context: vscode.ExtensionContext): void {
  const source = new DebugSource();
  const pageStates = new PageStates(context.extensionUri, source);
  context.subscriptions.push(
    source,
    pageStates,
    vscode.commands.registerCommand('cocoscn.showPageStates', () => pageStates.show(false)),
  );
}
