// What panels are told of a moment: as text for a person to read, and the same whichever way led there.
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { readScenario } from '../../server/src/edge/files.ts';
import { analyse } from '../../server/src/features/analysis.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import type { Change, Moment, Places } from '../../server/src/features/panel-model.ts';
import { Breakpoints, Stepper } from '../../server/src/run/index.ts';
import { expectGolden } from '../golden.ts';

// The last property runs samples a hundred times, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const SAMPLES = path.join(import.meta.dirname, '../../samples');

interface Opened {
  readonly stepper: Stepper;
  readonly source: MomentSource;
}

function open(name: string, text: string, resolver: Parameters<typeof analyse>[2]): Opened {
  const stepper = new Stepper(analyse(name, text, resolver).run, (timeline) => new Breakpoints(timeline));
  stepper.start(true);
  return { stepper, source: new MomentSource(stepper, { session: 'test', pathOf: (file) => file.path }) };
}

function sample(name: string): Opened {
  const read = readScenario(path.join(SAMPLES, `${name}.cocoscn`));
  if ('problem' in read) throw new Error(`${name} ${read.problem}`);
  return open(read.name, read.text, read.resolver);
}

const scenario = (lines: string) => open('a.cocoscn', `scenario "test"\n${lines}`, () => ({ problem: 'none' }));

const changeText = ({ text, field, before, after, since }: Change) =>
  `  ${text} ${field}: ${before.text} -> ${after.text}${after.family ? ` (${after.family})` : ''}${since === undefined ? '' : ` since step ${since}`}`;

function momentText({ step, stack, changes, kept, totals, strips, failure, focus }: Moment): string {
  const { n, actor, call, result, status, why } = step;
  const pages = Object.entries(totals).filter(([, count]) => count > 0);
  return [
    `${n} ${[...stack, actor].join(' > ')}: ${call} = ${result} [${status}]${why ? ` ${why}` : ''}`,
    ...changes.map(changeText),
    ...kept.map((change) => `  kept${changeText(change)}`),
    `  pages: ${pages.map(([family, count]) => `${count} ${family}`).join(', ')}`,
    ...strips.map(({ title, cells, more }) => {
      const shown = cells.map(
        ({ text, at, state, mark, count }) =>
          `${text ?? at.toString(16)} ${state.text}${count > 1 ? ` x${count}` : ''}${mark ? ` ${mark}` : ''}`,
      );
      return `  ${title}: ${shown.join(' | ')}${more > 0 ? ` and ${more} more` : ''}`;
    }),
    ...(focus ? [`  focus ${focus.kind} ${focus.at.toString(16)}`] : []),
    ...(failure ? [`  ${failure.code} ${failure.message}: expected ${failure.expected}, ${failure.because}`] : []),
  ].join('\n');
}

const placesText = ({ title, state, frame, host, guest, access }: Places) =>
  [
    `${title} ${state.text} (${state.family})`,
    ...frame.map(([name, value]) => `  ${name}: ${value}`),
    ...[...host, ...guest].map((door) => `  ${door.title}: ${door.text} [${door.wire}]`),
    ...access.map(({ who, outcome, ok }) => `  ${who}: ${outcome}${ok ? '' : ' !'}`),
  ].join('\n');

/** Each numbered step's moment, from the first on. */
function* moments({ stepper, source }: Opened): Generator<Moment> {
  for (let n = 1; ; n++) {
    stepper.gotoStep(n);
    const moment = source.moment(n);
    if (moment.step.n < n) return;
    yield moment;
    if (stepper.ended) return;
  }
}

describe('a sample, step by step', () => {
  test.each(['04-own-source', '07-destructive-conversion', '11-failed-undelegate'])('%s', (name) => {
    const text = [...moments(sample(name))].map(momentText).join('\n');
    expectGolden(path.join(import.meta.dirname, 'golden', `moments-${name}.txt`), `${text}\n`);
  });
});

test('the step bar of a call that should have failed, and of an expectation that does not hold', () => {
  const opened = scenario(
    'let A = 0x8800_0000\nRMI_GRANULE_DELEGATE(A) = RMI_ERROR_INPUT\nexpect granule(A) is RD\nRMI_GRANULE_DELEGATE(A) = RMI_ERROR_INPUT\n',
  );
  const { stepper, source } = opened;
  const told = [1, 2, 3, 4].map((moment) => {
    stepper.goto(moment);
    return momentText(source.moment(moment));
  });
  expect(told.slice(0, 3).join('\n')).toMatchInlineSnapshot(`
    "1 RMM: RMI_GRANULE_DELEGATE(A) = RMI_SUCCESS [unexpected] but line 3 expects RMI_ERROR_INPUT
      A GPT: NS -> REALM
      A granule: UNDELEGATED -> DELEGATED (transition)
      pages: 1 transition
      A 0x8800_0000: A DELEGATED changed
      focus frame 88000000
      CCS301 RMI_GRANULE_DELEGATE returned RMI_SUCCESS: expected RMI_ERROR_INPUT, all 4 conditions hold: gran_align, gran_bound, gran_state, gran_gpt
    1 scenario: expect granule(A) is RD = does not hold [unexpected] granule(A) is DELEGATED, not RD
      pages: 1 transition
      A 0x8800_0000: A DELEGATED
      CCS401 granule(A) is DELEGATED, not RD: expected RD, DELEGATED since step 1 (line 3)
    2 RMM: RMI_GRANULE_DELEGATE(A) = RMI_ERROR_INPUT [expected] refused: gran_state, as line 5 expects
      kept  A granule: DELEGATED -> DELEGATED (transition) since step 1
      pages: 1 transition
      A 0x8800_0000: A DELEGATED refused
      focus frame 88000000"
  `);
});

