// What the server runs while nobody waits.
import { expect, test } from 'vitest';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { WARM_UP } from '../../server/src/lsp/warm-up.ts';

test('what the server warms up with holds, so that it runs what scenarios run', () => {
  const analysis = analyse('', WARM_UP, () => ({ problem: 'nothing is included here' }));
  finish(analysis);
  expect(problemsOf(analysis)).toEqual([]);
  expect(analysis.run.step).toBeGreaterThan(100);
});
