// Scenarios for the debugger: as they stand in open editors, else as they lie on the disk.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { fileResolver, readScenario, type ScenarioFile, type Unreadable } from '../../server/src/edge/files.ts';

/** What was typed and not saved yet counts: it is what the editor shows. */
export function readOpened(program: string): ScenarioFile | Unreadable {
  const resolver = fileResolver(path.dirname(program), unsavedText);
  const text = unsavedText(program);
  if (text === undefined) {
    const read = readScenario(program);
    return 'problem' in read ? read : { ...read, resolver };
  }
  const name = path.basename(program);
  return { name, folder: program.slice(0, program.length - name.length).replaceAll('\\', '/'), text, resolver };
}

function unsavedText(file: string): string | undefined {
  const isMeant = ({ uri, isDirty }: vscode.TextDocument) => isDirty && uri.scheme === 'file' && uri.fsPath === file;
  return vscode.workspace.textDocuments.find(isMeant)?.getText();
}
