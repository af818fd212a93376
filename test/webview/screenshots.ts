// Takes pictures of the panel in its states, themes and widths, to be looked at.
// Usage: node test/webview/screenshots.ts FOLDER [MOMENT …]

import * as fs from 'node:fs';
import * as path from 'node:path';
import { launchBrowser } from '../../scripts/editor/browser.ts';
import { type Look, panelPages } from './harness/page.ts';

const [folder = 'out/screenshots', ...only] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });

const looks: readonly Look[] = [
  ...['changed', 'refused', 'failed', 'stale', 'huge', 'empty'].map((moment) => ({ moment })),
  { moment: 'refused', theme: 'light' },
  { moment: 'refused', theme: 'high-contrast' },
  { moment: 'changed', theme: 'high-contrast' },
  { moment: 'changed', width: 1400 },
  { moment: 'refused', width: 400 },
  { moment: 'failed', width: 400, theme: 'light' },
  { moment: 'empty', width: 400 },
];

const browser = await launchBrowser();
const open = await panelPages(browser);
for (const look of looks.filter(({ moment }) => only.length === 0 || only.includes(moment))) {
  const page = await open(look);
  await page.waitForTimeout(150);
  const name = `${look.moment}.${look.theme ?? 'dark'}.${look.width ?? 700}.png`;
  await page.screenshot({ path: path.join(folder, name) });
  console.log(name, await page.evaluate(() => document.querySelectorAll('*').length), 'elements');
  await page.close();
}
await browser.close();
