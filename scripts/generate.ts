// Writes the files that are made from definitions: `node scripts/generate.ts`. A test says when one is out of date.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { textMateGrammar } from '../grammar/src/textmate.ts';
import { OPERATIONS, VIEWS } from '../server/src/emulator/index.ts';
import { referenceFiles } from '../server/src/report/reference.ts';
import { coveragePage } from '../test/coverage/page.ts';

/** Every generated file: its path below the root, and what it must hold. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['grammar/cocoscn.tmLanguage.json', textMateGrammar({ operations: OPERATIONS.keys(), views: VIEWS.keys() })],
    ...referenceFiles(),
    ['docs/coverage.md', coveragePage()],
  ]);
}

export function pathOf(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, content] of generatedFiles()) {
    writeFileSync(pathOf(file), content);
    console.log(`wrote ${file}`);
  }
}
