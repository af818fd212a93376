// The Page history panel in a real browser, around a real run. Takes about ten seconds, a page for each test.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { layOut, rowAtHeight } from '../../client/webview/page-history/list-layout.ts';
import { launchBrowser } from '../../scripts/editor/browser.ts';
import { type OpenPanel, panelPages } from './harness/page.ts';

let browser: Browser;
let open: OpenPanel;
let page: Page | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
  open = await panelPages(browser, 'page-history');
}, 30_000);
afterEach(() => page?.close());
afterAll(() => browser?.close());

async function opened(...look: Parameters<OpenPanel>): Promise<Page> {
  page = await open(...look);
  await page.waitForSelector('.passage .what');
  return page;
}

async function posted(of: Page): Promise<readonly object[]> {
  const all = await of.evaluate(() => window.posted.splice(0));
  return all.filter(({ type }) => !['ready', 'history', 'touches'].includes(type));
}

const current = (of: Page, n: string) => of.waitForSelector(`[aria-current="step"] .number >> text="${n}"`);

test('the band says every state, the list what each step changed, and a refused one why it changed nothing', async () => {
  const panel = await opened({ moment: 'refused' });
  expect(await panel.locator('.band').getAttribute('aria-label')).toBe(
    'UNDELEGATED from step 0, DELEGATED from step 18, DATA from step 19, DELEGATED from step 39, UNDELEGATED from step 51, to step 52; 5 changes, 2 touches without one',
  );
  const labels = await panel.locator('.passage').evaluateAll((rows) => rows.map((row) => row.ariaLabel));
  expect(labels.slice(2, 4)).toEqual([
    'step 39, RMM: RMI_DATA_DESTROY(RD, IPA + 16K), RMI_SUCCESS, succeeded; granule DATA becomes DELEGATED; RTT L3[4] ASSIGNED RAM 0x8810_4000 becomes UNASSIGNED DESTROYED; line 27',
    'step 40, RMM: RMI_GRANULE_UNDELEGATE(DATA + 16K), RMI_ERROR_INPUT, failed as expected; stays DELEGATED; injected by line 34; line 28',
  ]);
  expect(await panel.evaluate(() => window.violations)).toEqual([]);
});

test('keys go through the changes, and to a moment or its statement', async () => {
  const panel = await opened({ moment: 'refused' });
  await posted(panel);
  await panel.keyboard.press('[');
  await current(panel, '39');
  await panel.keyboard.press('ArrowUp');
  await panel.waitForFunction(() => document.activeElement?.getAttribute('aria-posinset') === '2');
  await panel.keyboard.press('Enter');
  await panel.keyboard.press(' ');
  await current(panel, '19');
  expect(await posted(panel)).toEqual([
    { type: 'goto', step: 39 },
    { type: 'reveal', source: { path: '/samples/unwind.cocoscn', line: 23 }, focus: false },
    { type: 'goto', step: 19 },
  ]);
  expect(await panel.locator('.history-names').innerText()).toBe(
    'granule 0x8810_4000, GPT REALM\nIPA 0x8000_4000 (IPA + 16K), alias 0x80_8000_4000, RTT L3[4]',
  );
});

test('a page chosen elsewhere is shown here until Escape, whichever step one goes to', async () => {
  const panel = await opened({ moment: 'refused' });
  await panel.evaluate(() =>
    window.postMessage({ type: 'selected', page: { kind: 'frame', object: 'granules', at: 0x8810_9000 } }),
  );
  await panel.waitForSelector('.history-head h1 >> text="DATA + 36K"');
  await panel.keyboard.press('ArrowLeft');
  await panel.waitForSelector('.position b >> text="39"');
  expect(await panel.locator('.history-head h1').innerText()).toBe('DATA + 36K');
  await panel.keyboard.press('Escape');
  await panel.waitForSelector('.history-head h1 >> text="DATA + 16K"');
});

test('a page that changes forty thousand times has few elements', async () => {
  const panel = await opened({ moment: 'long' });
  expect(await panel.locator('.segment').count()).toBe(1);
  expect(await panel.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(1500);
});

test('a row is as high as its lines, and the rule stands below the current one', () => {
  const wide = layOut('2113', 1, false);
  expect([[...wide.tops], wide.rule, wide.height]).toEqual([[0, 80, 162, 218, 322], 136, 322]);
  expect([0, 79, 80, 161, 162, 900].map((y) => rowAtHeight(wide, y))).toEqual([0, 0, 1, 1, 2, 3]);
  expect([...layOut('21', 1, true).tops]).toEqual([0, 128, 208]);
});
