// Stepping through runs in both directions, without a protocol.
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { analyse } from '../../server/src/features/analysis.ts';
import { Breakpoints, Stepper, type Stop, type Wanted } from '../../server/src/run/index.ts';
import { ask } from '../../server/src/scenario/index.ts';

// Properties are tried hundreds of times, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const SCENARIO = `scenario "two realms' worth of granules"
let A = 0x8800_0000
let N = 4
def give(x) {
  RMI_GRANULE_DELEGATE(x)
  expect granule(x) is DELEGATED
}
give(A)
RMI_GRANULE_DELEGATE(A + 4K +: 12K)
RMI_GRANULE_DELEGATE(A)
for off in 0 .. 8K step 4K {
  RMI_GRANULE_UNDELEGATE(A + off)
}
give(A + 4K)
give(A + 4K)
`;

function stepperOf(text: string, ...wanted: Wanted[]): { stepper: Stepper; breakpoints: Breakpoints } {
  const { run } = analyse('a.cocoscn', text, () => ({ problem: 'there is no such file' }));
  let breakpoints: Breakpoints | undefined;
  const stepper = new Stepper(run, (timeline) => {
    breakpoints = new Breakpoints(timeline);
    return breakpoints;
  });
  if (!breakpoints) throw new Error('the stepper made no breakpoints');
  breakpoints.set('a', wanted);
  stepper.start(true);
  return { stepper, breakpoints };
}

type Movement =
  | 'next'
  | 'stepIn'
  | 'stepOut'
  | 'back'
  | 'continue'
  | 'reverseContinue'
  | 'stepForward'
  | 'stepBackward';

/** `next: step, line 8`, and inside a command the line of its listing. */
function told(stepper: Stepper, name: string, { reason, description }: Stop): string {
  const { site, listing } = stepper;
  const line = site ? `line ${site.file.line(site.span.start)}` : 'nowhere';
  const place = listing ? `${line}: ${listing.listing.lines[listing.line - 1]?.trim()}` : line;
  const why = reason === 'exception' ? ` (${description})` : '';
  return `${name}: ${reason}${why}, ${place}`;
}

const walk = (stepper: Stepper, ...movements: Movement[]) =>
  movements.map((movement) => told(stepper, movement, stepper[movement]())).join('\n');

describe('forward', () => {
  test('next goes over a sequence, over a range, and stops at a failure', () => {
    const { stepper } = stepperOf(SCENARIO);
    expect(
      walk(stepper, 'next', 'next', 'next', 'next', 'next', 'next', 'next', 'next', 'next'),
    ).toMatchInlineSnapshot(`
      "next: step, line 9
      next: step, line 10
      next: exception (RMI_GRANULE_DELEGATE returned RMI_ERROR_INPUT), line 10
      next: step, line 11
      next: step, line 12
      next: step, line 12
      next: step, line 14
      next: step, line 15
      next: exception (RMI_GRANULE_DELEGATE returned RMI_ERROR_INPUT), line 5"
    `);
  });

  test('the end is a stop from which one can go back', () => {
    const { stepper } = stepperOf('scenario "one"\nRMI_GRANULE_DELEGATE(0x8800_0000)\n');
    expect(walk(stepper, 'next', 'next', 'back', 'back')).toMatchInlineSnapshot(`
      "next: end, line 2
      next: end, line 2
      back: step, line 2
      back: start, line 2"
    `);
  });

  test('into a sequence and out of it', () => {
    const { stepper } = stepperOf(SCENARIO);
    expect(walk(stepper, 'stepIn', 'next', 'stepOut', 'back', 'stepIn', 'stepOut')).toMatchInlineSnapshot(`
      "stepIn: step, line 5
      next: step, line 6
      stepOut: step, line 9
      back: step, line 8
      stepIn: step, line 5
      stepOut: step, line 9"
    `);
  });

  test('into a command, line by line, and back out at its beginning', () => {
    const { stepper } = stepperOf(SCENARIO);
    stepper.stepIn();
    const into = walk(stepper, 'stepIn', 'stepIn', 'stepIn', 'stepIn', 'stepIn', 'stepIn', 'back', 'stepIn');
    expect(into).toMatchInlineSnapshot(`
      "stepIn: step, line 5: ✓ gran_align  addr is aligned to 4 KiB
      stepIn: step, line 5: ✓ gran_bound  addr is delegable memory
      stepIn: step, line 5: ✓ gran_state  granule addr is UNDELEGATED
      stepIn: step, line 5: ✓ gran_gpt    the GPT entry of addr is NS
      stepIn: step, line 5: GPT 0x8800_0000: NS -> REALM
      stepIn: step, line 5: granule 0x8800_0000: UNDELEGATED -> DELEGATED
      back: step, line 5: GPT 0x8800_0000: NS -> REALM
      stepIn: step, line 5: granule 0x8800_0000: UNDELEGATED -> DELEGATED"
    `);
    expect(walk(stepper, 'back', 'back')).toMatchInlineSnapshot(`
      "back: step, line 5: GPT 0x8800_0000: NS -> REALM
      back: step, line 5: ✓ gran_gpt    the GPT entry of addr is NS"
    `);
  });

  test('a refused command shows the check that refused it, and no change', () => {
    const { stepper } = stepperOf(SCENARIO);
    stepper.next();
    stepper.next();
    expect(walk(stepper, 'stepIn', 'next', 'next', 'next', 'next', 'back')).toMatchInlineSnapshot(`
      "stepIn: step, line 10: ✓ gran_align  addr is aligned to 4 KiB
      next: step, line 10: ✓ gran_bound  addr is delegable memory
      next: step, line 10: ✗ gran_state  granule addr is UNDELEGATED -> RMI_ERROR_INPUT
      next: step, line 10: = RMI_ERROR_INPUT
      next: exception (RMI_GRANULE_DELEGATE returned RMI_ERROR_INPUT), line 10
      back: step, line 10"
    `);
  });
});

test('between two writes the machine shows the first alone', () => {
  const { stepper } = stepperOf('scenario "one"\nRMI_GRANULE_DELEGATE(0x8800_0000)\n');
  const { granules } = stepper.run.machine.rmm;
  const states: string[] = [];
  for (let i = 0; i < 9; i++) {
    const { listing } = stepper;
    states.push(`${listing?.line ?? '-'} ${granules.state(0x8800_0000)} ${granules.gpt(0x8800_0000)}`);
    stepper.stepIn();
  }
  expect(states.join('\n')).toMatchInlineSnapshot(`
    "- UNDELEGATED NS
    3 UNDELEGATED NS
    4 UNDELEGATED NS
    5 UNDELEGATED NS
    6 UNDELEGATED NS
    7 UNDELEGATED NS
    8 UNDELEGATED REALM
    9 DELEGATED REALM
    - DELEGATED REALM"
  `);
});

test('a run that has used its budget ends there, and can be gone back', () => {
  const { stepper } = stepperOf('scenario "long"\nfor i in 0 .. 1000000 {\n  read(0x8000_0000)\n}\n');
  const { reason, description } = stepper.continue();
  expect(`${reason}: ${description}`).toMatchInlineSnapshot(
    `"end: the run ends here: the run has more than 1000000 steps"`,
  );
  expect(walk(stepper, 'back', 'next', 'next')).toMatchInlineSnapshot(`
    "back: step, line 3
    next: step, line 3
    next: end, line 3"
  `);
});

test('a question about a range uses nothing of the budget', () => {
  const { stepper } = stepperOf(SCENARIO);
  const question = ask('granule(A +: 1M) is UNDELEGATED', stepper.timeline.nextAt(0));
  if ('problem' in question) throw new Error(question.problem);
  expect(stepper.run.answer(question)).toBe(true);
  expect(stepper.run.log.looks).toBe(0);
});

describe('breakpoints', () => {
  const onLine = (line: number, more: object = {}): Wanted => ({ place: { path: 'a.cocoscn', line }, ...more });

  test('stop at a line in both directions, and within what next goes over', () => {
    const { stepper } = stepperOf(SCENARIO, onLine(6));
    expect(
      walk(stepper, 'next', 'continue', 'continue', 'continue', 'reverseContinue', 'reverseContinue'),
    ).toMatchInlineSnapshot(`
      "next: breakpoint, line 6
      continue: exception (RMI_GRANULE_DELEGATE returned RMI_ERROR_INPUT), line 10
      continue: breakpoint, line 6
      continue: exception (RMI_GRANULE_DELEGATE returned RMI_ERROR_INPUT), line 5
      reverseContinue: breakpoint, line 6
      reverseContinue: breakpoint, line 6"
    `);
  });

  test('move to the next line that has a statement', () => {
    const { breakpoints } = stepperOf(SCENARIO);
    const lines = breakpoints.set(
      'b',
      [1, 4, 7, 13, 16].map((line) => onLine(line)),
    );
    expect(lines.map(({ line, problem }) => line ?? problem)).toMatchInlineSnapshot(`
      [
        5,
        5,
        8,
        14,
        "no statement that is executed stands on this line or below",
      ]
    `);
  });

  test('stop at an operation by name', () => {
    const { stepper } = stepperOf(SCENARIO, { place: { name: 'RMI_GRANULE_UNDELEGATE' } });
    stepper.stopOnFailure = false;
    expect(walk(stepper, 'continue', 'continue', 'continue')).toMatchInlineSnapshot(`
      "continue: breakpoint, line 12
      continue: breakpoint, line 12
      continue: end, line 6"
    `);
  });

  test('stop where a condition holds, or at an arrival', () => {
    const { stepper } = stepperOf(SCENARIO, onLine(12, { condition: 'off == 4K' }), onLine(5, { hits: '2' }));
    stepper.stopOnFailure = false;
    expect(walk(stepper, 'continue', 'continue', 'continue')).toMatchInlineSnapshot(`
      "continue: breakpoint, line 12
      continue: breakpoint, line 5
      continue: end, line 6"
    `);
  });

  test('say why they cannot be', () => {
    const { breakpoints } = stepperOf(SCENARIO);
    const wanted = [onLine(8, { condition: 'nothing == 1' }), onLine(8, { condition: '==' }), onLine(8, { hits: 'x' })];
    const problems = breakpoints.set('b', [...wanted, { place: { name: 'RMI_X' } }]).map(({ problem }) => problem);
    expect(problems).toMatchInlineSnapshot(`
      [
        "nothing is not known here",
        "A value must stand here, not \`==\`.",
        ""x" is no count: write 5, >= 5 or % 5",
        "the scenario never calls RMI_X",
      ]
    `);
  });

  test('behind a failure stop at the statement that follows', () => {
    const { stepper } = stepperOf(SCENARIO, onLine(11));
    expect(walk(stepper, 'continue', 'continue')).toMatchInlineSnapshot(`
      "continue: exception (RMI_GRANULE_DELEGATE returned RMI_ERROR_INPUT), line 10
      continue: breakpoint, line 11"
    `);
  });
});

describe('exactness', () => {
  const statement = fc.constantFrom(
    'RMI_GRANULE_DELEGATE(A)',
    'RMI_GRANULE_UNDELEGATE(A)',
    'RMI_GRANULE_DELEGATE(A +: 16K)',
    'RMI_GRANULE_UNDELEGATE(A + 4K +: 8K)',
    'expect granule(A) is DELEGATED',
    'give(A)',
    'both(A)',
    'for off in 0 .. 12K step 4K {\n  RMI_GRANULE_DELEGATE(A + off)\n}',
    'for off in 0 .. 8K step 4K {\n  give(A + off)\n}',
  );
  const scenario = fc.array(statement, { minLength: 1, maxLength: 8 }).map(
    (statements) => `scenario "any"
