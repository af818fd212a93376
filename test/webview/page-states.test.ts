// The Page states panel in a real browser, on the page the extension makes for it. Takes about ten seconds, a page for each test: focus,
// scrolling and the security policy, which the panel promises, exist nowhere else.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../../scripts/editor/browser.ts';
import type { PanelRequest } from '../../server/src/features/panel-model.ts';
import { changed, many, refused } from './fixtures.ts';
import { type OpenPanel, panelPages } from './harness/page.ts';

let browser: Browser;
let open: OpenPanel;
let page: Page | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
  open = await panelPages(browser);
}, 30_000);
afterEach(() => page?.close());
afterAll(() => browser?.close());

async function opened(...look: Parameters<OpenPanel>): Promise<Page> {
  page = await open(...look);
  await page.waitForSelector('main');
  return page;
}

/** What the panel posted since the last call, without the questions that every stop asks and the pages it chose. */
async function posted(of: Page): Promise<readonly PanelRequest[]> {
  const all = (await of.evaluate(() => window.posted.splice(0))) as PanelRequest[];
  return all.filter(({ type }) => !['ready', 'runs', 'places', 'touches', 'select'].includes(type));
}

function selected(of: Page): Promise<string | null> {
  return of.locator('.cell[aria-selected="true"]').getAttribute('aria-label');
}

test('a refused step says that nothing changed, and what it left as it was', async () => {
  const panel = await opened({ moment: 'refused' });
  expect(await panel.locator('.changes').innerText()).toMatch(
    /^Nothing changed\. The command was refused before it wrote\.\s+granule\s+DST \+ 16K\s+stays\s+DELEGATED\s+since step 49$/,
  );
  expect(await panel.locator('[aria-live="polite"].heard').textContent()).toBe(
    'Step 50, RMM: RMI_GRANULE_UNDELEGATE(DST + 16K) failed as expected, RMI_ERROR_INPUT; nothing changed, granule DST + 16K stays DELEGATED.',
  );
  expect(await panel.getByRole('slider').getAttribute('aria-valuetext')).toBe(
    'step 50 of 63, RMI_GRANULE_UNDELEGATE(DST + 16K), RMI_ERROR_INPUT, failed as expected',
  );
});

test('a changed cell shows before and after, a failure what was expected, came, and why', async () => {
  const panel = await opened({ moment: 'failed' });
  expect((await panel.locator('.change').first().innerText()).split(/\s*\n\s*/)).toEqual([
    'granule',
    'DST + 16K',
    'DELEGATED',
    '→',
    'UNDELEGATED',
  ]);
  const failure = panel.getByRole('alert');
  expect(await failure.locator('h1').innerText()).toBe('CCS301: RMI_GRANULE_UNDELEGATE returned RMI_SUCCESS');
  await posted(panel);
  await failure.getByText('step 48').click();
  expect(await posted(panel)).toEqual([{ type: 'goto', step: 48 }]);
});

test('the keyboard steps, moves the selection, jumps between touches, filters and copies', async () => {
  const panel = await opened({ moment: 'refused' });
  await panel.waitForSelector('.rows .row');
  await posted(panel);
  expect(await selected(panel)).toBe('DST + 16K, DELEGATED, GPT REALM, refused by this step');

  await panel.keyboard.press('ArrowDown');
  expect(await selected(panel)).toBe('DST + 20K, DELEGATED, GPT REALM');
  await panel.keyboard.press('ArrowUp');
  await panel.keyboard.press('ArrowUp');
  expect(await selected(panel)).toBe('DST + 12K, DATA, GPT REALM, RTT level 3 ASSIGNED RAM');
  expect(await panel.evaluate(() => document.activeElement?.getAttribute('aria-selected'))).toBe('true');
  await panel.waitForFunction(() => document.querySelector('.places-box h2')?.textContent?.startsWith('0x8810_3000'));

  for (const key of ['c', 'Enter', 'Control+Enter', ']']) await panel.keyboard.press(key);
  const source = { path: '/samples/04-destructive-conversion.cocoscn', line: 26 };
  expect(await posted(panel)).toEqual([
    { type: 'copy', text: 'DST + 12K, DATA, GPT REALM, RTT level 3 ASSIGNED RAM' },
    { type: 'reveal', source, focus: false },
    { type: 'reveal', source, focus: true },
    { type: 'goto', step: 58 },
  ]);

  await panel.keyboard.press('/');
  await panel.keyboard.type('leaked');
  await panel.waitForFunction(() => document.querySelectorAll('.rows .row').length === 1);
  expect(await panel.locator('.rows .row .where').innerText()).toBe('0x8860_0000');
  await panel.keyboard.press('Escape');
  await panel.waitForFunction(() => document.querySelectorAll('.rows .row').length === 9);
  const delegated = panel.getByRole('button', { name: /delegated/ });
  await delegated.click();
  await panel.waitForFunction(() => document.querySelectorAll('.rows .row').length === 2);
  expect(await delegated.getAttribute('aria-pressed')).toBe('true');
  await panel.keyboard.press('Escape');
  await panel.keyboard.press('Escape');
  expect(await posted(panel)).toEqual([{ type: 'leave' }]);
});

