// Three groups of tests: `unit` needs Node alone, `panels` a browser, `workbench` a browser with the real editor in it.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/editor/**', 'test/webview/**'],
          setupFiles: ['test/seed.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'panels', include: ['test/webview/**/*.test.ts'], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: 'workbench',
          include: ['test/editor/workbench/*.test.ts'],
          // Each file starts a server and a browser of its own, which takes seconds and both cores.
          fileParallelism: false,
          // On a busy machine the screen may take this long to show what a test polls for.
          expect: { poll: { timeout: 20_000, interval: 100 } },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
