// `cocoscn lsp`: an editor that speaks the protocol gets an answer.
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { expect, test } from 'vitest';

const MAIN = path.join(import.meta.dirname, '../../server/src/cli/main.ts');

/** One message as it goes over the wire. */
const framed = (message: object) => {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

test('answers initialize, and ends when it is told to', async () => {
  const server = spawn(process.execPath, [MAIN, 'lsp'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers: string[] = [];
  const answered = new Promise<void>((resolve) => {
    server.stdout.on('data', (chunk: Buffer) => {
      answers.push(chunk.toString());
      if (answers.join('').includes('"capabilities"')) resolve();
    });
  });
  const ended = new Promise<number | null>((resolve) => server.on('exit', resolve));
  const params = { processId: null, rootUri: null, capabilities: {} };
  server.stdin.write(framed({ id: 1, method: 'initialize', params }));
  await answered;
  server.stdin.write(framed({ id: 2, method: 'shutdown' }));
  server.stdin.write(framed({ method: 'exit' }));
  expect(await ended).toBe(0);
  expect(answers.join('')).toContain('"textDocumentSync"');
});
