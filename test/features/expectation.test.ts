// What is copied as an `expect` holds where it is pasted: for each kind of place, behind each statement of some samples, asked
// for in the middle of the statement and at its end. Takes some seconds: every sample is run twice.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { fileResolver } from '../../server/src/edge/files.ts';
import { type Analysis, analyse, problemsOf } from '../../server/src/features/analysis.ts';
import { expectationOf } from '../../server/src/features/expectation.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import type { Place } from '../../server/src/features/panel-model.ts';
import { Stepper } from '../../server/src/run/index.ts';

const SAMPLES = path.resolve(import.meta.dirname, '../../samples');

const analysed = (text: string): Analysis => analyse('sample.cocoscn', text, fileResolver(SAMPLES));

function ran(text: string): { readonly analysis: Analysis; readonly source: MomentSource } {
  const analysis = analysed(text);
  const stepper = new Stepper(analysis.run);
  stepper.stopOnFailure = false;
  while (!stepper.ended) stepper.continue();
  return { analysis, source: new MomentSource(stepper, { session: 'test', pathOf: (file) => file.path }) };
}

/** The line behind a statement and the lines that belong to it, from 0. */
function behind(lines: readonly string[], last: number): number {
  let line = last;
  while (/^\s+[<>]/.test(lines[line] ?? '')) line++;
  return line;
}

/** Other places of the page that a change is of, so that each kind is asked for. */
function placesOf(source: MomentSource): Place[] {
  const { changes, kept } = source.moment(1);
  const changed = [...changes, ...kept].flatMap(({ place }) => place ?? []).slice(0, 20);
  const doors = changed.slice(0, 4).flatMap((place) => source.places(1, place).everywhere ?? []);
  return [...changed, ...doors];
}

test.each([
  ['02-realm', ['entry', 'frame']],
  ['09-unprotected-mapping', ['entry', 'frame']],
  ['11-failed-undelegate', ['entry', 'frame']],
  ['13-paging-in', ['entry', 'frame']],
  ['30-pinned-page', ['frame', 'gmem', 'gpa', 'mapping']],
  ['32-leaked-page', ['frame', 'gmem', 'gpa', 'mapping']],
  ['36-convert-then-populate', ['entry', 'frame', 'gmem', 'gpa', 'mapping']],
  ['37-populate-works', ['entry', 'frame', 'gmem', 'gpa', 'mapping']],
] as const)('%s', (name, kinds) => {
  const text = fs.readFileSync(path.join(SAMPLES, `${name}.cocoscn`), 'utf8');
  const lines = text.split('\n');
  const { analysis, source } = ran(text);
  const { run } = analysis;
  const pasted = new Map<number, Set<string>>();
  const asked = new Set<string>();
  for (let moment = 1; moment <= run.reached; moment++) {
    const instruction = run.instructionAt(moment);
    const { site } = instruction ?? {};
    if (!site || instruction?.kind !== 'call' || site.file !== run.program.main || instruction.within) continue;
    const first = site.file.line(site.span.start) - 1;
    // Behind a line of a loop or a sequence it is stated several times.
    if (/^\s/.test(lines[first] ?? ' ')) continue;
    source.stepper.goto(moment);
    const after = behind(lines, site.file.line(Math.max(site.span.start, site.span.end - 1)));
    for (const place of placesOf(source)) {
      const found = expectationOf(source, place);
      if (!('text' in found)) continue;
      asked.add(place.kind);
      pasted.set(after, (pasted.get(after) ?? new Set()).add(found.text));
    }
  }
  const whole = lines.flatMap((line, i) => [...(pasted.get(i) ?? []), line]).join('\n');
  const told = problemsOf(analysed(whole)).map(({ message, file, span }) => `${file.slice(span)}: ${message}`);
  expect(told).toEqual(problemsOf(analysis).map(({ message, file, span }) => `${file.slice(span)}: ${message}`));
  expect([...asked].sort()).toEqual(kinds);
  expect(
    [...pasted.values()]
      .flatMap((all) => [...all])
      .slice(0, 12)
      .join('\n'),
  ).toMatchSnapshot();
});

test('what the language has no word for is not copied', () => {
  const { source } = ran('scenario "a"\nRMI_GRANULE_DELEGATE(0x8800_0000)\n');
  const told = (place: Place) => Object.values(expectationOf(source, place));
  expect([
    told({ kind: 'frame', object: 'granules', at: 0x8800_0010 }),
    told({ kind: 'frame', object: 'granules', at: 0 }),
    told({ kind: 'gmem', object: 'nothing', at: 0 }),
    told({ kind: 'entry', object: '0x8800_0000', at: 0 }),
  ]).toEqual([
    ['expect granule(0x8800_0000) is DELEGATED'],
    ...Array(3).fill(['nothing that the language has a word for is there']),
  ]);
});
