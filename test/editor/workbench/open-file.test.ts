// A scenario opens in the real editor, with its language and its colours. Takes about 5 s: a server and a browser start.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from './driver.ts';

const SCENARIO = `scenario "one granule"
model "rmm/1.0"
platform cca
// given away
RMI_GRANULE_DELEGATE(0x8800_0000)
`;

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ files: { 'one.cocoscn': SCENARIO } });
});
afterAll(async () => workbench?.close());

test('a .cocoscn file opens as CoCo Scenarios', async () => {
  await workbench.openFile('one.cocoscn');
  await expect.poll(() => workbench.language()).toBe('CoCo Scenarios');
  expect((await workbench.visibleLines()).join('\n').trim()).toBe(SCENARIO.trim());
});

test('keyword, string, comment, operation and number differ in colour', async () => {
  const colourOf = async (line: number, text: string): Promise<string> => {
    const piece = (await workbench.colours(line)).find((part) => part.text.includes(text));
    return piece?.colour ?? `no piece with ${text}`;
  };
  const colours = async (): Promise<string[]> => [
    await colourOf(1, 'scenario'),
    await colourOf(1, 'one granule'),
    await colourOf(4, 'given away'),
    await colourOf(5, 'RMI_GRANULE_DELEGATE'),
    await colourOf(5, '0x8800_0000'),
  ];
  await expect.poll(async () => new Set(await colours()).size).toBe(5);
});

test('every colour theme is drawn', async () => {
  for (const theme of ['light', 'high-contrast', 'dark'] as const) {
    await workbench.setTheme(theme);
    await workbench.screenshot(`open-file.${theme}`);
    expect(await workbench.visibleLines()).toContain('platform cca');
  }
});
