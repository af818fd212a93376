// Numbers, strings, descriptions and line tables; what is kept of damaged lines; the limits.

import { Lexer } from 'chevrotain';
import { describe, expect, test } from 'vitest';
import { ScenarioParser } from '../../grammar/src/blocks.ts';
import {
  type Expr,
  LineTable,
  MAX_BLOCKS,
  MAX_BRACKETS,
  MAX_FILE_LENGTH,
  MAX_PROBLEMS,
  parse,
  syntaxCodes,
  words,
} from '../../grammar/src/index.ts';
import { headerWords, innerWords, lexedTokens, statementWords } from '../../grammar/src/tokens.ts';
import { outline } from './outline.ts';

function valueWritten(written: string): Expr | undefined {
  const [statement] = parse(`let x = ${written}`).file.statements;
  return statement?.kind === 'let' ? statement.value : undefined;
}

test.each<[string, number | bigint]>([
  ['0', 0],
  ['7', 7],
  ['4K', 4096],
  ['64M', 64 * 2 ** 20],
  ['4G', 4 * 2 ** 30],
  ['4194305G', 4194305 * 2 ** 30],
  ['8T', 8 * 2 ** 40],
  ['0x10K', 16 * 1024],
  ['0X5a', 90],
  ['0x8000_0000', 0x8000_0000],
  ['1_000_000', 1_000_000],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['9007199254740992', 9007199254740992n],
  ['8191T', 8191 * 2 ** 40],
  ['8192T', 2n ** 53n],
  ['0xffff_ffff_ffff_ffff', 2n ** 64n - 1n],
  ['0x0000_0000_0000_0000_0001', 1],
])('the number %s', (written, value) => {
  expect(valueWritten(written)).toMatchObject({ kind: 'number', value });
});

test('a number beyond 64 bits is taken to the greatest one', () => {
  expect(valueWritten('0x1_0000_0000_0000_0000')).toMatchObject({ value: 2n ** 64n - 1n });
});

test.each([
  ['"plain"', 'plain'],
  ['""', ''],
  ['"a \\"b\\" \\\\ \\n\\t"', 'a "b" \\ \n\t'],
  ['"// no comment /* here"', '// no comment /* here'],
])('the string %s', (written, value) => {
  expect(valueWritten(written)).toMatchObject({ kind: 'string', value });
});

test.each([
  ['scenario "s"', ''],
  ['// one\n// two\n\n// other\nscenario "s"', 'one\ntwo'],
  ['// SPDX-License-Identifier: GPL-2.0\n// one', 'one'],
  ['// SPDX-License-Identifier: GPL-2.0\n\n// one\n\n// two', 'one'],
  ['/* SPDX-License-Identifier: MIT */\n/*\n * one\n * two\n */\nscenario "s"', 'one\ntwo'],
  ['\n\n  // one\n  //\n  // two\n', 'one\n\ntwo'],
  ['\ufeff// one\r\n// two\r\n\r\n// other', 'one\ntwo'],
  ['/* one', 'one'],
  ['scenario "s"\n// one', ''],
])('the description of %j', (text, description) => {
  expect(parse(text).file.description).toBe(description);
});

describe('a line table', () => {
  const text = 'ab\ncd\r\n\re\n';
  const table = new LineTable(text);

  test('knows where every offset stands', () => {
    const places = Array.from({ length: text.length + 1 }, (_, offset) => table.at(offset));
    expect(places.map(({ line, column }) => `${line}:${column}`).join(' ')).toBe(
      '1:1 1:2 1:3 2:1 2:2 2:3 2:4 3:1 4:1 4:2 5:1',
    );
    expect(places.map((place) => table.offset(place))).toEqual([0, 1, 2, 3, 4, 5, 5, 7, 8, 9, 10]);
  });

  test('counts from 0 for the Language Server Protocol', () => {
    expect(table.toZeroBased(8)).toEqual({ line: 3, character: 0 });
    expect(table.fromZeroBased({ line: 3, character: 0 })).toBe(8);
  });

  test('keeps places that do not exist within the text', () => {
    expect(table.at(-5)).toEqual({ line: 1, column: 1 });
    expect(table.at(500)).toEqual({ line: 5, column: 1 });
    expect(table.fromZeroBased({ line: 0, character: 500 })).toBe(2);
    expect(table.fromZeroBased({ line: 500, character: 0 })).toBe(text.length);
    expect(table.fromZeroBased({ line: -1, character: 3 })).toBe(0);
  });

  test('gives lines without their ends', () => {
    expect([1, 2, 3, 4, 5, 6].map((line) => table.lineText(line))).toEqual(['ab', 'cd', '', 'e', '', '']);
    expect(table.lineCount).toBe(5);
  });
});