let A = 0x8800_0000
def give(x) {
  RMI_GRANULE_DELEGATE(x)
  expect granule(x) is DELEGATED
}
def both(x) {
  give(x)
  RMI_GRANULE_UNDELEGATE(x)
}
${statements.join('\n')}
`,
  );
  const store = (stepper: Stepper) => stepper.run.machine.store;
  const place = (stepper: Stepper) => `${JSON.stringify(stepper.position)} ${store(stepper).hash}`;

  /** Goes `n` movements on and as many back, through the same places; then on again to the same place. */
  function thereAndBack(stepper: Stepper, n: number, on: 'next' | 'stepForward', back: 'back' | 'stepBackward'): void {
    const places = [place(stepper)];
    while (places.length <= n && !stepper.ended) {
      stepper[on]();
      places.push(place(stepper));
    }
    for (const expected of places.slice(0, -1).reverse()) {
      stepper[back]();
      expect(place(stepper)).toBe(expected);
    }
    for (let i = 1; i < places.length; i++) stepper[on]();
    expect(place(stepper)).toBe(places.at(-1));
  }

  test('n statements forward, back and forward again end in the same state', () => {
    const property = fc.property(scenario, fc.nat(20), (text, n) => {
      const { stepper } = stepperOf(text);
      stepper.stopOnFailure = false;
      thereAndBack(stepper, n, 'next', 'back');
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('back leads to where next leads here again, through failures inside sequences too', () => {
    const property = fc.property(scenario, fc.nat(20), (text, n) => {
      const { stepper } = stepperOf(text);
      for (let i = 0; i <= n && !stepper.ended; i++) stepper.next();
      const here = place(stepper);
      stepper.back();
      expect(place(stepper)).not.toBe(here);
      for (let i = 0; i < 30 && place(stepper) !== here; i++) stepper.next();
      expect(place(stepper)).toBe(here);
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('any movements lead to a place that goto shows alike', () => {
    const movement = fc.constantFrom<Movement>(
      'next',
      'stepIn',
      'stepOut',
      'back',
      'continue',
      'reverseContinue',
      'stepForward',
      'stepBackward',
    );
    const property = fc.property(
      scenario,
      fc.array(movement, { maxLength: 25 }),
      fc.nat(9),
      (text, movements, line) => {
        const { stepper } = stepperOf(text, { place: { path: 'a.cocoscn', line } });
        for (const name of movements) stepper[name]();
        if (stepper.listing) stepper.stepOut();
        const { moment } = stepper.position;
        const hash = store(stepper).hash;
        const other = stepperOf(text).stepper;
        other.goto(moment);
        expect(store(other).hash).toBe(hash);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});

const ENTRY = `scenario "a REC that runs"
let RD = 0x8800_0000
let RTT = 0x8800_2000
let REC = 0x8801_0000
RMI_GRANULE_DELEGATE(RD)
RMI_GRANULE_DELEGATE(RTT +: 8K)
RMI_GRANULE_DELEGATE(REC +: 68K)
RMI_REALM_CREATE(RD, {s2sz: 40, rtt_level_start: 1, rtt_num_start: 2, rtt_base: RTT, vmid: 1})
RMI_REC_CREATE(RD, REC, {flags: runnable, num_aux: 16, aux: REC + 4K})
RMI_REALM_ACTIVATE(RD)
RMI_REC_ENTER(REC, {})
  < PSCI_VERSION()
  > RMI_REC_DESTROY(REC) = RMI_ERROR_REC
  < WFI()
expect realm(RD) is ACTIVE
`;

describe('lines below a call', () => {
  test('next goes over the entry, step in goes into its lines and out again', () => {
    const { stepper } = stepperOf(ENTRY);
    const six = Array.from({ length: 6 }, (): Movement => 'next');
    expect(
      walk(stepper, ...six, 'next', 'back', 'stepIn', 'next', 'next', 'next', 'back', 'stepOut'),
    ).toMatchInlineSnapshot(`
      "next: step, line 6
      next: step, line 7
      next: step, line 8
      next: step, line 9
      next: step, line 10
      next: step, line 11
      next: step, line 15
      back: step, line 11
      stepIn: step, line 12
      next: step, line 13
      next: step, line 14
      next: step, line 15
      back: step, line 11
      stepOut: end, line 15"
    `);
  });
});
