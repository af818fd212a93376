// A scenario comes from a stranger: whatever it holds, it ends within its budget and says what it ran into. Some of these
// use a budget up, a million steps for one, which takes a second or more.
import { describe, expect, test } from 'vitest';
import { MAX_FILE_LENGTH } from '../../grammar/src/index.ts';
import { analyse, finish, passes, problemsOf } from '../../server/src/features/analysis.ts';
import type { Problem } from '../../server/src/scenario/index.ts';

const OPERATION = 'RMI_VERSION(0x1_0000)';

function problemsIn(text: string, files: Readonly<Record<string, string>> = {}): Problem[] {
  const analysis = analyse('case.cocoscn', text, (path) => {
    const found = files[path];
    return found === undefined ? { problem: 'there is no such file' } : { text: found };
  });
  finish(analysis);
  return problemsOf(analysis);
}

/** `line:column CODE message` of each problem. */
const told = (problems: readonly Problem[]) =>
  problems.map(({ file, span, code, message }) => {
    const { line, column } = file.lines.at(span.start);
    return `${file.path}:${line}:${column} ${code} ${message}`;
  });

describe('includes', () => {
  test('a file that includes itself', () => {
    const text = 'include "case.cocoscn"';
    expect(told(problemsIn(text))).toEqual(['case.cocoscn:1:9 CCS208 "case.cocoscn" includes itself']);
  });

  test('files that include each other', () => {
    const files = { 'a.cocoscn': 'include "b.cocoscn"\n', 'b.cocoscn': 'let B = 1\ninclude "a.cocoscn"\n' };
    expect(told(problemsIn('include "a.cocoscn"', files))).toEqual([
      'b.cocoscn:2:9 CCS208 "a.cocoscn" includes itself',
    ]);
  });

  test.each([
    '../up.cocoscn',
    'sub/../../up.cocoscn',
    '/etc/passwd',
    'C:\\secret',
    '\\\\host\\share',
    '..\\up.cocoscn',
  ])('a path that climbs out: %s', (path) => {
    const written = path.replaceAll('\\', '\\\\');
    expect(told(problemsIn(`include "${written}"`))).toEqual([
      `case.cocoscn:1:9 CCS208 "${path}" lies outside the folder of the scenario`,
    ]);
  });

  test('files included more than 16 deep', () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`f${i}.cocoscn`, `include "f${i + 1}.cocoscn"\n`]),
    );
    expect(told(problemsIn('include "f0.cocoscn"', files))).toEqual([
      'f15.cocoscn:1:9 CCS208 files are included more than 16 deep',
    ]);
  });

  test('a file that is not there', () => {
    expect(told(problemsIn('include "lib/x.cocoscn"'))).toEqual([
      'case.cocoscn:1:9 CCS208 "lib/x.cocoscn" cannot be read: there is no such file',
    ]);
  });

  test('a file that holds a call, and one that is damaged', () => {
    const files = { 'a.cocoscn': `let A = 1\n${OPERATION}\nlet B =\n` };
    expect(told(problemsIn('include "a.cocoscn"\nexpect A == 1', files))).toEqual([
      'a.cocoscn:3:7 CCS103 A value is missing at the end of the line.',
      'a.cocoscn:2:1 CCS212 an included file holds let, def and include only; this is not run',
    ]);
  });

  test('a file that is included twice counts once', () => {
    const files = { 'a.cocoscn': 'let A = 1\n' };
    expect(told(problemsIn('include "a.cocoscn"\ninclude "a.cocoscn"\nexpect A == 1', files))).toEqual([]);
  });
});

describe('budgets', { timeout: 60_000 }, () => {
  test('a run of more than a million steps', () => {
    const text = `for i in 0 .. 900000 {\n${OPERATION}\n${OPERATION}\n}\n`;
    expect(told(problemsIn(text))).toEqual([
      'case.cocoscn:3:1 CCS209 the run has more than 1000000 steps; what follows was not run',
    ]);
  });

  test('a loop that would run too often does not begin', () => {
    expect(told(problemsIn(`for i in 0 .. 1024T {\n${OPERATION}\n}`))).toEqual([
      'case.cocoscn:1:10 CCS209 the loop would run 1125899906842624 times; a run has at most 1000000 steps',
    ]);
  });

  test('a range of too many pages', () => {
    expect(told(problemsIn('RMI_GRANULE_DELEGATE(0 +: 1024T)'))).toEqual([
      'case.cocoscn:1:22 CCS204 the range has more than 1000000 pages',
    ]);
  });

  test('sequences that double with every call', () => {
    const doubling = Array.from({ length: 30 }, (_, i) => `def f${i + 1}() {\nf${i}()\nf${i}()\n}`).join('\n');
    const problems = problemsIn(`def f0() {\n${OPERATION}\n}\n${doubling}\nf30()`);
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'CCS209 the sequences unfold to more than 200000 statements',
    ]);
  });

  test('sequences called more than 64 deep', () => {
    const chain = Array.from({ length: 80 }, (_, i) => `def f${i + 1}() {\nf${i}()\n}`).join('\n');
    const problems = problemsIn(`def f0() {\n${OPERATION}\n}\n${chain}\nf80()`);
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'CCS202 sequences are called more than 64 deep',
    ]);
  });

  test('more statements that go wrong than are listed: the rest is counted', () => {
    const problems = problemsIn('for i in 0 .. 300000 {\nRMI_GRANULE_UNDELEGATE(0x8800_0000)\n}');
    expect(problems.length).toBe(101);
    expect(told(problems).at(-1)).toBe(
      'case.cocoscn:2:1 CCS209 299900 more statements went wrong from here on; 100 are listed',
    );
  });

  test('a line of 100,000 characters', () => {
    const sum = `let X = ${Array.from({ length: 100 }, () => '1').join(' + ')}`;
    const line = `expect granule(0x8800_0000) is UNDELEGATED // ${'x'.repeat(100_000)}`;
    expect(passes(problemsIn(`${sum}\n${line}\n`))).toBe(true);
    const calls = told(problemsIn(`RMI_VERSION(${'0, '.repeat(50_000)}0)`));
    expect(calls).toEqual(['case.cocoscn:1:1 CCS202 RMI_VERSION(req) takes 1 argument']);
  });

  test('a text longer than a scenario can be', () => {
    const problems = problemsIn('x'.repeat(MAX_FILE_LENGTH + 1));
    expect(problems.map(({ code }) => code)).toEqual(['CCS130']);
  });

  test('a binary text', () => {
    const binary = String.fromCharCode(...Array.from({ length: 4096 }, (_, i) => (i * 7919) % 65_536));
    const problems = problemsIn(binary);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(200);
  });
});
