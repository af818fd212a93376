// Habits of every file: short, said in its first line what it is for, nothing left for later.
import { expect, test } from 'vitest';
import { read, sourceFiles } from './sources.ts';

const MOST_LINES = 400;
const files = sourceFiles();

test(`no file is longer than ${MOST_LINES} lines`, () => {
  const lengths = files.map((file) => ({ file, lines: read(file).split('\n').length - 1 }));
  expect(lengths.filter(({ lines }) => lines > MOST_LINES)).toEqual([]);
});

test('the first line of every file says what the file is for', () => {
  const silent = files.filter((file) => !/^(#!.*\n)?\/(\/|\*\*?) \S/.test(read(file)));
  expect(silent).toEqual([]);
});

/** Written in two parts, so that this file does not find itself. */
const UNWANTED: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`\\b(TO${'DO'}|FIX${'ME'}|XX${'X'})\\b`), 'work left for later'],
  [new RegExp(`@ts-${'ignore'}|@ts-${'nocheck'}`), 'a type error silenced'],
  [new RegExp(`\\b(test|describe|it)\\.(sk${'ip'}|on${'ly'})\\(`), 'a test that does not run'],
  [new RegExp(`['"\`/ ]/wo${'rk'}/`), 'a path of one machine'],
];

test.each(UNWANTED)('%s: %s', (pattern) => {
  const found = files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});
