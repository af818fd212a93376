#!/usr/bin/env node
// Stands in for the desktop editor's executable in runTests() of @vscode/test-electron: takes the same flags, runs the
// suite in the real workbench and extension host in headless Chromium, and exits with the suite's code.

import * as os from 'node:os';
import * as path from 'node:path';
import { format, parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { type EditorServer, remoteAddress, startServer, workbenchAddress } from './server.ts';

/** A suite that has not ended after this many ms never will. */
const LIMIT = Number(process.env.CODE_WRAPPER_TIMEOUT_MS ?? 180_000);

const { values: flags, positionals } = parseArgs({
  strict: false, // the many other flags of the desktop editor say nothing to this one
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: 'string' },
    extensionTestsPath: { type: 'string' },
    'user-data-dir': { type: 'string' },
    'extensions-dir': { type: 'string' },
  },
});

const running: { server?: EditorServer; browser?: Browser } = {};

function required(name: string): string {
  const value = flags[name];
  if (typeof value === 'string') return value;
  console.error(`code-wrapper: --${name}=… is missing`);
  process.exit(2);
}

async function exitWith(code: number, reason?: string): Promise<never> {
  if (reason !== undefined) console.error(`code-wrapper: ${reason}`);
  running.server?.process.removeAllListeners('exit');
  await running.browser?.close();
  await running.server?.stop();
  process.exit(code);
}

async function runSuite(): Promise<number> {
  const dataFolder =
    flags['user-data-dir'] === undefined ? path.join(os.tmpdir(), `editor-${process.pid}`) : required('user-data-dir');
  const extensionsFolder =
    flags['extensions-dir'] === undefined ? path.join(dataFolder, 'extensions') : required('extensions-dir');
  const development = required('extensionDevelopmentPath');
  const tests = required('extensionTestsPath');
  const server = await startServer({ dataFolder, extensionsFolder, connectionToken: false, testDriver: true });
  running.server = server;
  server.process.on('exit', (code) => exitWith(1, `the server ended early with ${code}\n${server.log().slice(-2000)}`));
  running.browser = await launchBrowser();
  const page = await running.browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.on('crash', () => exitWith(1, 'the page crashed'));
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  await page.exposeFunction('codeAutomationExit', (code: number) => end(code));
  await page.exposeFunction('codeAutomationLog', (kind: string, words: unknown[]) => {
    (kind === 'error' ? process.stderr : process.stdout).write(`${format(...words)}\n`);
  });
  const folder = positionals[0] === undefined ? undefined : path.resolve(positionals[0]);
  await page.goto(
    workbenchAddress(server, folder, [
      ['extensionDevelopmentPath', remoteAddress(server, development)],
      ['extensionTestsPath', remoteAddress(server, tests)],
    ]),
  );
  return ended;
}

setTimeout(() => exitWith(124, `the suite had not ended after ${LIMIT} ms`), LIMIT).unref();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => exitWith(1, `ended by ${signal}`));
try {
  await exitWith(await runSuite());
} catch (error) {
  await exitWith(1, error instanceof Error ? error.stack : String(error));
}
