// What the panels register with the editor: their source, themselves, and the commands that show them.
import * as vscode from 'vscode';
import { DebugSource } from './debug-source.ts';
import { PageStates } from './page-states.ts';
import { TranslationTables } from './translation-tables.ts';

export function registerPanels(context: vscode.ExtensionContext): void {
  const source = new DebugSource();
  const pageStates = new PageStates(context.extensionUri, source);
  const translationTables = new TranslationTables(context.extensionUri, source);
  context.subscriptions.push(
    source,
    pageStates,
    translationTables,
    vscode.commands.registerCommand('cocoscn.showPageStates', () => pageStates.show(false)),
    vscode.commands.registerCommand('cocoscn.showTranslationTables', () => translationTables.show(false)),
  );
}
