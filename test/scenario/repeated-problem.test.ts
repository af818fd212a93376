// A sequence unfolds at every call; what is wrong in it is wrong once.
import { expect, test } from 'vitest';
import { analyse, problemsOf } from '../../server/src/features/analysis.ts';

const found = (text: string) =>
  problemsOf(analyse('a.cocoscn', text, () => ({ problem: 'nothing is included here' }))).map(
    ({ file, span, code }) => `${file.line(span.start)} ${code}`,
  );

test('a mistake in a sequence that is called twice is told once', () => {
  expect(found('def give(a) {\n  let B = nope\n}\ngive(1)\ngive(2)\n')).toEqual(['2 CCS201']);
});

test('the same mistake in two places is told twice', () => {
  expect(found('let A = nope\nlet B = nope\n')).toEqual(['1 CCS201', '2 CCS201']);
});
