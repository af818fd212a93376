// Fetches the embedded editor, a real VS Code server with its web workbench, from the npm registry into .editor/.
// Nothing is compiled and no install script runs. Usage on its own: node scripts/editor/fetch.ts

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** The npm package that carries the server. Its number is VS Code's with a 4 in front. */
const PACKAGE = 'code-server';
const VERSION = '4.139.1';
const INTEGRITY = 'sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==';

/** Parts that serve cloud assistants and make up half of the download; the workbench runs without them. */
const NOT_NEEDED = ['@github/copilot-sdk', '@microsoft/mxc-sdk', '@devcontainers/cli'];
const NOT_NEEDED_EXTENSIONS = ['copilot', 'mermaid-markdown-features'];

export const EDITOR_NAME = `VS Code ${VERSION.replace(/^4/, '1')}`;
const root = path.resolve(import.meta.dirname, '../..');
/** Everything the embedded editor needs or leaves behind stands below this ignored folder. */
export const editorFolder = path.join(root, '.editor');

/** The editor could not be fetched; the message is for the reader and says how to go on without it. */
export class EditorMissing extends Error {}

/**
 * Fetches the editor unless it is there already, and returns its folder. The folder appears whole or not at all: it is
 * renamed into place at the end, so an interrupted fetch leaves nothing that looks complete.
 * @throws EditorMissing when npm cannot load it
 */
export async function fetchEditor(): Promise<string> {
  const target = path.join(editorFolder, `vscode-${VERSION}`);
  if (fs.existsSync(target)) return target;
  fs.mkdirSync(editorFolder, { recursive: true });
  const work = fs.mkdtempSync(path.join(editorFolder, 'fetching-'));
  const removeWork = (): void => fs.rmSync(work, { recursive: true, force: true });
  process.once('exit', removeWork);
  try {
    await assemble(work);
    publish(path.join(work, 'vscode'), target);
  } catch (error) {
    throw new EditorMissing(explain(error instanceof Error ? error.message : String(error)));
  } finally {
    process.off('exit', removeWork);
    removeWork();
  }
  return target;
}

async function assemble(work: string): Promise<void> {
  const packed = await withProgress(
    `Fetching ${EDITOR_NAME} (45 MB)`,
    npm(work, ['pack', '--json', `${PACKAGE}@${VERSION}`]),
  );
  const archive = checkedArchive(packed);
  await withProgress(
    'Unpacking it',
    run(work, 'tar', [
      'xzf',
      archive,
      ...NOT_NEEDED_EXTENSIONS.map((name) => `--exclude=package/lib/vscode/extensions/${name}`),
      'package/lib/vscode',
    ]),
  );
  const vscode = path.join(work, 'vscode');
  fs.renameSync(path.join(work, 'package/lib/vscode'), vscode);
  dropDependencies(path.join(vscode, 'package.json'));
  const quiet = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await withProgress('Fetching the libraries it needs', npm(vscode, ['install', ...quiet]));
}

function checkedArchive(packed: string): string {
  const listed: unknown = JSON.parse(packed);
  const first: unknown = Array.isArray(listed) ? listed[0] : undefined;
  const field = (key: string): unknown =>
    typeof first === 'object' && first !== null ? Reflect.get(first, key) : undefined;
  const filename = field('filename');
  if (typeof filename !== 'string') throw new Error(`npm pack said nothing of a file: ${packed.slice(0, 200)}`);
  if (field('integrity') !== INTEGRITY)
    throw new Error(`${filename} is not the file this version pins (its checksum differs)`);
  return filename;
}

function dropDependencies(manifestPath: string): void {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(fs.readFileSync(manifestPath, 'utf8'));
  for (const name of NOT_NEEDED) delete manifest.dependencies[name];
  fs.writeFileSync(manifestPath, JSON.stringify(manifest, null, 2));
}

/** Two fetches at once both end well: the second finds the folder in place and drops its own. */
function publish(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if (!fs.existsSync(to)) throw error;
  }
}

/** Runs the npm that runs us, so that its registry, proxy and cache settings hold. */
function npm(cwd: string, args: readonly string[]): Promise<string> {
  const script = process.env.npm_execpath;
  // npm's own patience with a missing network is minutes.
  const all = [...args, '--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-factor=3'];
  return script === undefined ? run(cwd, 'npm', all) : run(cwd, process.execPath, [script, ...all]);
}

async function run(cwd: string, command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: childEnvironment() });
  let out = '';
  let complaints = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    complaints += text;
  });
  const stop = (): boolean => child.kill('SIGKILL'); // asked kindly, npm takes its time
  process.once('exit', stop);
  const [code] = await once(child, 'close'); // rejects when the command cannot be started
  process.off('exit', stop);
  if (code !== 0) throw new Error(complaints.trim() || `${command} ended with ${code}`);
  return out;
}

/** Settings of the npm run around us, such as its working directory or omitted groups, must not steer the inner one. */
function childEnvironment(): NodeJS.ProcessEnv {
  const inherited = [
    'npm_config_prefix',
    'npm_config_local_prefix',
    'npm_config_ignore_scripts',
    'npm_config_omit',
    'INIT_CWD',
  ];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.includes(name)));
}

/** One line that grows older while the work goes on; in a log, where lines cannot be redrawn, it is printed once. */
async function withProgress<T>(what: string, work: Promise<T>): Promise<T> {
  const started = Date.now();
  const seconds = (): string => `${Math.round((Date.now() - started) / 1000)} s`;
  const live = process.stdout.isTTY;
  const timer = live ? setInterval(() => process.stdout.write(`\r${what} … ${seconds()} `), 200) : undefined;
  if (!live) console.log(`${what} …`);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (live) process.stdout.write(`\r${what}, ${seconds()}     \n`);
  }
}

function explain(reason: string): string {
  return [
    `${EDITOR_NAME} (npm package ${PACKAGE}@${VERSION}) could not be fetched:`,
    ...reason
      .split('\n')
      .slice(0, 6)
      .map((line) => `  ${line}`),
    'Without it you can',
    '  - try again with a network: it is fetched once, into .editor/;',
    '  - install VS Code so that `code` is on the PATH: `npm start` then uses it;',
    '  - use the command line, which needs no editor: `npx cocoscn --help`.',
  ].join('\n');
}

if (import.meta.main) {
  try {
    console.log(await fetchEditor());
  } catch (error) {
    console.error(error instanceof EditorMissing ? error.message : error);
    process.exitCode = 1;
  }
}
