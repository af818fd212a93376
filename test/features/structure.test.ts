// The outline, what folds, what is a link, and what mends a problem.
import { describe, expect, test } from 'vitest';
import { codeActions } from '../../server/src/features/code-actions.ts';
import { folds } from '../../server/src/features/folding.ts';
import { links } from '../../server/src/features/links.ts';
import { type DocumentSymbol, symbols } from '../../server/src/features/symbols.ts';
import { subjectAt } from './markers.ts';

const SCENARIO = `// one
// two
scenario "outline"
include "lib/a.cocoscn"
let RD = 0x8800_0000
def give(page) {
  RMI_GRANULE_DELEGATE(page)
}
for x in RD +: 8K step 4K {
  give(x)
}
expect granule(RD) is DELEGATED
$0`;

const outline = (list: readonly DocumentSymbol[], indent = ''): string[] =>
  list.flatMap(({ name, detail, children }) => [
    `${indent}${name}${detail && ` ${detail}`}`,
    ...outline(children, `${indent}  `),
  ]);

describe('the structure of a scenario', () => {
  const { subject, text } = subjectAt(SCENARIO, { 'lib/a.cocoscn': '' });

  test('outline', () => {
    expect(outline(symbols(subject.tree, text))).toEqual([
      'outline',
      '  lib/a.cocoscn',
      '  RD 0x8800_0000',
      '  give (page)',
      '    RMI_GRANULE_DELEGATE (page)',
      '  for x RD +: 8K',
      '    give (x)',
      '  expect granule(RD) is DELEGATED',
    ]);
  });

  test('every symbol holds its name, as the protocol demands', () => {
    const inside = (list: readonly DocumentSymbol[]): boolean =>
      list.every(
        ({ span, nameSpan, children }) => span.start <= nameSpan.start && nameSpan.end <= span.end && inside(children),
      );
    expect(inside(symbols(subject.tree, text))).toBe(true);
  });

  test('folds', () => {
    const lines = folds(subject.tree, text).map(
      ({ start, end, kind }) => `${subject.file.line(start)}-${subject.file.line(end)} ${kind}`,
    );
    expect(lines).toEqual(['1-2 comment', '6-8 region', '9-11 region']);
  });

  test('links', () => {
    const found = links(subject.tree, subject.file).map(({ span, target }) => [
      text.slice(span.start, span.end),
      target,
    ]);
    expect(found).toEqual([['lib/a.cocoscn', 'lib/a.cocoscn']]);
  });
});

/** The text after the only fix with that title at the cursor. */
function mended(marked: string, title: string): string {
  const { subject, text, offset } = subjectAt(marked);
  const actions = codeActions(subject, { start: offset, end: offset });
  const action = actions.find((one) => one.title === title);
  if (!action) return `offered: ${actions.map((one) => one.title).join(', ')}`;
  return action.edits.reduce(
    (done, { span, text: put }) => done.slice(0, span.start) + put + done.slice(span.end),
    text,
  );
}

describe('fixes', () => {
  test.each([
    ['RMI_GRANULE_$0DELEGAT(1M)', 'Replace by RMI_GRANULE_DELEGATE', 'RMI_GRANULE_DELEGATE(1M)'],
    [
      'RMI_GRANULE_UNDELEGATE(0x8800$0_0000)',
      'Expect this result: RMI_ERROR_INPUT',
      'RMI_GRANULE_UNDELEGATE(0x8800_0000) = RMI_ERROR_INPUT',
    ],
    ['RMI_GRANULE_$0DELEGATE(0x8800_0000) = RMI_ERROR_RTT(1) // why', 'Expect this result: RMI_SUCCESS', undefined],
    [
      'RMI_GRANULE_$0DELEGATE(0x8800_0000) = RMI_ERROR_INPUT // why',
      'Expect this result: RMI_SUCCESS',
      'RMI_GRANULE_DELEGATE(0x8800_0000) = RMI_SUCCESS // why',
    ],
    [
      'expect granule(0x8800$0_0000) is DATA // why',
      'Expect UNDELEGATED',
      'expect granule(0x8800_0000) is UNDELEGATED // why',
    ],
    [
      'v := RMI_VERSION(0x10000) = RMI_SUCCESS {lower: 0x2$00000}',
      'Expect 0x1_0000',
      'v := RMI_VERSION(0x10000) = RMI_SUCCESS {lower: 0x1_0000}',
    ],
  ])('%s', (marked, title, wanted) => {
    if (wanted !== undefined) expect(mended(marked, title)).toBe(wanted);
    else expect(mended(marked, title)).toMatch(/^offered: /);
  });

  test('a statement that returns several things is left alone', () => {
    const text =
      'RMI_GRANULE_DELEGATE(0x8800_0000)\nfor x in 0x8800_0000 +: 8K step 4K {\n  RMI_GRANULE_$0DELEGATE(x) = RMI_ERROR_INPUT\n}\n';
    expect(mended(text, 'Expect this result: RMI_SUCCESS')).toBe('offered: ');
  });
});
