// The language server as an editor meets it: a process, JSON-RPC over its stdio, real files.
import { fork } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import type { CompletionItem, Hover, Location, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { Client, SOURCE } from './client.ts';

// Processes start and answer slowly while other tests use the machine.
vi.setConfig({ testTimeout: 20_000, hookTimeout: 20_000 });

let folder: string;
let client: Client;
let opened = 0;

// Starting the server from its sources takes about half a second.
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cocoscn-lsp-'));
  client = new Client();
  await client.initialize();
});
afterAll(() => {
  client.kill();
  fs.rmSync(folder, { recursive: true });
});

/** Writes a file below the test's folder. */
function write(name: string, text: string): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return pathToFileURL(file).href;
}

/** Opens a scenario of its own name. */
async function open(text: string): Promise<string> {
  const uri = pathToFileURL(path.join(folder, `s${opened++}.cocoscn`)).href;
  await client.open(uri, text);
  return uri;
}

const codes = async (uri: string, version?: number, from?: number) =>
  (await client.diagnostics(uri, version, from)).map(({ code }) => code);

describe('diagnostics', () => {
  test('have the text of the command line, a code and a source', async () => {
    const uri = await open('RMI_GRANULE_UNDELEGATE(0x8800_0000)\n');
    const [first] = await client.diagnostics(uri, 1);
    expect(first).toMatchObject({
      code: 'CCS301',
      source: 'cocoscn',
      severity: 1,
      range: { start: { line: 0, character: 23 }, end: { line: 0, character: 34 } },
    });
    expect(
      String(first?.message)
        .split('\n')
        .map((line) => line.split(/[:;]/)[0]),
    ).toEqual(['RMI_GRANULE_UNDELEGATE returned RMI_ERROR_INPUT', '  expected', '  actual', '  because']);
  });

  test('follow an edit, with the version of the text that they are about', async () => {
    const uri = await open('RMI_GRANULE_DELEGATE(0x8800_0000)\n');
    expect(await codes(uri, 1)).toEqual([]);
    const start = { line: 1, character: 0 };
    await client.change(uri, 2, 'RMI_GRANULE_DELEGATE(0x8800_0000)\n', { start, end: start });
    expect(await codes(uri, 2)).toEqual(['CCS301']);
    await client.change(uri, 3, '', { start, end: { line: 2, character: 0 } });
    expect(await codes(uri, 3)).toEqual([]);
  });

  test('edits that arrive together are checked once', async () => {
    const uri = await open('let A = 1\n');
    await client.diagnostics(uri, 1);
    const from = client.published.length;
    for (let version = 2; version <= 30; version++) void client.change(uri, version, `let A = ${version}\n`);
    await client.diagnostics(uri, 30);
    expect(client.published.slice(from).filter((one) => one.uri === uri).length).toBeLessThan(15);
  });

  // The editor gives a run two seconds; this one would take longer.
  test('a long run stops after a while and says so, and an edit ends it at once', async () => {
    const uri = await open('for x in 0 .. 900000 step 1 {\n  RMI_GRANULE_DELEGATE(1) = RMI_ERROR_INPUT\n}\n');
    const hover = client.ask('hover', uri, { position: { line: 0, character: 1 } });
    await client.change(uri, 2, 'RMI_GRANULE_UNDELEGATE(0x8800_0000)\n');
    expect(await codes(uri, 2)).toEqual(['CCS301']);
    expect(await hover).toBeNull();
  });
});

describe('included files', () => {
  test('problems stand in the file that has them, and go when it is mended on the disk', async () => {
    const lib = write('lib/pages.cocoscn', 'let BASE = nope\n');
    const uri = await open('include "lib/pages.cocoscn"\nRMI_GRANULE_DELEGATE(BASE)\n');
    await client.diagnostics(uri, 1);
    expect(await codes(lib)).toEqual(['CCS201']);
    const from = client.published.length;
    write('lib/pages.cocoscn', 'let BASE = 0x8800_0000\n');
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: lib, type: 2 }] });
    expect(await codes(lib, undefined, from)).toEqual([]);
    expect(await codes(uri, 1, from)).toEqual([]);
  });

  test('a file that vanishes is a problem at the include, and the server goes on', async () => {
    const lib = write('vanishing.cocoscn', 'let BASE = 0x8800_0000\n');
    const uri = await open('include "vanishing.cocoscn"\nRMI_GRANULE_DELEGATE(BASE)\n');
    expect(await codes(uri, 1)).toEqual([]);
    const from = client.published.length;
    fs.rmSync(path.join(folder, 'vanishing.cocoscn'));
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: lib, type: 3 }] });
    const found = await client.diagnostics(uri, 1, from);
    expect(found.map(({ message }) => message)[0]).toBe('"vanishing.cocoscn" cannot be read: there is no such file');
  });

  test('an open document counts before the file on the disk', async () => {
    const lib = write('open.cocoscn', 'let BASE = 0x8800_0000\n');
    const uri = await open('include "open.cocoscn"\nRMI_GRANULE_DELEGATE(BASE)\n');
    expect(await codes(uri, 1)).toEqual([]);
    const from = client.published.length;
    await client.open(lib, 'let OTHER = 1\n');
    expect(await codes(uri, 1, from)).toEqual(['CCS201']);
  });

  test('a link that leads out of the folder is refused', async () => {
    const outside = fs.mkdtempSync(path.join(os.tmpdir(), 'cocoscn-outside-'));
    fs.writeFileSync(path.join(outside, 'secret.cocoscn'), 'let SECRET = 1\n');
    fs.symlinkSync(path.join(outside, 'secret.cocoscn'), path.join(folder, 'link.cocoscn'));
    const uri = await open('include "link.cocoscn"\n');
    const [first] = await client.diagnostics(uri, 1);
    fs.rmSync(outside, { recursive: true });
    expect(first?.message).toContain('a link to a file outside the folder');
  });
});

