// Which scenario a command means that was not told one.

import * as vscode from 'vscode';

/** The language's id in the manifest. */
export const LANGUAGE = 'cocoscn';

/** The scenario in front, else any that is visible: a panel beside it may have the focus. */
export function openScenario(): vscode.TextDocument | undefined {
  const editors = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors];
  return editors.find((editor) => editor?.document.languageId === LANGUAGE)?.document;
}
