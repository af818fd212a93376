// The five samples that the language must keep reading as they are: no problem, and the tree that they mean.

import { describe, expect, test } from 'vitest';
import { parse } from '../../grammar/src/index.ts';
import { expectGolden } from '../golden.ts';
import { fixture, fixturePath } from './fixtures.ts';
import { outline } from './outline.ts';
import { spanFaults } from './spans.ts';

const SAMPLES = ['cca-populate', 'in-place-conversion', 'unwind-leak', 'firmware-calls', 'actors-race'];

describe.each(SAMPLES)('%s', (name) => {
  const text = fixture(`${name}.cocoscn`);

  test('has no problem', () => {
    expect(parse(text).problems).toEqual([]);
  });

  test('means its tree', () => {
    expectGolden(fixturePath(`${name}.tree`), `${outline(parse(text).file)}\n`);
  });

  test('keeps exact places', () => {
    expect(spanFaults(text, parse(text).file)).toEqual([]);
  });

  test('means the same with Windows line ends and without a last one', () => {
    const tree = outline(parse(text).file);
    expect(outline(parse(text.replaceAll('\n', '\r\n')).file)).toBe(tree);
    expect(outline(parse(text.replaceAll('\n', '\r')).file)).toBe(tree);
    expect(outline(parse(text.trimEnd()).file)).toBe(tree);
    expect(outline(parse(`\ufeff${text}`).file)).toBe(tree);
  });
});
