// The language server and the debugger as the editor's own interface gives them. Takes seconds: both start for real.

import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

const TWICE = `scenario "delegated twice"
model "rmm/1.0"
platform cca

RMI_GRANULE_DELEGATE(0x8800_0000)
RMI_GRANULE_DELEGATE(0x8800_0000)
`;

async function openScenario(name: string, text: string): Promise<vscode.TextDocument> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'the samples are open as a folder');
  const file = vscode.Uri.joinPath(folder.uri, name);
  await vscode.workspace.fs.writeFile(file, Buffer.from(text));
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document);
  return document;
}

/** Asks until the answer holds; an editor answers when it is ready. */
async function until<T>(ask: () => T | Thenable<T>, holds: (value: T) => boolean, what: string): Promise<T> {
  for (let i = 0; i < 150; i++) {
    const value = await ask();
    if (holds(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it never came: ${what}`);
}

describe('a scenario in the editor', () => {
  it('has its illegal transition underlined, with the reason', async () => {
    const { uri } = await openScenario('twice.cocoscn', TWICE);
    const found = await until(
      () => vscode.languages.getDiagnostics(uri),
      (all) => all.length > 0,
      'a diagnostic',
    );
    assert.equal(found.length, 1);
    assert.match(found[0]?.message ?? '', /RMI_ERROR_INPUT[\s\S]*gran_state/);
    assert.equal(found[0]?.range.start.line, 5);
  });

  it('tells in a hover what a call did', async () => {
    const { uri } = await openScenario('twice.cocoscn', TWICE);
    const ask = () =>
      vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, new vscode.Position(4, 5));
    const [hover] = await until(ask, (hovers) => hovers.length > 0, 'a hover');
    const text = hover?.contents.map((content) => (content as vscode.MarkdownString).value).join('\n') ?? '';
    assert.match(text, /UNDELEGATED → DELEGATED/);
  });

  it('is stepped forwards and backwards', async () => {
    const { uri } = await openScenario('twice.cocoscn', TWICE);
    const started = await vscode.debug.startDebugging(undefined, {
      type: 'cocoscn',
      request: 'launch',
      name: 'twice',
      program: uri.fsPath,
    });
    assert.equal(started, true);
    const session = await until(
      () => vscode.debug.activeDebugSession,
      (active) => active?.type === 'cocoscn',
      'a session',
    );
    const line = async () => {
      const trace = await session?.customRequest('stackTrace', { threadId: 1 }).then(
        (answer) => answer,
        () => undefined,
      );
      return trace?.stackFrames?.[0]?.line;
    };
    await until(line, (at) => at === 5, 'the stop at the first statement');
    await session?.customRequest('next', { threadId: 1 });
    await until(line, (at) => at === 6, 'the step over');
    await session?.customRequest('stepBack', { threadId: 1 });
    await until(line, (at) => at === 5, 'the step back');
    await vscode.debug.stopDebugging(session);
  });
});
