// A scenario that is edited again and again says the same as one that is read and run anew, at every moment.
// Hundreds of scenarios are run twice, which takes some seconds.
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { fileResolver } from '../../server/src/edge/files.ts';
import { type Analysis, analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { problemText } from '../../server/src/report/text.ts';
import { entryAt } from '../../server/src/report/trace.ts';
import type { Instruction, SourceFile } from '../../server/src/scenario/index.ts';
import { scenario } from '../bench/keystroke.ts';
import { type Edit, edit, SAMPLES, samples, versions } from './edits.ts';

vi.setConfig({ testTimeout: 120_000 });

const resolver = fileResolver(SAMPLES);
/** Moments that are held against each other, in equal distances, and the last one. */
const MOMENTS = 25;

/** One gigabyte split into pages takes seconds to run. */
const quick = samples.filter((text) => !/\b1G\b/.test(text));

const place = ({ site: { file, span } }: Instruction) => `${file.path}:${span.start}-${span.end}`;

const plain = (key: string, value: unknown) =>
  key === 'file' ? (value as SourceFile).path : typeof value === 'bigint' ? `${value}` : value;

/** All that anybody can see of a scenario that was run. */
function said(analysis: Analysis) {
  const { program, run } = analysis;
  finish(analysis);
  const { reached } = run;
  const moments = Array.from({ length: MOMENTS }, (_, i) => Math.ceil((reached * (i + 1)) / MOMENTS));
  return {
    problems: problemsOf(analysis).map((problem) => problemText(problem)),
    instructions: program.instructions.map((one) => `${one.kind} ${place(one)}`),
    names: program.names.map(({ name, kind, definition, text, references }) => ({
      name: `${kind} ${name} ${definition.start}: ${text}`,
      references: references.map(({ file, span }) => `${file.path}:${span.start}-${span.end}`).sort(),
    })),
    moments: moments.map((moment) => {
      run.seek(moment);
      return JSON.stringify(entryAt(run, moment), plain);
    }),
    end: `${reached}, step ${run.log.lastStep}, ${run.log.looks} pages looked at`,
  };
}

let taken = 0;

function follow(text: string, edits: readonly Edit[]): void {
  let analysis = analyse('edited.cocoscn', text, resolver);
  finish(analysis);
  for (const next of versions(text, edits)) {
    analysis = analyse('edited.cocoscn', next, resolver, analysis);
    if (analysis.run.now > 0) taken++;
    expect(said(analysis)).toEqual(said(analyse('edited.cocoscn', next, resolver)));
  }
}

test('another result of a fault that a later call meets', () => {
  const text = samples.find((one) => one.includes('inject RMI_GRANULE_UNDELEGATE nth 2 = RMI_ERROR_INPUT')) ?? '';
  const before = analyse('edited.cocoscn', text, resolver);
  finish(before);
  const next = text.replace('nth 2 = RMI_ERROR_INPUT', 'nth 2 = RMI_ERROR_REALM');
  expect(next).not.toBe(text);
  const after = said(analyse('edited.cocoscn', next, resolver, before));
  expect(after).toEqual(said(analyse('edited.cocoscn', next, resolver)));
  expect(after.problems.join()).toContain('RMI_ERROR_REALM');
});

test('samples', () => {
  fc.assert(fc.property(fc.constantFrom(...quick), fc.array(edit, { minLength: 1, maxLength: 6 }), follow), {
    numRuns: 60,
  });
  // Were everything done anew, the test would say nothing.
  expect(taken).toBeGreaterThan(50);
});

test('edits that come while the scenario still runs', () => {
  const overtake = (text: string, edits: readonly Edit[], moments: number) => {
    let analysis = analyse('edited.cocoscn', text, resolver);
    let last = text;
    for (const next of versions(text, edits)) {
      analysis.run.advanceBy(moments);
      analysis = analyse('edited.cocoscn', next, resolver, analysis);
      last = next;
    }
    expect(said(analysis)).toEqual(said(analyse('edited.cocoscn', last, resolver)));
  };
  fc.assert(
    fc.property(fc.constantFrom(...quick), fc.array(edit, { minLength: 1, maxLength: 5 }), fc.nat(150), overtake),
    { numRuns: 60 },
  );
});

test('a scenario that has much behind the edit', () => {
  const text = scenario(120);
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => follow(text, edits)),
    {
      numRuns: 60,
    },
  );
});
