// Opens samples/ in an editor with the extension in it: desktop VS Code when `code` is on the PATH, otherwise the
// embedded editor, which it serves until Ctrl+C. Usage: npm start

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { EDITOR_NAME, EditorMissing, editorFolder } from './editor/fetch.ts';
import { type EditorServer, startServer, workbenchAddress } from './editor/server.ts';

const root = path.dirname(import.meta.dirname);
const samples = path.join(root, 'samples');

const { status: buildStatus } = spawnSync(process.execPath, [path.join(root, 'scripts/build.ts')], {
  stdio: 'inherit',
});
if (buildStatus !== 0) process.exit(1); // the build has said why
if (desktopEditorOpens()) {
  console.log('VS Code opens samples/ in a window of its own.');
} else {
  await serveEmbedded();
}

function desktopEditorOpens(): boolean {
  const { error, status } = spawnSync('code', [`--extensionDevelopmentPath=${root}`, samples], { stdio: 'inherit' });
  return error === undefined && status === 0;
}

async function serveEmbedded(): Promise<void> {
  let server: EditorServer | undefined;
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await server?.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // npm passes a signal on only as far as its shell; when npm or that shell is gone, so is the one who would stop us.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop(), 500).unref();
  try {
    server = await startServer({
      dataFolder: path.join(editorFolder, 'data'),
      extensionsFolder: linkExtension(path.join(editorFolder, 'extensions')),
      connectionToken: true,
    });
  } catch (error) {
    console.error(error instanceof EditorMissing ? error.message : error);
    process.exit(1);
  }
  server.process.on('exit', (code) => {
    if (stopping) return;
    console.error(`The editor ended by itself with ${code}:\n${server?.log().slice(-2000)}`);
    process.exit(1);
  });
  console.log(`\n${EDITOR_NAME} with CoCo Scenarios in it. Open this address in a browser:\n`);
  console.log(`  ${workbenchAddress(server, samples)}\n`);
  console.log('Choose a file, press F5. Ctrl+C here ends the editor.');
}

/** The checkout itself is the installed extension: a new build is there at the next reload of the window. */
function linkExtension(folder: string): string {
  const link = path.join(folder, 'cocoscn');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.symlinkSync(root, link);
  return folder;
}
