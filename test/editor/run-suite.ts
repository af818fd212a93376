// Runs test/editor/suite/ in a real extension host and demands its result file: a host that dies looks like a pass.
// The editor is the embedded one, the same everywhere; $VSCODE_EXECUTABLE names another, such as desktop VS Code's.

import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { writeSettings } from '../../scripts/editor/server.ts';
import { readOutcome } from '../../scripts/test-results.ts';

const root = path.resolve(import.meta.dirname, '../..');
const bundles = path.join(root, 'out', 'extension-host');
/** The editor talks much; its words matter only when the suite leaves no result. */
const logFile = path.join(root, 'out', 'extension-host', 'editor.log');
const resultFile = path.join(root, 'out', 'results', 'extension-host.json');

await bundleSuite();
fs.rmSync(resultFile, { force: true });
const dataFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'cocoscn-host-'));
const workspace = copyOfSamples(path.join(dataFolder, 'samples'));
const log = fs.createWriteStream(logFile);
let code = 1;
try {
  writeSettings(dataFolder, {});
  code = await runTests({
    stdout: log,
    stderr: log,
    vscodeExecutablePath: process.env.VSCODE_EXECUTABLE ?? path.join(root, 'scripts/editor/code-wrapper.ts'),
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(bundles, 'index.cjs'),
    extensionTestsEnv: { COCOSCN_RESULT_FILE: resultFile },
    launchArgs: [workspace, `--user-data-dir=${dataFolder}`, `--extensions-dir=${path.join(dataFolder, 'extensions')}`],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  fs.rmSync(dataFolder, { recursive: true, force: true });
}
await new Promise<void>((resolve) => log.end(resolve));
const outcome = readOutcome(resultFile);
if (outcome === undefined) {
  console.log(`the extension host died before it wrote a result; ${logFile} ends with`);
  console.log(fs.readFileSync(logFile, 'utf8').slice(-3000));
} else {
  console.log(outcome.report ?? '');
}
process.exitCode = code === 0 && outcome !== undefined && outcome.passed > 0 && outcome.failed === 0 ? 0 : 1;

async function bundleSuite(): Promise<void> {
  const suite = path.join(root, 'test/editor/suite');
  fs.rmSync(bundles, { recursive: true, force: true });
  await build({
    entryPoints: fs.readdirSync(suite).map((name) => path.join(suite, name)),
    outdir: bundles,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}

/** The tests edit files; they do it in a copy. */
function copyOfSamples(target: string): string {
  fs.cpSync(path.join(root, 'samples'), target, { recursive: true });
  return target;
}
