// Every rule's own message, and where it stands: one damaged line costs one problem there and nowhere else.

import { expect, test } from 'vitest';
import { parse } from '../../grammar/src/index.ts';
import { expectGolden } from '../golden.ts';
import { fixture, fixturePath } from './fixtures.ts';
import { cases, marked, unmarked } from './marked.ts';

const all = cases(fixture('errors.txt'));

test.each(all)('%s', (_name, text) => {
  expect(marked(unmarked(text))).toBe(text);
});

test('the texts with their markers are as written, or rewritten', () => {
  expectGolden(fixturePath('errors.txt'), all.map(([name, text]) => `=== ${name}\n${marked(unmarked(text))}`).join(''));
});

test.each(all)('an undamaged line after: %s', (name, text) => {
  if (/never closed/.test(name)) return expect(parse(unmarked(text)).problems.length).toBe(1);
  const sound = `${unmarked(text)}\nlet LAST = 1\n`;
  return expect(parse(sound).file.statements.at(-1)).toMatchObject({ kind: 'let', name: { text: 'LAST' } });
});
