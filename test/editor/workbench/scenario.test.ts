// The main job in the real editor: a bad line is underlined while typing, mended, and stepped in both directions beside
// the Page states panel. Takes about 15 s: a server and a browser start, and every key goes through the screen.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from './driver.ts';

const FILE = 'twice.cocoscn';
const SCENARIO = `scenario "a granule is delegated twice"
model "rmm/1.0"
platform cca

RMI_GRANULE_DELEGATE(0x8800_0000)
`;
const AGAIN = 'RMI_GRANULE_DELEGATE(0x8800_0000)';

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ files: { [FILE]: SCENARIO } });
  await workbench.openFile(FILE);
});
afterAll(async () => workbench?.close());

test('an illegal transition is underlined while typing, and the problem says why', async () => {
  await workbench.goTo(6);
  await workbench.type(AGAIN);
  await workbench.press('Escape'); // closes what completion offers
  const problems = async (): Promise<string> => (await workbench.problems()).join('\n');
  await expect.poll(problems).toContain('gran_state'); // an address half typed fails for another reason
  expect(await problems()).toContain('RMI_GRANULE_DELEGATE returned RMI_ERROR_INPUT');
  expect(await workbench.squiggles().count()).toBeGreaterThan(0);
  await workbench.screenshot('scenario.squiggle');
});

test('stating the result mends it, and saving keeps what was typed', async () => {
  await workbench.goTo(6, AGAIN.length + 1);
  await workbench.type(' = RMI_ERROR_INPUT');
  await workbench.press('Escape');
  await expect.poll(() => workbench.squiggles().count()).toBe(0);
  await workbench.press('Control+S');
  await expect.poll(() => workbench.onDisk(FILE)).toBe(`${SCENARIO}${AGAIN} = RMI_ERROR_INPUT`);
});

test('F5 stops before the first statement, without a launch.json', async () => {
  await workbench.goTo(1);
  await workbench.startDebugging();
  await expect.poll(() => workbench.currentLine()).toBe(AGAIN);
  expect((await workbench.callStack()).join('\n')).toContain(`line 5, ${FILE}`);
});

test('the panel follows a step over and a step back', async () => {
  await workbench.runCommand('CoCo Scenarios: Show Page States');
  const panel = (): Promise<string> => workbench.panel().locator('body').innerText();
  await expect.poll(panel).toContain('Nothing has run yet');

  await workbench.goTo(1);
  await workbench.press('F10');
  await expect.poll(() => workbench.currentLine()).toBe(`${AGAIN} = RMI_ERROR_INPUT`);
  await expect.poll(panel).toContain('RMI_SUCCESS');
  expect(await panel()).toMatch(/UNDELEGATED\s[\s\S]*\sDELEGATED/);
  await workbench.screenshot('scenario.stepped');

  await workbench.debugButton('Step Back');
  await expect.poll(() => workbench.currentLine()).toBe(AGAIN);
  await expect.poll(panel).toContain('Nothing has run yet');
});

test('reverse continue from a breakpoint goes back to the beginning', async () => {
  await workbench.goTo(1);
  await workbench.toggleBreakpoint(6);
  await workbench.press('F5');
  await expect.poll(() => workbench.currentLine()).toBe(`${AGAIN} = RMI_ERROR_INPUT`);
  await workbench.debugButton('Reverse');
  await expect.poll(() => workbench.currentLine()).toBe(AGAIN);
});

test('the panel says that the text was edited since the run, until it runs again', async () => {
  const panel = (): Promise<string> => workbench.panel().locator('body').innerText();
  await workbench.goTo(6, 1);
  await workbench.press('End');
  await workbench.type(' // of the host');
  await expect.poll(panel).toContain('Line 6 changed since this run.');
  await workbench.screenshot('scenario.edited');
  await workbench.press('Control+S');
  await workbench.debugButton('Restart');
  await expect.poll(panel).not.toContain('changed since this run');
  await workbench.debugButton('Stop');
  await workbench.page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
});
