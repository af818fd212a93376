// Takes pictures of the panel in its states, themes and widths, to be looked at.
// Usage: node test/webview/screenshots.ts FOLDER [MOMENT …]

import * as fs from 'node:fs';
import * as path from 'node:path';
import { launchBrowser } from '../../scripts/editor/browser.ts';
import { type Look, type PanelName, panelPages } from './harness/page.ts';

const [folder = 'out/screenshots', ...only] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });

type PanelLook = Look & { readonly panel?: PanelName };

const tables = { panel: 'translation-tables' } as const;
const looks: readonly PanelLook[] = [
  ...['changed', 'refused', 'failed', 'stale', 'huge', 'empty'].map((moment) => ({ moment })),
  { moment: 'refused', theme: 'light' },
  { moment: 'refused', theme: 'high-contrast' },
  { moment: 'changed', theme: 'high-contrast' },
  { moment: 'changed', width: 1400 },
  { moment: 'refused', width: 400 },
  { moment: 'failed', width: 400, theme: 'light' },
  { moment: 'empty', width: 400 },
  ...(['dark', 'light', 'high-contrast'] as const).flatMap((theme) =>
    [700, 1400, 400].map((width) => ({ ...tables, moment: 'assigned', theme, width })),
  ),
  ...['start', 'created', 'destroyed', 'folded', 'shared', 'refused', 'large', 'none'].map((moment) => ({
    ...tables,
    moment,
  })),
];

const browser = await launchBrowser();
const pages = { 'page-states': await panelPages(browser), [tables.panel]: await panelPages(browser, tables.panel) };
for (const look of looks.filter(({ moment }) => only.length === 0 || only.includes(moment))) {
  const page = await pages[look.panel ?? 'page-states'](look);
  await page.waitForTimeout(150);
  const name = `${look.panel ? 'tables-' : ''}${look.moment}.${look.theme ?? 'dark'}.${look.width ?? 700}.png`;
  await page.screenshot({ path: path.join(folder, name) });
  console.log(name, await page.evaluate(() => document.querySelectorAll('*').length), 'elements');
  await page.close();
}
await browser.close();
