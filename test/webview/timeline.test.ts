// The Timeline panel in a real browser, around a real run. Takes about ten seconds, a page for each test.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../../scripts/editor/browser.ts';
import { type OpenPanel, panelPages } from './harness/page.ts';

let browser: Browser;
let open: OpenPanel;
let page: Page | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
  open = await panelPages(browser, 'timeline');
}, 30_000);
afterEach(() => page?.close());
afterAll(() => browser?.close());

async function opened(...look: Parameters<OpenPanel>): Promise<Page> {
  page = await open(...look);
  await page.waitForSelector('.step-row .what');
  return page;
}

/** What the panel posted since the last call, without the questions that every stop asks. */
async function posted(of: Page): Promise<readonly object[]> {
  const all = await of.evaluate(() => window.posted.splice(0));
  return all.filter(({ type }) => !['ready', 'steps', 'density', 'touches'].includes(type));
}

const current = (of: Page, call: string) => of.waitForSelector(`[aria-current="step"] .what >> text="${call}"`);
const count = (of: Page) => of.evaluate(() => document.querySelectorAll('*').length);

test('the lanes say who acted and what failed, the list who called whom and how it ended', async () => {
  const panel = await opened({ moment: 'refused' });
  expect(await panel.locator('.lanes').getAttribute('aria-label')).toBe(
    'Steps 1 to 52, now 40: host 2 steps, 1 with failures; RMM 50 steps, 3 with failures; guest 0 steps; DATA + 16K changed in 5 places, touched in 2',
  );
  const row = panel.locator('[aria-current="step"]');
  expect(await row.getAttribute('aria-label')).toBe(
    'step 40, RMM: RMI_GRANULE_UNDELEGATE(DATA + 16K), RMI_ERROR_INPUT, failed as expected, touches the selected page, line 28',
  );
  expect(await panel.locator('.steps').getAttribute('aria-rowcount')).toBe('68');
  expect(await panel.locator('.rule').innerText()).toBe('recorded ahead, not yet reached');
  expect(await panel.evaluate(() => window.violations)).toEqual([]);
});

test('keys move over the rows without moving time, and then go there or to the statement', async () => {
  const panel = await opened({ moment: 'refused' });
  await posted(panel);
  await panel.keyboard.press('ArrowUp');
  await panel.waitForSelector('[aria-selected="true"] .what >> text="RMI_DATA_DESTROY(RD, IPA + 16K)"');
  await panel.waitForFunction(() => document.activeElement?.getAttribute('aria-selected') === 'true');
  for (const key of ['Enter', 'Control+Enter', 'c']) await panel.keyboard.press(key);
  const source = { path: '/samples/unwind.cocoscn', line: 27 };
  expect(await posted(panel)).toEqual([
    { type: 'reveal', source, focus: false },
    { type: 'reveal', source, focus: true },
    { type: 'copy', text: '39 RMI_DATA_DESTROY(RD, IPA + 16K) = RMI_SUCCESS (line 27)' },
  ]);
  await panel.keyboard.press(' ');
  await current(panel, 'RMI_DATA_DESTROY(RD, IPA + 16K)');
  await panel.locator('.step-row .what >> text="RMI_DATA_DESTROY(RD, IPA + 4K)"').click();
  await current(panel, 'RMI_DATA_DESTROY(RD, IPA + 4K)');
  expect(await posted(panel)).toEqual([
    { type: 'goto', step: 39 },
    { type: 'goto', step: 33 },
  ]);
});

test('zooming shows fewer steps around the current one, and a page chosen elsewhere has its marks here', async () => {
  const panel = await opened({ moment: 'refused' });
  await panel.keyboard.press('+');
  await panel.waitForSelector('.lanes-box h2 >> text="Steps 20 to 45"');
  await panel.keyboard.press('0');
  await panel.waitForSelector('.lanes-box h2 >> text="The whole run"');
  await panel.evaluate(() =>
    window.postMessage({ type: 'selected', page: { kind: 'frame', object: 'granules', at: 0x8810_9000 } }),
  );
  await panel.waitForSelector('code.lane-name >> text="DATA + 36K"');
  await panel.waitForSelector('.lane-legend >> text="changes DATA + 36K"');
});

test('a long run has few elements, and its one failure still stands in the lanes', async () => {
  const panel = await opened({ moment: 'long' });
  await current(panel, 'RMI_GRANULE_DELEGATE(P)');
  expect(await panel.locator('.bars .failed').first().getAttribute('d')).toBe('M299.5 0v1');
  expect(await count(panel)).toBeLessThan(1500);
  await panel.keyboard.press('End');
  await panel.waitForSelector('[aria-rowindex="60003"]');
  expect(await count(panel)).toBeLessThan(1500);
});

test('a watched page stands in the step bar, and where it stops in a lane and beside its steps', async () => {
  const panel = await opened({ moment: 'watched' });
  expect(await panel.locator('.watched').innerText()).toMatch(/breaks when\s+DATA \+ 16K\s+changes/);
  const lane = panel.locator('.lane-name >> text="break"');
  await lane.waitFor();
  expect(await panel.locator('.lanes').getAttribute('aria-label')).toMatch(/; breakpoints stop in 6 places$/);
  await panel.locator('.step-row[aria-label$=", breakpoint, line 44"]').waitFor();
  await posted(panel);
  await panel.keyboard.press('w');
  await panel.locator('.watched').waitFor({ state: 'detached' });
  expect(await panel.locator('.lanes').getAttribute('aria-label')).toMatch(/; breakpoints stop in 1 place$/);
  for (const key of ['g', 'e']) await panel.keyboard.press(key);
  const place = { kind: 'frame', object: 'granules', at: 0x8810_4000 };
  expect(await posted(panel)).toEqual([
    { type: 'watch', page: place },
    { type: 'writer', page: place },
    { type: 'expectation', page: place },
  ]);
  // The editor's context menu is told which page it is about; what it offers is among the keys.
  const context = await panel.locator('code.lane-name').getAttribute('data-vscode-context');
  expect(JSON.parse(context ?? '')).toMatchObject({ cocoscnPage: true, page: place });
  await panel.keyboard.press('?');
  const help = await panel.locator('dialog').innerText();
  for (const words of [
    'break when the selected page changes',
    'copy what the selected page is',
    'changed the selected page last',
    'history of the selected page',
  ])
    expect(help).toContain(words);
});
