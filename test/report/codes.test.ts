// The catalogue of codes: complete, and true to what the checker says.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { CODES, type CodePage, FAMILIES } from '../../server/src/report/codes.ts';

const root = path.join(import.meta.dirname, '../..');

/** The codes of a text's problems, each once. */
function codesOf(text: string, { includes = {} }: CodePage): string[] {
  const analysis = analyse('example.cocoscn', text, (file) => {
    const found = includes[file];
    return found === undefined ? { problem: 'there is no such file' } : { text: found };
  });
  finish(analysis);
  return [...new Set(problemsOf(analysis).map(({ code }) => code))];
}

/** An example in brackets only describes a file that is too large to print. */
const isText = ([, { example }]: [string, CodePage]) => !example.startsWith('(');

describe.each([...CODES].filter(isText))('%s', (code, page) => {
  // CCS128 is shown short; its own test is in the grammar's.
  test.skipIf(page.example.includes('and 200 more'))('its example has this problem and no other', () => {
    const syntax = code.startsWith('CCS1');
    const found = codesOf(page.example, page);
    expect(syntax ? found.filter((other) => other.startsWith('CCS1')) : found).toEqual([code]);
  });

  test('its mended example has it no more', () => {
    const syntax = code.startsWith('CCS1');
    const found = codesOf(page.mended, page);
    expect(syntax ? found.filter((other) => other.startsWith('CCS1')) : found).toEqual([]);
  });
});

test('every code that the sources use has a page, and every page is of a code that is used', () => {
  const used = new Set<string>();
  for (const folder of ['server/src', 'grammar/src']) {
    for (const name of fs.readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.endsWith('report/codes.ts') || name === 'codes.ts') continue;
      for (const [code] of fs.readFileSync(path.join(root, folder, name), 'utf8').matchAll(/CCS\d{3}/g)) used.add(code);
    }
  }
  expect([...used].sort()).toEqual([...CODES.keys()].filter((code) => used.has(code)).sort());
  expect([...CODES.keys()].filter((code) => !used.has(code))).toEqual([]);
});

test('every code belongs to a family', () => {
  expect([...CODES.keys()].filter((code) => FAMILIES[code.slice(0, 4)] === undefined)).toEqual([]);
});
