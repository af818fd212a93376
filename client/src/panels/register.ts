// What the panels register with the editor: their source, themselves, and the commands that show them.
import * as vscode from 'vscode';
import { DebugSource } from './debug-source.ts';
import { registerPageCommands } from './page-commands.ts';
import { pageHistoryPanel } from './page-history.ts';
import { PageStates } from './page-states.ts';
import { Selection } from './selection.ts';
import { timelinePanel } from './timeline.ts';
import { translationTablesPanel } from './translation-tables.ts';

export function registerPanels(context: vscode.ExtensionContext): void {
  const source = new DebugSource(new Selection(context.workspaceState));
  const pageStates = new PageStates(context.extensionUri, source);
  const translationTables = translationTablesPanel(context.extensionUri, source);
  const timeline = timelinePanel(context.extensionUri, source);
  const pageHistory = pageHistoryPanel(context.extensionUri, source);
  context.subscriptions.push(
    source,
    pageStates,
    translationTables,
    timeline,
    pageHistory,
    ...registerPageCommands(source),
    vscode.commands.registerCommand('cocoscn.showPageStates', () => pageStates.show(false)),
    vscode.commands.registerCommand('cocoscn.showTranslationTables', () => translationTables.show(false)),
    vscode.commands.registerCommand('cocoscn.showTimeline', () => timeline.show(false)),
    vscode.commands.registerCommand('cocoscn.showPageHistory', () => pageHistory.show(false)),
  );
}