describe('requests', () => {
  const TEXT = 'let RD = 0x8800_0000\nRMI_GRANULE_DELEGATE(RD)\nexpect granule(RD) is DELEGATED\n';

  test('hover', async () => {
    const uri = await open(TEXT);
    const answer = await client.ask<Hover>('hover', uri, { position: { line: 1, character: 3 } });
    expect(JSON.stringify(answer.contents)).toContain('UNDELEGATED → DELEGATED');
  });

  test('completion on a broken line, right after it was typed', async () => {
    const uri = await open(TEXT);
    await client.change(uri, 2, '', { start: { line: 2, character: 22 }, end: { line: 2, character: 31 } });
    const items = await client.ask<CompletionItem[]>('completion', uri, { position: { line: 2, character: 22 } });
    expect(items.map(({ label }) => label)).toContain('DELEGATED');
  });

  test('definition and rename', async () => {
    const uri = await open(TEXT);
    const position = { line: 1, character: 22 };
    const found = await client.ask<Location>('definition', uri, { position });
    expect(found).toEqual({ uri, range: { start: { line: 0, character: 4 }, end: { line: 0, character: 6 } } });
    const edit = await client.ask<WorkspaceEdit>('rename', uri, { position, newName: 'REALM' });
    expect(edit.changes?.[uri]?.map(({ range }) => range.start.line)).toEqual([0, 1, 2]);
    await expect(client.ask('rename', uri, { position, newName: 'granule' })).rejects.toThrow('is a view');
  });

  test('outline, folds, links, highlights and fixes answer', async () => {
    const uri = await open(`scenario "x"\n${TEXT}`);
    const position = { line: 2, character: 22 };
    const answers = await Promise.all([
      client.ask<unknown[]>('documentSymbol', uri),
      client.ask<unknown[]>('foldingRange', uri),
      client.ask<unknown[]>('documentLink', uri),
      client.ask<unknown[]>('documentHighlight', uri, { position }),
      client.ask<unknown[]>('references', uri, { position, context: { includeDeclaration: true } }),
      client.ask<unknown[]>('codeAction', uri, {
        range: { start: position, end: position },
        context: { diagnostics: [] },
      }),
    ]);
    expect(answers.map((answer) => answer.length)).toEqual([1, 0, 0, 3, 3, 0]);
  });
});

describe('bad input', () => {
  const position = { line: 0, character: 0 };

  test('a document that is not open', async () => {
    expect(await client.ask('hover', 'file:///nowhere.cocoscn', { position })).toBeNull();
  });

  test('a position outside of the text', async () => {
    const uri = await open('let A = 1\n');
    expect(await client.ask('hover', uri, { position: { line: 99, character: 99 } })).toBeNull();
    expect(await client.ask('definition', uri, { position: { line: -1, character: -5 } })).toBeNull();
  });

  test('a request without its parameters', async () => {
    await client.connection.sendRequest('textDocument/hover', {});
    expect(client.log.join('\n')).toContain('hover undefined');
  });

  test('a text that is not a scenario', async () => {
    const uri = await open('\u0000\u0001\ufffd\u0007'.repeat(20_000));
    expect((await client.diagnostics(uri, 1)).length).toBeGreaterThan(0);
  });

  // Sending and keeping a text of 50 MB takes about a second.
  test('a document of 50 MB is refused with one problem', async () => {
    const uri = await open('x'.repeat(50 * 1024 * 1024));
    expect(await codes(uri, 1)).toEqual(['CCS130']);
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  });

  test('a message that is not JSON, then one without a length', async () => {
    client.raw('Content-Length: 9\r\n\r\n{"broken}');
    const first = await open('RMI_GRANULE_UNDELEGATE(0x8800_0000)\n');
    expect(await codes(first, 1)).toEqual(['CCS301']);
    client.raw('Content-Size: 9\r\n\r\n');
    const second = await open('RMI_GRANULE_UNDELEGATE(0x8800_0000)\n');
    expect(await codes(second, 1)).toEqual(['CCS301']);
  });
});

describe('the IPC channel', () => {
  // Starts a server of its own from the sources.
  test('a parent that opened a channel is answered over it', async () => {
    const child = fork(SOURCE, ['--node-ipc']);
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
    const answer = await connection.sendRequest<{ serverInfo: { name: string } }>('initialize', {
      ...{ processId: process.pid, rootUri: null, capabilities: {} },
    });
    expect(answer.serverInfo.name).toBe('cocoscn');
    const exited = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    child.disconnect();
    expect(await exited).toBe(1);
  });
});

describe('the end', () => {
  // Each starts a server of its own from the sources.
  test('after shutdown the process ends well', async () => {
    const own = new Client();
    await own.initialize();
    expect(await own.stop()).toBe(0);
  });

  test('a client that goes without a word ends the process', async () => {
    const own = new Client();
    await own.initialize();
    own.process.stdin?.end();
    expect(await own.exited).toBe(1);
  });
});
