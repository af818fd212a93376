// The .vsix holds what it must and works once installed. Takes about 10 s: it packages, installs and starts an editor.

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from './driver.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const vsix = path.join(root, 'out', 'cocoscn.vsix');

let workbench: Workbench | undefined;
beforeAll(() => {
  fs.mkdirSync(path.dirname(vsix), { recursive: true });
  fs.rmSync(vsix, { force: true });
  execFileSync(process.execPath, [path.join(root, 'scripts/package.ts'), vsix], { stdio: 'pipe' });
});
afterAll(async () => workbench?.close());

test('the package is below 1 MB and holds only what the extension reads', () => {
  expect(fs.statSync(vsix).size).toBeLessThan(1024 * 1024);
  expect(entriesOf(vsix)).toEqual([
    '[Content_Types].xml',
    'extension.vsixmanifest',
    'extension/LICENSE.txt',
    'extension/changelog.md',
    'extension/client/media/icon.png',
    'extension/client/media/icon.svg',
    'extension/dist/extension.cjs',
    'extension/dist/server.cjs',
    'extension/dist/third-party-notices.txt',
    'extension/dist/webview/page-history.css',
    'extension/dist/webview/page-history.js',
    'extension/dist/webview/page-states.css',
    'extension/dist/webview/page-states.js',
    'extension/dist/webview/timeline.css',
    'extension/dist/webview/timeline.js',
    'extension/dist/webview/translation-tables.css',
    'extension/dist/webview/translation-tables.js',
    'extension/grammar/cocoscn.tmLanguage.json',
    'extension/grammar/language-configuration.json',
    'extension/grammar/snippets.json',
    'extension/package.json',
    'extension/readme.md',
  ]);
});

test('the installed package gives a scenario its language', async () => {
  workbench = await openWorkbench({
    files: { 'one.cocoscn': 'scenario "one"\nmodel "rmm/1.0"\nplatform cca\n' },
    vsix,
  });
  await workbench.openFile('one.cocoscn');
  await expect.poll(() => workbench?.language()).toBe('CoCo Scenarios');
});

/** The names in a zip's central directory: a record starts with PK 1 2, its name's length stands at 28, the name at 46. */
function entriesOf(file: string): string[] {
  const zip = fs.readFileSync(file);
  const names: string[] = [];
  const signature = Buffer.from([0x50, 0x4b, 1, 2]);
  for (let at = zip.indexOf(signature); at >= 0; at = zip.indexOf(signature, at + 46)) {
    names.push(zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28)));
  }
  return names.sort();
}
