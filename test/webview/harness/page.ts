// Opens a panel in a real browser, in the very page the extension makes for it, served from memory.
import * as path from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { panelHtml } from '../../../client/src/panels/panel-html.ts';

const ORIGIN = 'http://panel.test';
const root = path.resolve(import.meta.dirname, '../../..');

export interface Look {
  readonly moment: string;
  readonly theme?: 'dark' | 'light' | 'high-contrast';
  readonly width?: number;
  readonly height?: number;
}

/** The panels, and which stand-in for the editor is around each. */
const EDITORS = {
  'page-states': 'editor.ts',
  'translation-tables': 'tables-editor.ts',
  timeline: 'time-editor.ts',
  'page-history': 'time-editor.ts',
} as const;
export type PanelName = keyof typeof EDITORS;

export type OpenPanel = (look: Look) => Promise<Page>;

/** Bundles the panel and the stand-in for the editor; returns how to open a page with them. */
export async function panelPages(browser: Browser, panel: PanelName = 'page-states'): Promise<OpenPanel> {
  const { outputFiles } = await build({
    entryPoints: {
      panel: path.join(root, `client/webview/${panel}/main.tsx`),
      editor: path.join(import.meta.dirname, EDITORS[panel]),
      themes: path.join(import.meta.dirname, 'themes.css'),
    },
    outdir: path.join(root, 'out/harness'),
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
  const files = new Map(outputFiles.map(({ path: file, text }) => [`/${path.basename(file)}`, text]));
  files.set('/', wrapped());
  return async ({ moment, theme = 'dark', width = 700, height = 900 }) => {
    const page = await browser.newPage({ viewport: { width, height } });
    await page.route(`${ORIGIN}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      const body = files.get(pathname);
      const contentType = pathname === '/' ? 'text/html' : pathname.endsWith('.css') ? 'text/css' : 'text/javascript';
      return body === undefined ? route.fulfill({ status: 404 }) : route.fulfill({ body, contentType });
    });
    await page.goto(`${ORIGIN}/?moment=${moment}&theme=${theme}`);
    return page;
  };
}

/** The extension's page, with the editor's part put in where the editor puts it. */
function wrapped(): string {
  const html = panelHtml({
    script: '/panel.js',
    style: '/panel.css',
    source: ORIGIN,
    nonce: 'n0nce',
    title: 'Panel',
  });
  const editor = '<link rel="stylesheet" href="/themes.css"><script nonce="n0nce" src="/editor.js"></script>';
  return html.replace('<link rel="stylesheet"', `${editor}\n<link rel="stylesheet"`);
}
