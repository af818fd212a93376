// Behind an edit only those statements are executed that look at what the edit changed.
import { expect, test } from 'vitest';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { problemText } from '../../server/src/report/text.ts';

const resolver = () => ({ problem: 'nothing is included here' });

const PAGES = 6;
const page = (n: number) => `0x${(0x8000_0000 + n * 4096).toString(16)}`;

/** Each page is delegated, looked at and given back; the last statement looks at the first page again. */
const text = (givenBack: string) =>
  [
    'scenario "pages"',
    'model "rmm/1.0"',
    ...Array.from({ length: PAGES }, (_, n) => [
      `RMI_GRANULE_DELEGATE(${page(n)})`,
      `expect granule(${page(n)}) is DELEGATED`,
      `RMI_GRANULE_UNDELEGATE(${n === 0 ? givenBack : page(n)})`,
    ]).flat(),
    `RMI_GRANULE_DELEGATE(${page(0)})`,
    'RMI_VERSION(0x1_0000)',
    '',
  ].join('\n');

function edited(from: string, to: string) {
  const before = analyse('a.cocoscn', from, resolver);
  finish(before);
  const after = analyse('a.cocoscn', to, resolver, before);
  finish(after);
  const { run } = after;
  return { moments: run.reached, takenOver: run.takenOver, problems: problemsOf(after).map((one) => problemText(one)) };
}

const fresh = (of: string) => {
  const analysis = analyse('a.cocoscn', of, resolver);
  finish(analysis);
  return problemsOf(analysis).map((one) => problemText(one));
};

test('a page that stays delegated is looked at once more, at the end', () => {
  const wrong = text('0x8100_0000');
  const { moments, takenOver, problems } = edited(text(page(0)), wrong);
  // The edited call, which fails, and the last call of the same page are executed, besides what stands before the edit.
  expect(moments - takenOver).toBe(4);
  expect(problems).toEqual(fresh(wrong));
  expect(problems).toHaveLength(2);
});

test('taken back, what failed is executed again', () => {
  const right = text(page(0));
  const { moments, takenOver, problems } = edited(text('0x8100_0000'), right);
  expect(moments - takenOver).toBe(4);
  expect(problems).toEqual([]);
});

test('a difference that every statement looks at leaves nothing to take over', () => {
  const looped = (step: string) =>
    `scenario "loop"\nmodel "rmm/1.0"\nlet A = 0x8000_0000\nRMI_GRANULE_DELEGATE(A)\nRMI_GRANULE_UNDELEGATE(${step})\nfor i in 0 .. 3 {\n  RMI_GRANULE_UNDELEGATE(A) = *\n  RMI_GRANULE_DELEGATE(A) = *\n}\n`;
  const { takenOver, problems } = edited(looped('A'), looped('A + 4K'));
  expect(takenOver).toBeLessThan(7);
  expect(problems).toEqual(fresh(looped('A + 4K')));
});
