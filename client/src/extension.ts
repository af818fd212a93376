// The extension's entry point: the list of what it registers with the editor.

import type * as vscode from 'vscode';
import { registerCommands } from './commands.ts';
import { registerDebugging } from './debugging.ts';
import { startLanguageClient } from './language-client.ts';
import { registerPanels } from './panels/register.ts';

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  registerDebugging(context);
  registerCommands(context);
  registerPanels(context);
  await startLanguageClient(context);
}
