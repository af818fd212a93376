// The extension is there, knows its files and answers for them.

import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

const SCENARIO = 'scenario "empty"\nmodel "rmm/1.0"\nplatform cca\n';

describe('the extension', () => {
  it('gives .cocoscn files their language', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder, 'the samples are open as a folder');
    const file = vscode.Uri.joinPath(folder.uri, 'activation.cocoscn');
    await vscode.workspace.fs.writeFile(file, Buffer.from(SCENARIO));
    const document = await vscode.workspace.openTextDocument(file);
    assert.equal(document.languageId, 'cocoscn');
  });

  it('is active once such a file is open', async () => {
    const extension = vscode.extensions.getExtension('cocoscn.cocoscn');
    assert.ok(extension, 'the extension is installed');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('registers every command that its manifest offers', async () => {
    const manifest = vscode.extensions.getExtension('cocoscn.cocoscn')?.packageJSON;
    const offered: string[] = manifest.contributes.commands.map(({ command }: { command: string }) => command);
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      offered.filter((command) => !known.has(command)),
      [],
    );
  });
});