test('runs, folded and filtered', () => {
  const { stepper, source } = sample('07-destructive-conversion');
  while (!stepper.ended) stepper.continue();
  const all = (filter: string) => {
    const { total, pages, rows } = source.runs(1, { from: 0, count: 50 }, filter);
    return [
      `${filter || 'all'}: ${total} runs, ${pages} pages`,
      ...rows.map((row) => `  ${[row.text, row.count, row.state.text, ...row.columns].join(', ')}`),
    ].join('\n');
  };
  expect(['', 'firmware', 'transition realm', 'nothing'].map(all).join('\n')).toMatchInlineSnapshot(`
    "all: 4 runs, 8 pages
      A, 1, RD, REALM, –, –, zero
      A + 8K .. A + 24K, 4, RTT, REALM, –, –, zero
      A + 64K .. A + 72K, 2, RTT, REALM, –, –, zero
      P, 1, DATA, REALM, A, IPA IPA, L3[0] ASSIGNED DESTROYED, zero
    firmware: 3 runs, 7 pages
      A, 1, RD, REALM, –, –, zero
      A + 8K .. A + 24K, 4, RTT, REALM, –, –, zero
      A + 64K .. A + 72K, 2, RTT, REALM, –, –, zero
    transition realm: 0 runs, 0 pages
    nothing: 0 runs, 0 pages"
  `);
});

test('one page in all its places', () => {
  const { stepper, source } = sample('09-unprotected-mapping');
  const found: string[] = [];
  for (const moment of moments({ stepper, source })) {
    if (moment.focus)
      found.push(`step ${moment.step.n} ${moment.step.call}\n${placesText(source.places(1, moment.focus))}`);
  }
  expectGolden(path.join(import.meta.dirname, 'golden', 'places.txt'), `${found.join('\n')}\n`);
});

test('steps that touch a page', () => {
  const { stepper, source } = scenario(
    'let A = 0x8800_0000\nfor i in 0 .. 3 {\n  RMI_GRANULE_DELEGATE(A)\n  RMI_GRANULE_UNDELEGATE(A)\n}\nRMI_GRANULE_DELEGATE(A + 4K)\nread(A)\n',
  );
  while (!stepper.ended) stepper.continue();
  expect(source.touches({ kind: 'frame', object: 'granules', at: 0x8800_0000 })).toEqual([1, 2, 3, 4, 5, 6, 8]);
});

test('inside a command the panel shows what is written so far', () => {
  const { stepper, source } = scenario('RMI_GRANULE_DELEGATE(0x8800_0000)\n');
  const told = Array.from({ length: 8 }, (_, i) => {
    stepper.stepIn();
    const { step, changes, totals } = source.moment(i);
    return `${step.result} ${changes.map(({ field }) => field).join(', ')} ${totals.host} host ${totals.transition} transition`;
  });
  expect(told.join('\n')).toMatchInlineSnapshot(`
    "…  0 host 0 transition
    …  0 host 0 transition
    …  0 host 0 transition
    …  0 host 0 transition
    …  0 host 0 transition
    … GPT 1 host 0 transition
    … GPT, granule 0 host 1 transition
    RMI_SUCCESS GPT, granule 0 host 1 transition"
  `);
});

test('a place in time is told the same whichever way led there', () => {
  const names = ['02-realm', '07-destructive-conversion', '09-unprotected-mapping', '10-fold-unfold', '12-teardown'];
  const movement = fc.constantFrom(
    'next',
    'stepIn',
    'stepOut',
    'back',
    'continue',
    'reverseContinue',
    'stepBackward',
    'stepForward',
  );
  const property = fc.property(
    fc.constantFrom(...names),
    fc.array(movement, { maxLength: 40 }),
    fc.nat(40),
    (name, movements, start) => {
      const { stepper, source } = sample(name);
      stepper.gotoStep(start);
      source.moment(0);
      for (const one of movements) {
        stepper[one]();
        source.now();
      }
      if (stepper.listing) stepper.stepOut();
      const other = sample(name);
      other.stepper.goto(stepper.position.moment);
      const told = (from: Opened) => ({
        ...from.source.moment(1),
        reached: 0,
        total: 0,
        rows: from.source.runs(1, { from: 0, count: 100 }, ''),
      });
      expect(told({ stepper, source })).toEqual(told(other));
    },
  );
  fc.assert(property, { numRuns: 60 });
});
