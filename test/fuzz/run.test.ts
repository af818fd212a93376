// Whatever a scenario does, compiling and running it never throws, ends within its budget, and goes back the way it came.
// Hundreds of scenarios are run, each three times through, which takes a second and more.
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { fileResolver } from '../../server/src/edge/files.ts';
import { OPERATIONS, type Parameter, VIEWS } from '../../server/src/emulator/index.ts';
import { type Analysis, analyse, problemsOf } from '../../server/src/features/analysis.ts';
import { entryAt } from '../../server/src/report/trace.ts';
import { MOST_PROBLEMS } from '../../server/src/scenario/index.ts';
import { SAMPLES, samples } from './edits.ts';

vi.setConfig({ testTimeout: 60_000 });

const resolver = fileResolver(SAMPLES);
/** Moments of one run that are looked at; a mutated loop may have a million. */
const MOMENTS = 3000;

/** Few pages, so that calls meet the same ones in many states; now and then an address that is none. */
const pa = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 11 }).map((page) => 0x8800_0000 + page * 4096) },
  { weight: 1, arbitrary: fc.constantFrom(0x8800_0001, 0, 0x1_8000_0000, 0xffff_ffff_ffff_f000n, 2 ** 48) },
);
const ipa = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 3 }).map((page) => page * 4096) },
  { weight: 3, arbitrary: fc.constantFrom(0x20_0000, 0x4000_0000, 2 ** 39, 2 ** 39 + 4096, 2 ** 40 - 4096) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2 ** 40, 0xffff_ffff_ffff_ffffn) },
);
const hex = (value: number | bigint) => `0x${value.toString(16)}`;

function argument({ type, flags, structure }: Parameter): fc.Arbitrary<string> {
  if (structure) {
    const fields = fc.tuple(fc.constantFrom(...Object.keys(structure.fields)), fc.oneof(pa, fc.nat(3)));
    return fields.map(([field, value]) => `{${field}: ${hex(value)}}`);
  }
  if (flags) return fc.oneof(fc.constantFrom(...Object.keys(flags)), fc.nat(3).map(String));
  if (type === 'level') return fc.integer({ min: -1, max: 4 }).map(String);
  if (type === 'ipa') return ipa.map(hex);
  return fc.oneof(
    { weight: 8, arbitrary: pa.map(hex) },
    { weight: 1, arbitrary: pa.map((base) => `${hex(base)} +: 8K`) },
    { weight: 1, arbitrary: pa.map((base) => `${hex(base)} + 0xd8`) },
  );
}

const call = fc
  .constantFrom(...OPERATIONS.values())
  .chain(({ name, params }) => fc.tuple(...params.map(argument)).map((args) => `${name}(${args.join(', ')}) = *`));

const view = fc
  .constantFrom(...VIEWS.values())
  .chain(({ name, params, states }) =>
    fc
      .tuple(fc.tuple(...params.map(argument)), fc.constantFrom(...(states.length > 0 ? states : ['none'])))
      .map(([args, state]) => `expect ${name}(${args.join(', ')}) is ${state}`),
  );

const inject = fc
  .constantFrom(...OPERATIONS.keys())
  .chain((name) => fc.integer({ min: 1, max: 4 }).map((nth) => `inject ${name} nth ${nth} = RMI_ERROR_INPUT`));

const line = fc.oneof(
  { weight: 20, arbitrary: call },
  { weight: 3, arbitrary: view },
  { weight: 1, arbitrary: inject },
  { weight: 1, arbitrary: call.map((text) => `for i in 0 .. 3 {\n${text}\n}`) },
  { weight: 1, arbitrary: call.map((text) => `x := ${text}`) },
);

/** A realm to begin with, so that what follows has something to break. */
const BEGIN = `scenario "soup"
RMI_GRANULE_DELEGATE(0x8800_0000 +: 40K)
RMI_REALM_CREATE(0x8800_0000, {s2sz: 40, rtt_num_start: 2, rtt_base: 0x8800_2000})
RMI_RTT_CREATE(0x8800_0000, 0x8800_4000, 0, 2)
RMI_RTT_CREATE(0x8800_0000, 0x8800_5000, 0, 3)
`;

test('the realm that a soup begins with stands', () => {
  const analysis = analyse('begin.cocoscn', BEGIN, resolver);
  while (analysis.run.advance());
  expect(problemsOf(analysis)).toEqual([]);
});

/** Runs forwards, back and forwards again; the state at every moment must be the same each time. */
function walk({ run, ...rest }: Analysis): void {
  const hashes: string[] = [run.machine.store.hash];
  while (run.now < MOMENTS && run.advance()) {
    hashes.push(run.machine.store.hash);
    entryAt(run, run.now);
    expect(run.machine.store.hash).toBe(hashes.at(-1));
  }
  for (let moment = run.now; moment >= 0; moment--) {
    run.seek(moment);
    expect(run.machine.store.hash).toBe(hashes[moment]);
  }
  for (let moment = 1; moment < hashes.length; moment++) {
    expect(run.advance()).toBe(true);
    expect(run.machine.store.hash).toBe(hashes[moment]);
  }
  expect(problemsOf({ run, ...rest }).length).toBeLessThanOrEqual(3 * MOST_PROBLEMS);
}

test('soups of calls', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      walk(analyse('soup.cocoscn', BEGIN + lines.join('\n'), resolver));
    }),
    { numRuns: 150 },
  );
});

/** One change of a text: a piece taken out, doubled, or put in from another sample. */
const mutation = fc.record({
  kind: fc.constantFrom('cut', 'double', 'graft', 'digit'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 40 }),
  from: fc.nat(),
});

function mutated(
  text: string,
  { kind, at, length, from }: typeof mutation extends fc.Arbitrary<infer T> ? T : never,
): string {
  const start = at % (text.length + 1);
  const piece = text.slice(start, start + length);
  const [before, after] = [text.slice(0, start), text.slice(start)];
  switch (kind) {
    case 'cut':
      return before + after.slice(length);
    case 'double':
      return before + piece + after;
    case 'digit':
      return before + after.replace(/\d/, String(from % 10));
    default: {
      const other = samples[from % samples.length] ?? '';
      return before + other.slice(at % other.length, (at % other.length) + length) + after;
    }
  }
}

test('samples with pieces missing, doubled or from elsewhere', () => {
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.array(mutation, { minLength: 1, maxLength: 8 }), (text, mutations) => {
      walk(analyse('mutated.cocoscn', mutations.reduce(mutated, text), resolver));
    }),
    { numRuns: 150 },
  );
});
