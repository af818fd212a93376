// Generated files are those that the definitions make now; `npm run generate` writes them anew.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedFiles, pathOf } from '../../scripts/generate.ts';

test.each([...generatedFiles()])('%s is up to date', (file, content) => {
  expect(readFileSync(pathOf(file), 'utf8') === content, `${file} is out of date: run scripts/generate.ts`).toBe(true);
});