test.each([
  ['vm := KVM_CREATE_VM(', 'op vm := <missing>()'],
  ['a: pin := pin_user_pages(m[0)', 'op a: pin := <missing>()'],
  ['let GPA =', 'let GPA = <missing>'],
  ['f( = 0\n  > a(*)\n  > b(', 'op <missing>()\n  > a(*)\n  > <missing>()'],
  ['f(1) junk\n  > a(*)', 'op f(1)\n  > a(*)'],
  ['def f(a, b c) {\n  g()\n}', 'def f(a, b, c)\n  op g()'],
  ['for off in {\n  g()\n}', 'for off in <missing>\n  op g()'],
  ['when {\n  g()\n}', 'when <missing>\n  op g()'],
  ['actor io junk {\n  g()\n}', 'actor io\n  op g()'],
  ['fro off in r {\n  g()\n}', 'when <missing>\n  op g()'],
  ['g() {\n  g()\n}', 'op g()\nwhen <missing>\n  op g()'],
  ['expect a is\ng()', 'op g()'],
])('what is kept of %j', (text, tree) => {
  const { file, problems } = parse(text);
  expect(problems.length).toBeGreaterThan(0);
  expect(outline(file)).toBe(tree);
});

describe('codes', () => {
  const shown = Object.entries(syntaxCodes).filter(([, { example }]) => !example.startsWith('('));

  test.each(shown)('%s', (code, { example, mended }) => {
    expect(parse(example).problems.map((problem) => problem.code)).toEqual([code]);
    expect(parse(mended).problems).toEqual([]);
  });
});

describe('limits', () => {
  const codesOf = (text: string): string[] => parse(text).problems.map(({ code }) => code);

  test('brackets', () => {
    const nested = (depth: number): string => `f(${'('.repeat(depth - 1)}1${')'.repeat(depth - 1)})\nf()`;
    expect(codesOf(nested(MAX_BRACKETS))).toEqual([]);
    expect(codesOf(nested(MAX_BRACKETS + 1))).toEqual(['CCS128']);
    expect(codesOf(nested(10_000))).toEqual(['CCS128']);
  });

  test('blocks', () => {
    const nested = (depth: number): string => `${'when a == b {\n'.repeat(depth)}f()\n${'}\n'.repeat(depth)}f()`;
    expect(codesOf(nested(MAX_BLOCKS))).toEqual([]);
    expect(codesOf(nested(MAX_BLOCKS + 1))).toEqual(['CCS128']);
    expect(codesOf(nested(10_000))).toEqual(['CCS128']);
  });

  test('operators and offsets', () => {
    expect(codesOf(`let x = 1${' + 1'.repeat(10_000)}\nf()`)).toEqual(['CCS128']);
    expect(codesOf(`f(a${'[0]'.repeat(10_000)})\nf()`)).toEqual(['CCS128']);
  });

  test('a tree is never so deep that walking it is a danger', () => {
    const deep = `f(${'('.repeat(98)}1${`${' + 1'.repeat(100)})`.repeat(98)})`;
    expect(codesOf(deep)).toEqual(['CCS128']);
  });

  test('a file that is too long is not read', () => {
    expect(codesOf(' '.repeat(MAX_FILE_LENGTH + 1))).toEqual(['CCS130']);
  });

  test('a line that is too long costs one problem', () => {
    expect(codesOf(`f()\nf(${'1, '.repeat(1_000_000)})\nf()`)).toEqual(['CCS130']);
  });

  test('a file with more names and signs than are read', () => {
    expect(codesOf('a()\n'.repeat(1_500_000))).toEqual(['CCS130']);
  });

  test('problems', () => {
    const codes = codesOf('f(\n'.repeat(MAX_PROBLEMS * 2));
    expect(codes.length).toBe(MAX_PROBLEMS + 1);
    expect(codes.at(-1)).toBe('CCS131');
    expect(codesOf('f(\n'.repeat(MAX_PROBLEMS - 1))).not.toContain('CCS131');
  });

  test('comments and statements that cross the pieces in which a long file is read', () => {
    const comment = `/* ${'long '.repeat(100_000)}\n*/`;
    const part = `f(1)\n${comment} g(2,\n  3)\n`;
    const { file, problems } = parse(part.repeat(8));
    expect(problems).toEqual([]);
    expect(outline(file)).toBe('op f(1)\nop g(2, 3)\n'.repeat(8).trimEnd());
  });
});

test('the grammar and the tokens are sound', () => {
  expect(() => new ScenarioParser({ skipValidations: false })).not.toThrow();
  expect(
    () => new Lexer([...lexedTokens], { positionTracking: 'onlyOffset', ensureOptimizations: true }),
  ).not.toThrow();
});

test('there is no character that the lexer does not know', () => {
  const lexer = new Lexer([...lexedTokens], { positionTracking: 'onlyOffset', ensureOptimizations: true });
  const unknown = Array.from({ length: 0x10000 }, (_, code) => code).filter(
    (code) => lexer.tokenize(String.fromCharCode(code)).errors.length > 0,
  );
  expect(unknown).toEqual([]);
});

test('every word of the language is described', () => {
  const inTokens = [...headerWords.keys(), ...statementWords.keys(), ...innerWords.keys()];
  expect(words.map(({ word }) => word).toSorted()).toEqual(inTokens.toSorted());
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])('a damaged last line is a statement behind %d others', (count) => {
  const { file } = parse(`${'b(Q)\n'.repeat(count)}UN\n`);
  expect(file.statements.map(({ kind }) => kind)).toEqual(Array.from({ length: count + 1 }, () => 'op'));
});