test('steps are asked for one at a time, the newest one wins, and the chosen page stays chosen', async () => {
  const panel = await opened({ moment: 'refused' });
  await posted(panel);
  await panel.keyboard.press('ArrowDown');
  for (const key of ['ArrowLeft', 'ArrowLeft', 'Shift+ArrowRight', 'Shift+ArrowLeft']) await panel.keyboard.press(key);
  expect(await posted(panel)).toEqual([{ type: 'stepBack' }]);

  await panel.evaluate((moment) => window.tell({ type: 'moment', moment }), changed);
  await panel.waitForFunction(() => document.querySelector('.call')?.textContent?.startsWith('RMI_DATA_DESTROY'));
  expect(await posted(panel)).toEqual([{ type: 'statementBack' }]);
  expect(await selected(panel)).toBe('DST + 20K, DELEGATED, GPT REALM');
});

test('a drag on the scrubber seeks, with one seek in flight', async () => {
  const panel = await opened({ moment: 'refused' });
  await posted(panel);
  const rail = await panel.locator('.rail').boundingBox();
  if (!rail) throw new Error('the scrubber has no rail');
  await panel.mouse.move(rail.x, rail.y);
  await panel.mouse.down();
  await panel.mouse.move(rail.x + rail.width / 2, rail.y, { steps: 8 });
  await panel.mouse.up();
  expect(await posted(panel)).toEqual([{ type: 'goto', step: 0 }]);
  await panel.evaluate((moment) => window.tell({ type: 'moment', moment }), { ...refused, revision: 70 });
  await panel.waitForFunction(() => window.posted.some(({ type }) => type === 'goto'));
  expect(await posted(panel)).toEqual([{ type: 'goto', step: 32 }]);
});

test('10,000 pages stay below 1,500 elements, wherever the table is scrolled to', async () => {
  const panel = await opened({ moment: 'huge', height: 1400 });
  await panel.waitForSelector('.rows .row');
  const rows = panel.getByRole('grid', { name: 'Runs of equal pages' });
  expect(await rows.getAttribute('aria-rowcount')).toBe('10001');
  const count = () => panel.evaluate(() => document.querySelectorAll('*').length);
  const counts = [await count()];
  await panel.evaluate(() => document.querySelector('main')?.scrollTo(0, 120_000));
  await panel.waitForSelector('[aria-rowindex="4960"]:not(.coming)');
  counts.push(await count());
  await rows.locator('[role="row"][tabindex="0"]').focus();
  await panel.keyboard.press('End');
  await panel.waitForSelector('[aria-rowindex="10001"][aria-selected="true"]');
  expect(await panel.locator('[aria-rowindex="10001"]').innerText()).toMatch(/^POOL \+ 39996K/);
  expect(await panel.evaluate(() => document.activeElement?.getAttribute('aria-rowindex'))).toBe('10001');
  counts.push(await count());
  expect(Math.max(...counts)).toBeLessThan(1500);
});

test('in a narrow panel every target is 22 pixels or more, and nothing reaches over the edge', async () => {
  const panel = await opened({ moment: 'failed', width: 400 });
  await panel.waitForSelector('.rows .row');
  const small = () =>
    panel.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, .cell, .rows .row, input, [role="slider"]')]
        .filter((target) => !target.closest('dd')) // a link within a sentence is as high as its line
        .filter((target) => Math.min(target.offsetWidth, target.offsetHeight) < 22)
        .map((target) => target.outerHTML),
    );
  const over = () =>
    panel.evaluate(() =>
      [...document.querySelectorAll('main, .panel')].map((box) => box.scrollWidth - box.clientWidth),
    );
  for (const width of [400, 320]) {
    await panel.setViewportSize({ width, height: 900 });
    expect([width, await small(), await over()]).toEqual([width, [], [0, 0]]);
  }
});

test('nothing breaks the security policy in any state, and hiding the panel loses no selection', async () => {
  const panel = await opened({ moment: 'failed' });
  const tell = (message: Parameters<typeof window.tell>[0]) => panel.evaluate((told) => window.tell(told), message);
  await panel.keyboard.press('?');
  await panel.waitForSelector('dialog[open]');
  await panel.keyboard.press('Escape');
  await panel.waitForSelector('dialog', { state: 'detached' });
  await tell({ type: 'moment', moment: { ...refused, staleLine: 18 } });
  await panel.getByText('Line 18 changed since this run.').waitFor();
  await tell({ type: 'loading', done: 1000, total: 5000 });
  await panel.getByText('step 1\u202f000 of 5\u202f000').waitFor();
  expect(await panel.locator('.strips').count()).toBe(1);
  await panel.waitForSelector('.skeleton');
  await tell({ type: 'moment', moment: refused });
  await panel.waitForSelector('.strips');
  await tell({ type: 'ended' });
  await panel.getByText('The session has ended.').waitFor();
  expect(await panel.evaluate(() => [window.violations, document.querySelectorAll('style, [onclick]').length])).toEqual(
    [[], 0],
  );

  await panel.locator('.cell[aria-label^="RTT0 + 4K"]').click();
  await panel.reload();
  await panel.waitForSelector('.cell');
  expect(await selected(panel)).toBe('RTT0 + 4K, RTT, GPT REALM');
});

