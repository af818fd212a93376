// What is wrong with a scenario, and where: problems.txt holds cases with a marker under every problem. UPDATE=1 rewrites it.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { cases, unmarked } from '../grammar/marked.ts';
import { withMarkers } from '../markers.ts';

const file = path.join(import.meta.dirname, 'problems.txt');
const PATH = 'case.cocoscn';

function marked(text: string): string {
  const analysis = analyse(PATH, text, () => ({ problem: 'nothing is included here' }));
  finish(analysis);
  return withMarkers(PATH, text, problemsOf(analysis));
}

if (process.env.UPDATE === '1') {
  const written = cases(fs.readFileSync(file, 'utf8')).map(
    ([title, text]) => `=== ${title}\n${marked(unmarked(text))}`,
  );
  fs.writeFileSync(file, written.join(''));
}

describe('problems.txt', () => {
  test.each(cases(fs.readFileSync(file, 'utf8')))('%s', (_title, text) => {
    expect(marked(unmarked(text))).toBe(text);
  });
});
