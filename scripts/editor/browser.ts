// Starts the Chromium that shows the embedded editor in tests.

import * as fs from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser's path, from $CHROMIUM or where distributions put it; undefined when there is none. */
export function chromiumPath(): string | undefined {
  const named = process.env.CHROMIUM;
  return named === undefined ? CANDIDATES.find((file) => fs.existsSync(file)) : named;
}

export const CHROMIUM_MISSING =
  'The editor tests need Chromium and found none. Install it with `apt-get install chromium`, or name one in $CHROMIUM.';

/** @throws Error that names the package to install when no Chromium is there */
export function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error(CHROMIUM_MISSING);
  return chromium.launch({
    executablePath,
    // Chromium's own sandbox does not work for root in a container, and the only page it opens is ours.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