test('without a session the panel says what to press and what the marks mean', async () => {
  const panel = await opened({ moment: 'none' });
  expect(await panel.locator('.empty').innerText()).toContain('Press F5 in a scenario to debug it.');
  expect(await panel.locator('.legend li').count()).toBe(9);
  await panel.getByRole('button', { name: 'Debug 01-first.cocoscn' }).click();
  expect(await posted(panel)).toEqual([{ type: 'run' }]);
});

test('a page of the kernel is chosen by its mapping, and marked in its file and its run, too', async () => {
  const panel = await opened({ moment: 'pinned' });
  await panel.getByRole('grid', { name: 'm', exact: true }).getByRole('gridcell').nth(5).click();
  await panel.waitForSelector('[aria-label="gm[20K] in all its places"]');
  const labels = await panel
    .locator('.cell[aria-selected="true"]')
    .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label')));
  expect(labels).toEqual(['gm[20K], shared', 'm[20K], mapped, shared']);
  expect(await panel.locator('.runs .row.selected .where').innerText()).toBe('gm[12K .. 64K]');
  expect(await panel.getByRole('list', { name: 'Folios of gm' }).locator('li').nth(1).innerText()).toBe(
    'gm[8K] pfn 0x9_0002 4K folio refcount 1027 (page cache 1, mapped 1, pins 1 × 1024, LRU batch 1) pins 1',
  );
});

test('cells, runs, changes and places tell the editor’s menu which page they are about', async () => {
  const panel = await opened({ moment: 'pinned' });
  const about = async (selector: string): Promise<object> => {
    const context = await panel.locator(selector).first().getAttribute('data-vscode-context');
    return (JSON.parse(context ?? '{}') as { page: object }).page;
  };
  expect([
    await about('.cell[aria-label^="gm[8K]"]'),
    await about('.cell[aria-label^="m[8K]"]'),
    await about('.runs .row.selected'),
    await about('.changes .place-name'),
    await about('.places'),
  ]).toEqual([
    { kind: 'gmem', object: 'gm', at: 8192 },
    { kind: 'mapping', object: 'm', at: 8192 },
    { kind: 'gmem', object: 'gm', at: 8192 },
    { kind: 'frame', object: 'granules', at: 0x9000_2000 },
    { kind: 'gmem', object: 'gm', at: 8192 },
  ]);
  await posted(panel);
  for (const key of ['w', 'g', 'e']) await panel.keyboard.press(key);
  const page = { kind: 'gmem', object: 'gm', at: 8192 };
  expect(await posted(panel)).toEqual(['watch', 'writer', 'expectation'].map((type) => ({ type, page })));
});

test('before a page is touched the runs say so, and a filter that leaves nothing says that', async () => {
  const panel = await opened({ moment: 'untouched' });
  await panel.getByText('No page has been touched yet.').waitFor();
  await panel.getByRole('textbox', { name: 'Filter the runs' }).fill('private');
  await panel.getByText('No page matches the filter. Esc clears it.').waitFor();
});

test('keys go to failures, show the history of the page and set a breakpoint', async () => {
  const panel = await opened({ moment: 'refused' });
  await posted(panel);
  for (const key of ['n', 'h', 'b']) await panel.keyboard.press(key);
  expect(await posted(panel)).toEqual([
    { type: 'failure', direction: 'next' },
    { type: 'showHistory' },
    { type: 'breakpoint', source: refused.step.source },
  ]);
  await panel.evaluate((moment) => window.tell({ type: 'moment', moment }), { ...refused, revision: 70 });
  await panel.keyboard.press('Shift+N');
  // The moment may come behind the key: then the key's seek has waited for it.
  await expect.poll(() => posted(panel)).toEqual([{ type: 'failure', direction: 'previous' }]);
});

test('changes behind the first few are listed when asked for, also those that did not come with the moment', async () => {
  const panel = await opened({ moment: 'changed' });
  const moment = { ...changed, changes: many(0, 200), moreChanges: 60 };
  await panel.evaluate((told) => window.tell({ type: 'moment', moment: told }), moment);
  const lines = () => panel.locator('.changes .place-name').allInnerTexts();
  const press = (name: string) => panel.locator('.changes').getByRole('button', { name }).click();
  await expect.poll(async () => (await lines()).length).toBe(12);
  await press('and 248 more');
  expect(await panel.locator('.changes .more').innerText()).toContain('1 to 48 of 260 changes');
  for (let i = 0; i < 4; i++) await press('later');
  await expect.poll(() => panel.locator('.changes .more').innerText()).toContain('193 to 240 of 260 changes');
  expect((await lines()).at(-1)).toBe('page 240');
  await press('later');
  await expect.poll(async () => (await lines()).at(-1)).toBe('page 260');
  expect(await panel.locator('.changes').getByRole('button', { name: 'later' }).count()).toBe(0);
  await press('earlier');
  await expect.poll(async () => (await lines())[0]).toBe('page 193');
  await press('fewer');
  expect((await lines()).length).toBe(12);
});
