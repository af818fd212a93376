// A text that is edited again and again is the same tree as one that is read anew.
// Thousands of texts are parsed twice, which takes a second and more.
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { type Parsed, parse } from '../../grammar/src/index.ts';
import { type Edit, edit, samples, versions } from './edits.ts';

vi.setConfig({ testTimeout: 60_000 });

const plain = ({ kept: _, ...parsed }: Parsed) => parsed;

let kept = 0;
let all = 0;

function follow(text: string, edits: readonly Edit[]): void {
  let parsed = parse(text);
  for (const next of versions(text, edits)) {
    parsed = parse(next, parsed);
    expect(plain(parsed)).toEqual(plain(parse(next)));
    kept += parsed.kept.before + parsed.kept.after;
    all += parsed.file.statements.length;
  }
}

test('a text that is edited again and again', () => {
  fc.assert(fc.property(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 12 }), follow), {
    numRuns: 400,
  });
  // Were nothing kept, the test would say nothing.
  expect(kept / all).toBeGreaterThan(0.3);
});
