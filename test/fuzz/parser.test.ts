// No text, however broken, makes the parser throw, hang or point outside of the text.

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_PROBLEMS, parse } from '../../grammar/src/index.ts';
import { operators, words } from '../../grammar/src/words.ts';
import { spanFaults } from '../grammar/spans.ts';

const folder = new URL('../grammar/fixtures/', import.meta.url);
const SAMPLES = readdirSync(folder)
  .filter((name) => name.endsWith('.cocoscn'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));

/** Milliseconds that one short text may take, on a machine that does other things too. */
const BUDGET = 500;
const RUNS = 400;

/** What holds for every text. */
function check(text: string): void {
  const begin = performance.now();
  const { file, problems } = parse(text);
  expect(performance.now() - begin).toBeLessThan(BUDGET);
  expect(problems.length).toBeLessThanOrEqual(MAX_PROBLEMS + 1);
  let last = 0;
  for (const { start, end, code, message } of problems) {
    expect(start).toBeGreaterThanOrEqual(last);
    expect(end).toBeGreaterThanOrEqual(start);
    expect(end).toBeLessThanOrEqual(text.length);
    expect(code).toMatch(/^CCS1\d\d$/);
    expect(message).toMatch(/^\S.*\.$/s);
    last = start;
  }
  expect(spanFaults(text, file)).toEqual([]);
}

const sign = fc.constantFrom(
  ...operators,
  ...'()[]{},:"\\;@.'.split(''),
  '//',
  '/*',
  '*/',
  '\n',
  '\r\n',
  '\n  > ',
  '\n\t< ',
);
const word = fc.constantFrom(
  ...words.map((known) => known.word),
  'vm',
  'KVM_RUN',
  'pa',
  'TDH.MEM',
  '-EAGAIN',
  '4K',
  '0x8000_0000',
  '0x',
  '"s"',
);
const soup = fc.array(fc.oneof(sign, word, fc.constant(' ')), { maxLength: 120 }).map((parts) => parts.join(' '));

/** A sample with pieces cut out, doubled, moved, or put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SAMPLES),
    fc.array(fc.tuple(fc.nat(), fc.nat(40), fc.constantFrom('cut', 'double', 'end', 'put'), fc.oneof(sign, word)), {
      minLength: 1,
      maxLength: 8,
    }),
  )
  .map(([sample, edits]) =>
    edits.reduce((text, [seed, length, edit, part]) => {
      const at = text.length === 0 ? 0 : seed % text.length;
      switch (edit) {
        case 'cut':
          return text.slice(0, at) + text.slice(at + length);
        case 'double':
          return text.slice(0, at + length) + text.slice(at);
        case 'end':
          return text.slice(0, at);
        default:
          return text.slice(0, at) + part + text.slice(at);
      }
    }, sample),
  );

describe('the parser survives', () => {
  test('any characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), check), { numRuns: RUNS });
  });

  test('any words and signs of the language', () => {
    fc.assert(fc.property(soup, check), { numRuns: RUNS });
  });

  test('samples with pieces cut out, doubled and put in', () => {
    fc.assert(fc.property(mutated, check), { numRuns: RUNS });
  });

  test('every beginning of a sample', () => {
    for (const sample of SAMPLES) for (let end = 0; end < sample.length; end += 7) check(sample.slice(0, end));
  });

  test('any nesting', () => {
    const nest = fc.array(fc.constantFrom('f(', 'gm[', '{a: ', '(', '-', '!', ')', ']', '}', '\n', 'when a {\n', '1'), {
      maxLength: 2000,
    });
    fc.assert(
      fc.property(
        nest.map((parts) => parts.join('')),
        check,
      ),
      { numRuns: 50 },
    );
  });
});

describe('one damaged line', () => {
  const LINES = SAMPLES.flatMap((sample) => sample.split('\n')).filter((line) => /^\w+.*\)/.test(line));

  /** A line of a sample with one sign taken out or put in, between two sound lines. */
  const damaged = fc
    .tuple(fc.constantFrom(...LINES), fc.nat(), fc.constantFrom('cut', 'put'), sign)
    .map(([line, seed, edit, part]) => {
      const at = seed % line.length;
      return edit === 'cut' ? line.slice(0, at) + line.slice(at + 1) : line.slice(0, at) + part + line.slice(at);
    });

  test('costs at most one problem and leaves the next line whole', () => {
    fc.assert(
      fc.property(damaged, (line) => {
        // An unclosed comment and a line end put in are more than one damaged line.
        fc.pre(!/[\r\n{}]|\/\*/.test(line));
        const { file, problems } = parse(`let FIRST = 1\n${line}\nlet LAST = 2\n`);
        expect(problems.length).toBeLessThanOrEqual(1);
        expect(file.statements.at(-1)).toMatchObject({ kind: 'let', name: { text: 'LAST' } });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a long text is read within its budget', () => {
  const MB = 1024 * 1024;
  const TEXTS: readonly [string, string][] = [
    ['bytes', Array.from({ length: MB }, (_, i) => String.fromCharCode((i * 7919 + (i >> 3) * 31) % 256)).join('')],
    ['one line', `f(${'a, '.repeat(33_000)}a)`],
    ['brackets', '('.repeat(8 * MB)],
    ['names', 'a '.repeat(4 * MB)],
    ['strings', '"'.repeat(8 * MB)],
    ['escapes', `"${'\\a'.repeat(4 * MB - 1)}`],
    ['comments', '/*'.repeat(4 * MB)],
    ['line ends', '\r'.repeat(8 * MB)],
    ['calls left open', 'f(1,\n'.repeat(200_000)],
    ['calls left open far apart', `f(1,\n${'2,\n'.repeat(1000)}`.repeat(500)],
    ['bad numbers', `f(${'0x,'.repeat(300_000)}1)`],
    ['conversations', `f()\n${'> A(\n'.repeat(500_000)}`],
    ['closing braces', '}\n'.repeat(500_000)],
  ];

  test.each(TEXTS)('%s', (_name, text) => {
    const begin = performance.now();
    const { problems } = parse(text);
    expect(performance.now() - begin).toBeLessThan(8000);
    expect(problems.length).toBeLessThanOrEqual(MAX_PROBLEMS + 1);
  });
});
