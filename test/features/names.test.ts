// Names: where they are made, where they stand, what renaming them changes.
import { describe, expect, test } from 'vitest';
import { definition, references } from '../../server/src/features/definition.ts';
import { renamable, rename } from '../../server/src/features/rename.ts';
import { subjectAt } from './markers.ts';

const SCENARIO = `include "lib.cocoscn"
let RD = 0x8800_0000
def give(page) {
  RMI_GRANULE_DELEGATE(page)
  expect granule(page) is DELEGATED
}
give(RD)
give(BASE)
v := RMI_VERSION(0x10000)
expect v.lower == 0x10000
`;
const FILES = { 'lib.cocoscn': 'let BASE = 0x8900_0000\n' };

/** Puts the cursor before the nth occurrence of a word. */
function at(word: string, nth: number) {
  let offset = -1;
  for (let i = 0; i < nth; i++) offset = SCENARIO.indexOf(word, offset + 1);
  return subjectAt(`${SCENARIO.slice(0, offset)}$0${SCENARIO.slice(offset)}`, FILES);
}

const placed = (found: readonly { file: { path: string; line(at: number): number }; span: { start: number } }[]) =>
  found.map(({ file, span }) => `${file.path}:${file.line(span.start)}`);

describe('names', () => {
  test.each([
    ['RD', 2, ['a.cocoscn:2']],
    ['page', 2, ['a.cocoscn:3']],
    ['give', 2, ['a.cocoscn:3']],
    ['BASE', 1, ['lib.cocoscn:1']],
    ['v.lower', 1, ['a.cocoscn:9']],
    ['lib.cocoscn', 1, ['lib.cocoscn:1']],
  ])('the definition of %s', (word, nth, wanted) => {
    const { subject, offset } = at(word, nth);
    const found = definition(subject, offset);
    expect(placed(found ? [found] : [])).toEqual(wanted);
  });

  test.each([
    ['page', ['a.cocoscn:3', 'a.cocoscn:4', 'a.cocoscn:5']],
    ['give', ['a.cocoscn:3', 'a.cocoscn:7', 'a.cocoscn:8']],
    ['BASE', ['lib.cocoscn:1', 'a.cocoscn:8']],
    ['v :=', ['a.cocoscn:9', 'a.cocoscn:10']],
  ])('every place of %s, once', (word, wanted) => {
    const { subject, offset } = at(word, 1);
    expect(placed(references(subject, offset))).toEqual(wanted);
  });

  test('renaming changes the name alone in a field of outputs', () => {
    const { subject, offset } = at('v.lower', 1);
    const places = rename(subject, offset, 'version');
    const texts = 'problem' in places ? places : places.map(({ file, span }) => file.slice(span));
    expect(texts).toEqual(['v', 'v']);
  });

  test.each([
    ['2x', 'not a name'],
    ['RMI_VERSION', 'is an operation'],
    ['granule', 'is a view'],
    ['expect', 'is a word of the language'],
    ['BASE', 'is taken: line 1 of lib.cocoscn'],
  ])('%s is refused as a new name', (name, wanted) => {
    const { subject, offset } = at('RD', 2);
    const answer = rename(subject, offset, name);
    expect('problem' in answer ? answer.problem : '').toContain(wanted);
  });

  test('an operation cannot be renamed', () => {
    const { subject, offset } = at('RMI_VERSION', 1);
    expect(renamable(subject, offset)).toBeUndefined();
  });
});
