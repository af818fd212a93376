// The Translation tables panel in a real browser, around a real run. Takes about ten seconds, a page for each test.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../../scripts/editor/browser.ts';
import { type OpenPanel, panelPages } from './harness/page.ts';

let browser: Browser;
let open: OpenPanel;
let page: Page | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
  open = await panelPages(browser, 'translation-tables');
}, 30_000);
afterEach(() => page?.close());
afterAll(() => browser?.close());

async function opened(...look: Parameters<OpenPanel>): Promise<Page> {
  page = await open(...look);
  await page.waitForSelector('.rows [aria-selected="true"]');
  return page;
}

/** What the panel posted since the last call, without the questions that every stop asks. */
async function posted(of: Page): Promise<readonly object[]> {
  const all = await of.evaluate(() => window.posted.splice(0));
  return all.filter(({ type }) => !['ready', 'tables', 'tableRuns', 'touches', 'select'].includes(type));
}

/** The chosen row of the tree once it is this one. */
const chosen = (of: Page, text: string) => of.waitForSelector(`.rows [aria-selected="true"] >> text="${text}"`);
const heading = (of: Page, text: string) => of.waitForSelector(`.address-box h2:has-text("${text}")`);

test('the picture names every entry of the walk, and marks what the step changed', async () => {
  const panel = await opened({ moment: 'assigned' });
  const walk = await panel
    .locator('.levels [aria-current]')
    .evaluateAll((cells) => cells.map((cell) => cell.ariaLabel));
  expect(walk).toEqual([
    'L1[2], 2G +: 1G, TABLE, RTT 0x8800_4000, live 2, protected half, on the walk',
    'L2[0], 2G +: 2M, TABLE, RTT 0x8800_5000, live 3, protected half, on the walk',
    'L3[3], 0x8000_3000, ASSIGNED RAM, 0x8810_3000, protected half, on the walk, changed by this step',
  ]);
  expect(await panel.locator('.rows .touched').count()).toBe(1);
  expect(await panel.locator('.half').evaluateAll((halves) => halves.map((half) => half.className))).toEqual([
    'half protected',
    'half unprotected',
  ]);
});

test('the keyboard moves through the entries, opens and folds tables, copies, and gives the choice back', async () => {
  const panel = await opened({ moment: 'assigned' });
  await posted(panel);
  await panel.keyboard.press('ArrowUp');
  await chosen(panel, 'L3[2]');
  await heading(panel, 'IPA 0x8000_2000');
  expect(await panel.evaluate(() => document.activeElement?.getAttribute('aria-selected'))).toBe('true');
  for (const key of ['c', 'Enter', 'Control+Enter']) await panel.keyboard.press(key);
  const source = { path: '/samples/tables.cocoscn', line: 43 };
  expect(await posted(panel)).toEqual([
    { type: 'copy', text: 'L3[2], 0x8000_2000, UNASSIGNED DESTROYED, since step 20' },
    { type: 'reveal', source, focus: false },
    { type: 'reveal', source, focus: true },
  ]);

  for (const entry of ['L3[1]', 'L3[0]', 'L2[0]']) {
    await panel.keyboard.press('ArrowUp');
    await chosen(panel, entry);
  }
  const rows = () => panel.locator('.rows .row').count();
  const open = await rows();
  await panel.keyboard.press('-');
  await panel.waitForSelector('.rows [aria-selected="true"][aria-expanded="false"]');
  expect(await rows()).toBe(open - 6);
  await panel.keyboard.press('+');
  await panel.waitForSelector('.rows [aria-selected="true"][aria-expanded="true"]');
  expect(await rows()).toBe(open);

  await panel.keyboard.press('Escape');
  await chosen(panel, 'L3[3]');
  await panel.keyboard.press('Escape');
  expect((await posted(panel)).at(-1)).toEqual({ type: 'leave' });
});

test('the filter leaves the entries that match and the tables above them', async () => {
  const panel = await opened({ moment: 'assigned' });
  await panel.keyboard.press('/');
  await panel.keyboard.type('destroyed');
  await panel.waitForFunction(() => document.querySelectorAll('.rows .row').length === 4);
  expect(await panel.locator('.rows .entry').allInnerTexts()).toEqual(['▾\nL1[2]', '▾\nL2[0]', 'L3[2]']);
  await panel.keyboard.press('Escape');
  await panel.waitForFunction(() => document.querySelectorAll('.rows .row').length > 4);
});

