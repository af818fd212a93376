// Every recorded sequence as a scenario that holds, where the recordings stand beside the checkout.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { scenarioOf, sequencesOf } from '../../server/src/import/index.ts';
import { problemsIn } from './scenario.ts';

const recorded = path.resolve(import.meta.dirname, '../../../shared/conformance/rmm');

test('every recorded sequence, imported, holds (only where the recordings stand beside the checkout)', {
  timeout: 600_000,
}, (context) => {
  if (!fs.existsSync(recorded)) {
    context.skip(`the recorded traces are not beside this checkout: ${recorded}`);
    return;
  }
  const failed: string[] = [];
  let count = 0;
  for (const file of fs.readdirSync(recorded).filter((name) => name.endsWith('.jsonl.gz'))) {
    for (const sequence of sequencesOf(gunzipSync(fs.readFileSync(path.join(recorded, file))).toString())) {
      count++;
      const [problem] = problemsIn(scenarioOf(sequence, file), sequence.id);
      if (problem !== undefined) failed.push(problem);
    }
  }
  expect(failed.slice(0, 5)).toEqual([]);
  expect(count).toBeGreaterThan(0);
});
