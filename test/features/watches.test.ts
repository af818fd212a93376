// Stops at changes of a page or an entry: going forward the first time, going back, and the history name the same moments.
// Takes some seconds: one of the runs has three hundred thousand steps.
import { expect, test } from 'vitest';
import { analyse } from '../../server/src/features/analysis.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import type { Place } from '../../server/src/features/panel-model.ts';
import { changesOf, watchedAt, watchedBy } from '../../server/src/features/watches.ts';
import { Breakpoints, type Changes, Stepper, type Stop } from '../../server/src/run/index.ts';
import { leaked, pinned, populated, punched } from './kernel-scenarios.ts';

interface Session {
  readonly stepper: Stepper;
  readonly source: MomentSource;
  readonly breakpoints: Breakpoints;
}

function session(text: string): Session {
  const { run } = analyse('a.cocoscn', text, () => ({ problem: 'none' }));
  const watched = new Map<string, Changes>();
  const found = (data: string): Changes | undefined => {
    const told = watchedBy(source, data);
    const changes = watched.get(data) ?? (told && changesOf(source, told));
    if (changes) watched.set(data, changes);
    return changes;
  };
  const stepper = new Stepper(run, (timeline) => new Breakpoints(timeline, found));
  const source: MomentSource = new MomentSource(stepper, { session: 'test', pathOf: (file) => file.path });
  return { stepper, source, breakpoints: stepper.breakpoints as Breakpoints };
}

/** Where it stops at changes, from where it stands to the end or the beginning. */
function stops({ stepper }: Session, go: () => Stop): number[] {
  const moments: number[] = [];
  for (;;) {
    const { reason } = go();
    if (reason === 'end' || reason === 'start') return moments;
    if (reason === 'data breakpoint') moments.push(stepper.position.moment);
    if (stepper.ended) return moments;
  }
}

function sameBothWays(text: string, data: string): number[] {
  const one = session(text);
  one.stepper.start(true);
  one.breakpoints.set('*', [{ place: { data } }]);
  const forward = stops(one, () => one.stepper.continue());
  const last = one.stepper.position.moment;
  const back = stops(one, () => one.stepper.reverseContinue());
  const again = stops(one, () => one.stepper.continue());
  expect([...back.reverse(), ...(forward.at(-1) === last ? [last] : [])]).toEqual(forward);
  expect(again).toEqual(forward);
  return forward;
}

const kernel = { pinned, punched, leaked, populated };

for (const [name, text] of Object.entries(kernel)) {
  test(`the same stops both ways: ${name}`, () => {
    const found = [0, 4096, 8192, 65536].flatMap((at) =>
      sameBothWays(text, JSON.stringify(['gmem', 'gm', at])).map((moment) => [at, moment] as const),
    );
    expect(found.length).toBeGreaterThan(10);
    // They are what the history of the page has as changes.
    const whole = session(text);
    while (!whole.stepper.ended) whole.stepper.continue();
    const page: Place = { kind: 'gmem', object: 'gm', at: 4096 };
    const steps = whole.source.touches(page);
    for (const [at, moment] of found) if (at === 4096) expect(steps).toContain(whole.stepper.run.log.step(moment));
  });
}

const loop = (count: number, body: string) => `scenario "long"
let A = 0x8800_0000
let B = 0x8800_1000
for i in 0 .. ${count} {
${body}
}
RMI_GRANULE_DELEGATE(A)
`;

test('a long run stops at the one change, and does not execute much more than it went through', () => {
  const text = loop(150_000, '  RMI_GRANULE_DELEGATE(B)\n  RMI_GRANULE_UNDELEGATE(B)');
  const one = session(text);
  one.stepper.start(true);
  one.stepper.slice = 20_000;
  const [a, b] = [0x8800_0000, 0x8800_1000].map((at) => JSON.stringify(['frame', 'granules', at]));
  one.breakpoints.set('*', [{ place: { data: b as string } }]);
  expect(one.stepper.continue()).toMatchObject({
    reason: 'data breakpoint',
    description: 'B: GPT NS -> REALM, granule UNDELEGATED -> DELEGATED',
  });
  expect(one.stepper.run.log.step(one.stepper.position.moment)).toBe(1);
  expect(one.stepper.run.reached).toBeLessThan(100);
  one.breakpoints.set('*', [{ place: { data: a as string } }]);
  let stop = one.stepper.continue();
  while (one.stepper.isGoing) stop = one.stepper.go();
  expect(stop.reason).toBe('data breakpoint');
  expect(one.stepper.run.log.step(one.stepper.position.moment)).toBe(300_001);
  expect(one.stepper.reverseContinue().reason).toBe('start');
}, 30_000);

test('a page that gets another frame thousands of times', () => {
  const again = `for i in 0 .. 3000 {\n  write(m[60K], i)\n  fallocate(gm, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 60K, 4K)\n}\n`;
  const { stepper, breakpoints } = session(`${leaked}${again}`);
  while (!stepper.ended) stepper.continue();
  breakpoints.set('*', [{ place: { data: JSON.stringify(['gmem', 'gm', 60 * 1024]) } }]);
  expect(stepper.reverseContinue()).toMatchObject({
    reason: 'data breakpoint',
    description: 'gm[60K]: used for detached -> free, folio flags uptodate -> none',
  });
}, 30_000);

test('a pause stops where a change should have', () => {
  const one = session(loop(1000, '  RMI_GRANULE_DELEGATE(B)\n  RMI_GRANULE_UNDELEGATE(B)'));
  one.stepper.start(true);
  one.stepper.slice = 10;
  one.breakpoints.set('*', [{ place: { data: JSON.stringify(['frame', 'granules', 0x8800_1000]) } }]);
  one.stepper.continue();
  expect(one.stepper.isGoing).toBe(true);
  expect(one.stepper.pause().reason).toBe('data breakpoint');
  expect(one.stepper.run.log.step(one.stepper.position.moment)).toBe(1);
});

test('what is watched at a place', () => {
  const { stepper, source } = session(populated);
  while (!stepper.ended) stepper.continue();
  const told = (kind: Place['kind'], object: string, at: number) => watchedAt(source, { kind, object, at })?.text;
  expect([
    told('gmem', 'gm', 0),
    told('mapping', 'src', 4096),
    told('gpa', 'vm', 0x8000_0000),
    told('gmem', 'gm', 2 ** 40),
    told('gpa', 'nobody', 0),
    told('frame', 'granules', 0),
  ]).toEqual(['gm[0]', 'src[4K]', 'gm[0]', undefined, undefined, undefined]);
});

test('texts that are no name of a thing', () => {
  const { source } = session(loop(1, ''));
  for (const data of [
    '',
    '[]',
    '{}',
    '["frame"]',
    '["frame","",-1]',
    '["gmem",7,0]',
    '["cloud","gm",0]',
    '["entry","R",0,-1]',
  ])
    expect(watchedBy(source, data)).toBeUndefined();
});
