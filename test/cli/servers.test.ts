// `cocoscn lsp` and `cocoscn dap`: an editor that speaks the protocol gets an answer.
// Each case starts a process, which takes a second and more on a busy machine.
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

const MAIN = path.join(import.meta.dirname, '../../server/src/cli/main.ts');

/** One message as it goes over the wire. */
const framed = (message: object) => {
  const body = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

const cases = [
  {
    kind: 'lsp',
    hello: {
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
      params: { processId: null, rootUri: null, capabilities: {} },
    },
    answer: '"textDocumentSync"',
    goodbye: [
      { jsonrpc: '2.0', id: 2, method: 'shutdown' },
      { jsonrpc: '2.0', method: 'exit' },
    ],
  },
  {
    kind: 'dap',
    hello: { seq: 1, type: 'request', command: 'initialize', arguments: { adapterID: 'cocoscn' } },
    answer: '"supportsStepBack":true',
    goodbye: [{ seq: 2, type: 'request', command: 'disconnect' }],
  },
];

test.each(cases)('$kind answers initialize, and ends when it is told to', async ({ kind, hello, answer, goodbye }) => {
  const server = spawn(process.execPath, [MAIN, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  const answered = new Promise<void>((resolve) => {
    server.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(answer)) resolve();
    });
  });
  const ended = new Promise<number | null>((resolve) => server.on('exit', resolve));
  server.stdin.write(framed(hello));
  await answered;
  for (const message of goodbye) server.stdin.write(framed(message));
  expect(await ended).toBe(0);
});
