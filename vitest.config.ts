// Two groups of tests: `unit` runs below the editor, `workbench` drives the real editor in a browser.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/editor/**'] },
      },
      {
        extends: true,
        test: {
          name: 'workbench',
          include: ['test/editor/workbench/*.test.ts'],
          // Each file starts a server and a browser of its own, which takes seconds and both cores.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
