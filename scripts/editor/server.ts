// Starts and stops the embedded editor's server on the loopback address.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchEditor } from './fetch.ts';

/** Nothing is sent, updated, recommended or shown on a first start. */
const QUIET_SETTINGS = {
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'json.schemaDownload.enable': false,
  'git.enabled': false,
};

export interface ServerOptions {
  /** Holds settings, state and logs; two servers at once need two of them. */
  readonly dataFolder: string;
  readonly extensionsFolder: string;
  /** Asked for by every request when true. A server that outlives a test run by more than a moment needs it. */
  readonly connectionToken: boolean;
  /** Lets a page name an extension under development and a test suite in its address. For tests only. */
  readonly testDriver?: boolean;
  /** Added to the quiet settings of a data folder that has none yet. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface EditorServer {
  readonly port: number;
  /** Undefined for a server without one. */
  readonly token: string | undefined;
  readonly process: ChildProcess;
  /** What the server has printed so far. */
  log(): string;
  /** Ends the server and every process it started; resolves when they are gone. */
  stop(): Promise<void>;
}

/** How long a server may take from its start to its first answer, in ms. Measured: 400. */
const START_LIMIT = 30_000;
/** How long the processes may take to end when asked, before they are killed, in ms. */
const STOP_LIMIT = 3_000;

/** @throws EditorMissing when the editor cannot be fetched, Error with the server's log when it does not start */
export async function startServer(options: ServerOptions): Promise<EditorServer> {
  const editor = await fetchEditor();
  const { dataFolder, extensionsFolder } = options;
  fs.mkdirSync(extensionsFolder, { recursive: true });
  writeSettings(dataFolder, options.settings ?? {});
  const token = options.connectionToken ? randomBytes(16).toString('hex') : undefined;
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      path.join(editor, 'out/server-main.js'),
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...(token === undefined
        ? ['--without-connection-token']
        : ['--connection-token-file', tokenFile(dataFolder, token)]),
      ...['--server-data-dir', dataFolder, '--user-data-dir', dataFolder, '--extensions-dir', extensionsFolder],
      ...[
        '--accept-server-license-terms',
        '--telemetry-level',
        'off',
        '--disable-telemetry',
        '--disable-workspace-trust',
      ],
      ...(options.testDriver === true ? ['--enable-smoke-test-driver'] : []),
    ],
    // Detached gives it a process group of its own: one signal then reaches the extension hosts it forks, too.
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, EXTENSIONS_GALLERY: '{}' } },
  );
  // However this process ends, also while the server still starts, the server ends with it.
  const killGroup = (): boolean => signalGroup(child, 'SIGKILL');
  process.once('exit', killGroup);
  child.once('exit', () => process.off('exit', killGroup));
  let log = '';
  const append = (text: Buffer): void => {
    log = (log + text).slice(-100_000);
  };
  child.stdout.on('data', append);
  child.stderr.on('data', append);
  const server: EditorServer = { port, token, process: child, log: () => log, stop: () => stopGroup(child) };
  await firstAnswer(server);
  return server;
}

/** The workbench's address for a folder; `payload` is what the workbench reads from it, as pairs. */
export function workbenchAddress(
  server: EditorServer,
  folder: string | undefined,
  payload: readonly (readonly [string, string])[] = [],
): string {
  const query = new URLSearchParams(folder === undefined ? { ew: 'true' } : { folder });
  if (server.token !== undefined) query.set('tkn', server.token);
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://127.0.0.1:${server.port}/?${query}`;
}

/** How the workbench in the browser names a file of this machine. */
export function remoteAddress(server: EditorServer, file: string): string {
  return `vscode-remote://127.0.0.1:${server.port}${path.resolve(file)}`;
}

/** Writes the settings of a data folder; what a user has changed there since stays. */
export function writeSettings(dataFolder: string, extra: Readonly<Record<string, unknown>>): void {
  const file = path.join(dataFolder, 'User', 'settings.json');
  if (fs.existsSync(file) && Object.keys(extra).length === 0) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const present: object = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : QUIET_SETTINGS;
  fs.writeFileSync(file, JSON.stringify({ ...present, ...extra }, null, 2));
}

/** In a file that only its owner reads: every user of the machine sees a process's arguments. */
function tokenFile(dataFolder: string, token: string): string {
  const file = path.join(dataFolder, 'connection-token');
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, token, { mode: 0o600 });
  return file;
}

async function firstAnswer(server: EditorServer): Promise<void> {
  const started = Date.now();
  while (!(await answers(server.port))) {
    if (server.process.exitCode !== null || Date.now() - started > START_LIMIT) {
      await server.stop();
      throw new Error(`the editor's server did not start:\n${server.log().slice(0, 3000)}`);
    }
    await sleep(50);
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/version`)).ok;
  } catch {
    return false; // not listening yet
  }
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no free port');
  return address.port;
}

async function stopGroup(child: ChildProcess): Promise<void> {
  const deadline = Date.now() + STOP_LIMIT;
  signalGroup(child, 'SIGTERM');
  while (signalGroup(child, 0)) {
    if (Date.now() > deadline) signalGroup(child, 'SIGKILL');
    await sleep(20);
  }
}

/** False when no process of the group is left. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  try {
    process.kill(-child.pid, signal);
    return true;
  } catch {
    return false;
  }
}
