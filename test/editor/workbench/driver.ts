// Drives the real workbench as a person does: keys and clicks in, what the screen shows out.

import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { launchBrowser } from '../../../scripts/editor/browser.ts';
import { fetchEditor } from '../../../scripts/editor/fetch.ts';
import { remoteAddress, startServer, workbenchAddress, writeSettings } from '../../../scripts/editor/server.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const screenshots = path.join(root, 'out', 'screenshots');

/** How long the screen may take to show what a test waits for, in ms. */
const PATIENCE = 20_000;

const THEMES = {
  dark: { name: 'Dark Modern', css: 'vs-dark' },
  light: { name: 'Light Modern', css: 'vs' },
  'high-contrast': { name: 'Default High Contrast', css: 'hc-black' },
  'high-contrast-light': { name: 'Default High Contrast Light', css: 'hc-light' },
} as const;
export type Theme = keyof typeof THEMES;

export interface WorkbenchOptions {
  /** Files of the opened folder, by name. Without them it is a copy of samples/. */
  readonly files?: Readonly<Record<string, string>>;
  /** A packaged extension to install; without it the checkout runs as an extension under development. */
  readonly vsix?: string;
  readonly theme?: Theme;
}

/** Opens a workbench of its own; `close` ends its browser and server and removes its folder. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'cocoscn-workbench-'));
  const folder = path.join(home, 'scenarios');
  fillFolder(folder, options.files);
  const dataFolder = path.join(home, 'data');
  const extensionsFolder = path.join(home, 'extensions');
  writeSettings(dataFolder, options.theme === undefined ? {} : { 'workbench.colorTheme': THEMES[options.theme].name });
  if (options.vsix !== undefined) await installPackage(options.vsix, dataFolder, extensionsFolder);
  const server = await startServer({ dataFolder, extensionsFolder, connectionToken: false, testDriver: true });
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.setDefaultTimeout(PATIENCE);
  const payload =
    options.vsix === undefined ? [['extensionDevelopmentPath', remoteAddress(server, root)] as const] : [];
  await page.goto(workbenchAddress(server, folder, payload));
  await page.locator('.monaco-workbench .part.editor').waitFor();
  const close = async (): Promise<void> => {
    await browser.close();
    await server.stop();
    fs.rmSync(home, { recursive: true, force: true });
  };
  return new Workbench(page, folder, close);
}

function fillFolder(folder: string, files: WorkbenchOptions['files']): void {
  if (files === undefined) {
    fs.cpSync(path.join(root, 'samples'), folder, { recursive: true });
    return;
  }
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
}

async function installPackage(vsix: string, dataFolder: string, extensionsFolder: string): Promise<void> {
  await promisify(execFile)(process.execPath, [
    path.join(await fetchEditor(), 'out/server-main.js'),
    ...['--install-extension', vsix, '--extensions-dir', extensionsFolder],
    ...['--server-data-dir', dataFolder, '--user-data-dir', dataFolder, '--accept-server-license-terms'],
  ]);
}

export class Workbench {
  readonly page: Page;
  /** The opened folder on disk. */
  readonly folder: string;
  readonly close: () => Promise<void>;

  constructor(page: Page, folder: string, close: () => Promise<void>) {
    this.page = page;
    this.folder = folder;
    this.close = close;
  }

  // Files and text

  /** Opens a file of the folder through quick open and waits until its first lines are drawn. */
  async openFile(name: string): Promise<void> {
    const box = this.page.locator('.quick-input-widget input');
    await this.page.keyboard.press('Control+P');
    await box.fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator(`.tab.active[data-resource-name="${path.basename(name)}"]`).waitFor();
    await this.page.locator('.editor-instance .view-line').first().waitFor();
  }

  /** Runs a command by the title that the command palette shows. */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.page.locator('.quick-input-widget input').fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Puts the cursor of the open file there and gives it the focus; both count from 1. */
  async goTo(line: number, column = 1): Promise<void> {
    // A click and not a key: with the focus in a panel's frame keys reach the workbench a moment late.
    await this.page
      .locator('.editor-instance .view-lines')
      .first()
      .click({ position: { x: 2, y: 2 } });
    await this.page.keyboard.press('Control+G');
    await this.page.locator('.quick-input-widget input').fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Types as a keyboard does, key by key: brackets close themselves and completion may open. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: 10 });
  }

  press(key: string): Promise<void> {
    return this.page.keyboard.press(key);
  }

  /** What the disk has of a file; the editor saves by itself a moment after the last key, Ctrl+S at once. */
  onDisk(name: string): string {
    return fs.readFileSync(path.join(this.folder, name), 'utf8');
  }

  /** The lines that are drawn, from the top; the editor draws no others. */
  async visibleLines(): Promise<string[]> {
    const lines = await this.page.locator('.editor-instance .view-line').evaluateAll((elements) =>
      elements
        .map((element) => ({ top: element.getBoundingClientRect().top, text: element.textContent ?? '' }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text.replaceAll('\u00a0', ' ')),
    );
    return lines;
  }

  /** The pieces of a drawn line (counted from 1 at the top of the view) with the colour each has on the screen. */
  async colours(line: number): Promise<{ text: string; colour: string }[]> {
    return this.page.locator('.editor-instance .view-line').evaluateAll((elements, index) => {
      const sorted = elements.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
      const pieces = sorted[index]?.querySelectorAll('span > span') ?? [];
      return [...pieces].map((piece) => ({
        text: (piece.textContent ?? '').replaceAll('\u00a0', ' '),
        colour: getComputedStyle(piece).color,
      }));
    }, line - 1);
  }

  /** The language that the status bar names. */
  async language(): Promise<string> {
    return (await this.page.locator('[id="status.editor.mode"]').allInnerTexts()).join('').trim();
  }

  // What the language server says

  squiggles(): Locator {
    return this.page.locator('.editor-instance .squiggly-error');
  }

  /** The rows of the problems view, as their labels read. */
  async problems(): Promise<string[]> {
    if (!(await this.page.locator('.markers-panel').isVisible())) await this.page.keyboard.press('Control+Shift+M');
    await this.page.locator('.markers-panel').waitFor();
    return this.#labels('.markers-panel .monaco-list-row');
  }

  /** The hover at the cursor. */
  async hoverText(): Promise<string> {
    await this.runCommand('Show or Focus Hover');
    const hover = this.page.locator('.monaco-hover:not(.hidden) .monaco-hover-content').first();
    await hover.waitFor();
    return (await hover.allInnerTexts()).join('\n');
  }

  /** What completion offers at the cursor; the list stays open. */
  async completions(): Promise<string[]> {
    await this.page.keyboard.press('Control+Space');
    await this.page.locator('.suggest-widget.visible .monaco-list-row').first().waitFor();
    return this.#labels('.suggest-widget .monaco-list-row');
  }

  // Debugging

  /** Starts the debugger as F5 does and waits until it has stopped somewhere. */
  async startDebugging(): Promise<void> {
    await this.page.keyboard.press('F5');
    await this.page.locator('.debug-toolbar').waitFor();
    await this.showDebugView();
  }

  async showDebugView(): Promise<void> {
    if (await this.page.locator('.debug-call-stack').isVisible()) return;
    await this.page.keyboard.press('Control+Shift+D');
    await this.page.locator('.debug-call-stack').waitFor();
  }

  /** A click left of the line number (counted from 1, must be drawn) sets a breakpoint or removes it. */
  async toggleBreakpoint(line: number): Promise<void> {
    const number = this.page.locator('.editor-instance .line-numbers', { hasText: new RegExp(`^${line}$`) }).first();
    const box = await number.boundingBox();
    if (box === null) throw new Error(`line ${line} is not drawn`);
    await this.page.mouse.click(box.x - 8, box.y + box.height / 2);
  }

  /** Presses a button of the debugger's toolbar, such as Step Back or Reverse. */
  async debugButton(name: string): Promise<void> {
    await this.page.locator(`.debug-toolbar .action-label[aria-label^="${name}"]`).click();
  }

  callStack(): Promise<string[]> {
    return this.#labels('.debug-call-stack .monaco-list-row');
  }

  variables(): Promise<string[]> {
    return this.#labels('.debug-variables .monaco-list-row');
  }

  /** The drawn line on which the debugger stands, as its text; undefined when none is marked. */
  async currentLine(): Promise<string | undefined> {
    const marker = await this.page.locator('.editor-instance .debug-top-stack-frame-line').first().boundingBox();
    if (marker === null) return undefined;
    const middle = marker.y + marker.height / 2;
    return this.page.locator('.editor-instance .view-line').evaluateAll((elements, y) => {
      const hit = elements.find((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top <= y && y < bottom;
      });
      return hit?.textContent?.replaceAll('\u00a0', ' ');
    }, middle);
  }

  // Panels and looks

  /** The document inside the visible webview panel. */
  panel(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  }

  /** Chooses the colour theme from the editor's own list, and waits until it is drawn. */
  async setTheme(theme: Theme): Promise<void> {
    const { name, css } = THEMES[theme];
    await this.page.keyboard.press('Control+K');
    await this.page.keyboard.press('Control+T');
    await this.page.locator('.quick-input-widget input').fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await this.page.locator(`.monaco-workbench.${css}`).waitFor();
  }

  /** Saves what the screen shows as out/screenshots/NAME.png. */
  async screenshot(name: string): Promise<void> {
    fs.mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: path.join(screenshots, `${name}.png`) });
  }

  async #labels(selector: string): Promise<string[]> {
    return this.page
      .locator(selector)
      .evaluateAll((rows) =>
        rows.map(
          (row) =>
            row.getAttribute('aria-label') ??
            row.querySelector('[aria-label]')?.getAttribute('aria-label') ??
            row.textContent ??
            '',
        ),
      );
  }
}
