// Takes pictures of the panel in its states, themes and widths, to be looked at.
// Usage: node test/webview/screenshots.ts FOLDER [MOMENT or PANEL …]

import * as fs from 'node:fs';
import * as path from 'node:path';
import { launchBrowser } from '../../scripts/editor/browser.ts';
import { type Look, type OpenPanel, type PanelName, panelPages } from './harness/page.ts';

const [folder = 'out/screenshots', ...only] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });

type PanelLook = Look & { readonly panel?: PanelName };

const tables = { panel: 'translation-tables' } as const;
const themes = ['dark', 'light', 'high-contrast'] as const;
const overTime = (['timeline', 'page-history'] as const).flatMap((panel): PanelLook[] => [
  ...themes.flatMap((theme) => [700, 1400, 400].map((width) => ({ panel, moment: 'refused', theme, width }))),
  ...['start', 'given', 'end', 'failed', 'long', 'none'].map((moment) => ({ panel, moment })),
  { panel, moment: 'long', width: 400 },
  ...themes.flatMap((theme) => [700, 400].map((width) => ({ panel, moment: 'watched', theme, width }))),
]);
const looks: readonly PanelLook[] = [
  ...overTime,
  ...['changed', 'refused', 'failed', 'stale', 'huge', 'empty'].map((moment) => ({ moment })),
  { moment: 'refused', theme: 'light' },
  { moment: 'refused', theme: 'high-contrast' },
  { moment: 'changed', theme: 'high-contrast' },
  { moment: 'changed', width: 1400 },
  { moment: 'refused', width: 400 },
  { moment: 'failed', width: 400, theme: 'light' },
  { moment: 'empty', width: 400 },
  { moment: 'untouched' },
  ...['pinned', 'unmapped', 'converted', 'punched', 'leaked', 'populated'].flatMap((moment) =>
    (['dark', 'light'] as const).map((theme) => ({ moment, theme })),
  ),
  { moment: 'pinned', width: 400 },
  ...themes.flatMap((theme) => [700, 1400, 400].map((width) => ({ ...tables, moment: 'assigned', theme, width }))),
  ...['start', 'created', 'destroyed', 'folded', 'shared', 'refused', 'populated', 'large', 'none'].map((moment) => ({
    ...tables,
    moment,
  })),
];

const browser = await launchBrowser();
const pages = new Map<PanelName, OpenPanel>();
const isWanted = ({ panel = 'page-states', moment }: PanelLook) =>
  only.length === 0 || only.includes(moment) || only.includes(panel);
for (const look of looks.filter(isWanted)) {
  const panel = look.panel ?? 'page-states';
  const open = pages.get(panel) ?? (await panelPages(browser, panel));
  pages.set(panel, open);
  const page = await open(look);
  await page.waitForTimeout(panel === 'timeline' || panel === 'page-history' ? 500 : 150);
  const name = `${panel}.${look.moment}.${look.theme ?? 'dark'}.${look.width ?? 700}.png`;
  await page.screenshot({ path: path.join(folder, name) });
  console.log(name, await page.evaluate(() => document.querySelectorAll('*').length), 'elements');
  await page.close();
}
await browser.close();
