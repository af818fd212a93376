// The context menu of a page in the panels: the editor hands each command what the panel put beside the page.
import * as vscode from 'vscode';
import type { PanelRequest, Place } from '../../../server/src/features/panel-model.ts';
import type { PanelSource } from './panel-source.ts';

/** What is asked when a command is chosen for a page. */
const ASKED: Readonly<Record<string, (page: Place) => readonly PanelRequest[]>> = {
  'cocoscn.pageHistory': (page) => [{ type: 'select', page }, { type: 'showHistory' }],
  'cocoscn.pageWriter': (page) => [{ type: 'writer', page }],
  'cocoscn.pageWatch': (page) => [{ type: 'watch', page }],
  'cocoscn.pageExpectation': (page) => [{ type: 'expectation', page }],
};

export function registerPageCommands(source: PanelSource): vscode.Disposable[] {
  return Object.entries(ASKED).map(([command, asked]) =>
    vscode.commands.registerCommand(command, (context?: { readonly page?: Place }) => {
      for (const request of context?.page ? asked(context.page) : []) source.request(request);
    }),
  );
}
