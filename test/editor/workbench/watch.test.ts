// Pages that are watched, in the real editor: by a key in a panel, by the panel's context menu, and among the variables. Takes
// about 20 s: a server and a browser start, and every key goes through the screen.

import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from './driver.ts';

const FILE = 'watched.cocoscn';
const SCENARIO = `scenario "two granules"
model "rmm/1.0"
platform cca

let A = 0x8800_0000
let B = 0x8810_0000
RMI_GRANULE_DELEGATE(A)
RMI_GRANULE_DELEGATE(B)
RMI_GRANULE_UNDELEGATE(B)
RMI_GRANULE_UNDELEGATE(A)
`;

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ files: { [FILE]: SCENARIO } });
  await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await workbench.openFile(FILE);
});
afterAll(async () => workbench?.close());

const panel = (): Promise<string> => workbench.panel().locator('body').innerText();
/** Why it stopped, as the head of the call stack says. */
const stopped = (): Promise<string> => workbench.page.locator('.call-stack-state-message').innerText();

test('w in a panel watches its page, and going on stops where that changes', async () => {
  await workbench.goTo(1);
  await workbench.startDebugging();
  await expect.poll(() => workbench.currentLine()).toBe('RMI_GRANULE_DELEGATE(A)');
  await workbench.goTo(1);
  await workbench.press('F10');
  await expect.poll(() => workbench.currentLine()).toBe('RMI_GRANULE_DELEGATE(B)');
  await workbench.runCommand('CoCo Scenarios: Show Page States');
  await expect.poll(panel).toContain('RMI_GRANULE_DELEGATE(A)');
  await workbench.panel().locator('.cell.selected').first().focus();
  await workbench.press('w');
  await expect.poll(panel).toMatch(/breaks when\s+A\s+changes/);
  await workbench.goTo(1);
  await workbench.press('F5');
  await expect.poll(stopped).toContain('A: GPT REALM -> NS, granule DELEGATED -> UNDELEGATED');
  await workbench.screenshot('watch.stopped');
  await workbench.debugButton('Reverse');
  await expect.poll(() => workbench.currentLine()).toBe('RMI_GRANULE_DELEGATE(B)');
  await expect.poll(stopped).toContain('A: GPT NS -> REALM');
});

/** Opens the editor's context menu on something and chooses an entry of it with the keys; returns all its entries. */
async function choose(on: Locator, entry: string): Promise<string[]> {
  const labels = workbench.page.locator('.context-view .monaco-menu .action-label');
  await on.click({ button: 'right' });
  await labels.first().waitFor();
  const entries = (await labels.allInnerTexts()).filter((text) => text !== '');
  for (let i = 0; i <= entries.findIndex((text) => text.startsWith(entry)); i++) await workbench.press('ArrowDown');
  await workbench.press('Enter');
  await labels.first().waitFor({ state: 'hidden' });
  return entries;
}

test('the context menu of a page copies an `expect`, lets the page go and shows its history', async () => {
  const cell = workbench.panel().locator('.cell.selected').first();
  expect(await choose(cell, 'Copy as')).toEqual([
    'History of This Page',
    'Go to the Statement That Changed It Last',
    'Break When It Changes, or No Longer',
    'Copy as `expect`',
  ]);
  await expect
    .poll(() => workbench.page.locator('.statusbar').innerText())
    .toContain('Copied: expect granule(A) is DELEGATED');
  expect(await workbench.page.evaluate(() => navigator.clipboard.readText())).toBe('expect granule(A) is DELEGATED');
  await choose(cell, 'Break When');
  await expect.poll(panel).not.toContain('breaks when');
});

test('a name among the variables is watched with the editor’s own menu, and w in a panel lets it go', async () => {
  await workbench.page.locator('.debug-variables .monaco-list-row', { hasText: /^Names/ }).click();
  await choose(
    workbench.page.locator('.debug-variables .monaco-list-row', { hasText: /^B =/ }),
    'Break on Value Change',
  );
  await expect.poll(panel).toMatch(/breaks when\s+B\s+changes/);
  await workbench.screenshot('watch.variables');
  await workbench.goTo(1);
  await workbench.press('F5');
  await expect.poll(stopped).toContain('B: GPT NS -> REALM');
  await expect.poll(panel).toContain('RMI_GRANULE_DELEGATE(B)');
  await workbench.panel().locator('.cell.selected').first().focus();
  await workbench.press('w');
  await expect.poll(panel).not.toContain('breaks when');
  await workbench.debugButton('Stop');
});