test('a step keeps the chosen entry, and another realm shows its own tables', async () => {
  const panel = await opened({ moment: 'assigned' });
  await panel.getByRole('button', { name: /^L1\[514\]/ }).click();
  await heading(panel, 'IPA 0x80_8000_0000');
  await panel.keyboard.press('ArrowLeft');
  await panel.waitForSelector('.call:has-text("RMI_REALM_CREATE(OTHER")');
  await heading(panel, 'IPA 0x80_8000_0000');
  await panel.getByRole('button', { name: 'follow the step' }).click();
  await panel.waitForSelector('.chooser');
  await panel.locator('.chooser').selectOption({ label: 'OTHER 0x8801_0000, NEW' });
  await panel.getByText('32-bit IPA, start level 2, four start tables').waitFor();
  expect(await panel.locator('.no-table').innerText()).toBe('no table below L2[0] UNASSIGNED EMPTY');
});

test('tables of 512 runs stay below 1,500 elements, wherever the list is scrolled to', async () => {
  page = await open({ moment: 'large', height: 1400 });
  const panel = page;
  await panel.waitForSelector('.rows .row:not(.coming)');
  const count = () => panel.evaluate(() => document.querySelectorAll('*').length);
  const counts = [await count()];
  const grid = panel.getByRole('treegrid');
  expect(Number(await grid.getAttribute('aria-rowcount'))).toBeGreaterThan(1000);
  await panel.keyboard.press('End');
  await chosen(panel, 'L1[512 .. 1024]');
  counts.push(await count());
  await panel.keyboard.press('ArrowUp');
  await panel.keyboard.press('ArrowUp');
  await panel.keyboard.press('ArrowUp');
  await panel.keyboard.press('ArrowUp');
  await chosen(panel, 'L2[510]');
  counts.push(await count());
  expect(Math.max(...counts)).toBeLessThan(1500);
});

test('nothing breaks the security policy, and in a narrow panel every target is 22 pixels or more', async () => {
  const panel = await opened({ moment: 'assigned', width: 400 });
  const small = () =>
    panel.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, select, .rows .row, input, [role="slider"]')]
        .filter((target) => Math.min(target.offsetWidth, target.offsetHeight) < 22)
        .map((target) => target.outerHTML),
    );
  const over = () =>
    panel.evaluate(() =>
      [...document.querySelectorAll('main, .panel')].map((box) => box.scrollWidth - box.clientWidth),
    );
  for (const width of [400, 320]) {
    await panel.setViewportSize({ width, height: 900 });
    await panel.waitForFunction((narrow) => (document.querySelector('.runs.narrow') !== null) === narrow, width < 380);
    expect([width, await small(), await over()]).toEqual([width, [], [0, 0]]);
  }
  await panel.keyboard.press('?');
  await panel.waitForSelector('dialog[open]');
  expect(await panel.evaluate(() => [window.violations, document.querySelectorAll('style, [onclick]').length])).toEqual(
    [[], 0],
  );
});

test('before there is a realm the panel says so', async () => {
  page = await open({ moment: 'start' });
  await page.getByText('There is no realm at this step').waitFor();
});

test('a page of a file that is chosen in another panel leads to its entry, or to where that would be', async () => {
  const panel = await opened({ moment: 'populated' });
  // Until one is chosen it is the page that the step is about, as in the other panels.
  await panel.evaluate((offset) => window.focusOn({ kind: 'gmem', object: 'gm', at: offset }), 8192);
  await heading(panel, 'IPA 0x8000_2000');
  const choose = (at: number) =>
    panel.evaluate((offset) => {
      window.postMessage({ type: 'selected', page: { kind: 'gmem', object: 'gm', at: offset } });
    }, at);
  await choose(4096);
  await heading(panel, 'IPA 0x8000_1000');
  await heading(panel, 'where the selected page would be: nothing maps it there');
  await chosen(panel, 'L3[1 .. 16]');
  await choose(0);
  await heading(panel, 'IPA 0x8000_0000');
  await heading(panel, 'of the selected page');
  await chosen(panel, 'L3[0]');
  // The keys, and the editor's menu on a row, are about the entry.
  await posted(panel);
  for (const key of ['w', 'g', 'e']) await panel.keyboard.press(key);
  const page = { kind: 'entry', object: '0x9000_2000', at: 0x8000_0000, level: 3 };
  expect(await posted(panel)).toEqual(['watch', 'writer', 'expectation'].map((type) => ({ type, page })));
  const context = await panel.locator('.rows [aria-selected="true"]').getAttribute('data-vscode-context');
  expect(JSON.parse(context ?? '')).toMatchObject({ cocoscnPage: true, page });
});
