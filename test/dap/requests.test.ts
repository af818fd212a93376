// Any message to the session inside the extension host: it is answered or refused, and nothing ever throws.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScenarioSession } from '../../server/src/dap/session.ts';

const SCENARIO = `scenario "any"
let A = 0x8800_0000
def give(x) {
  RMI_GRANULE_DELEGATE(x)
}
give(A)
RMI_GRANULE_DELEGATE(A +: 8K)
for off in 0 .. 8K step 4K {
  RMI_GRANULE_UNDELEGATE(A + off)
}
expect granule(A) is DELEGATED
`;

const COMMANDS = [
  ...['initialize', 'configurationDone', 'restart', 'terminate', 'threads', 'attach', 'cancel'],
  ...['next', 'stepIn', 'stepOut', 'stepBack', 'continue', 'reverseContinue', 'pause', 'goto'],
  ...[
    'setBreakpoints',
    'setFunctionBreakpoints',
    'setDataBreakpoints',
    'dataBreakpointInfo',
    'setExceptionBreakpoints',
    'breakpointLocations',
  ],
  ...['stackTrace', 'scopes', 'variables', 'evaluate', 'source', 'exceptionInfo', 'completions'],
  ...[
    'cocoscn/moment',
    'cocoscn/runs',
    'cocoscn/changes',
    'cocoscn/places',
    'cocoscn/touches',
    'cocoscn/goto',
    'cocoscn/failure',
    'cocoscn/watch',
    'cocoscn/writer',
    'cocoscn/expectation',
    'cocoscn/density',
    'cocoscn/steps',
  ],
  ...['constructor', '__proto__', ''],
];

const FIELDS = {
  threadId: [1],
  granularity: ['instruction', 'statement'],
  source: [{ path: '/any.cocoscn' }, { sourceReference: 1 }],
  breakpoints: [
    [{ line: 4 }],
    [{ line: 9, condition: 'off == 4K' }],
    [{ name: 'give' }],
    [{ line: 7, hitCondition: '2' }],
    [{ dataId: '["frame","granules",2281701376]', condition: 'granule(A) is DELEGATED' }],
    [{ dataId: '["entry","A",0]', hitCondition: '> 1' }],
  ],
  line: [1, 8],
  filters: [['failure'], []],
  variablesReference: [1, 2, 5, 6],
  frameId: [1, 2],
  name: ['A', 'granule(A)', 'hipas(A, 0)', '0x8800_0000 (A)'],
  expression: ['granule(A)', 'A +: 8K', 'off', 'A is'],
  revision: [1, 2, 3],
  from: [0],
  count: [10],
  filter: ['', 'host realm'],
  page: [
    { kind: 'frame', object: 'granules', at: 0x8800_0000 },
    { kind: 'entry', object: 'A', at: 0, level: 3 },
  ],
  step: [0, 2, 99],
  direction: ['next', 'previous'],
};

const fields = fc.record(
  Object.fromEntries(
    Object.entries(FIELDS).map(([name, values]) => [
      name,
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom<unknown>(...values) }, fc.jsonValue({ maxDepth: 2 })),
    ]),
  ),
  { requiredKeys: [] },
);
const args = fc.oneof({ weight: 9, arbitrary: fields }, fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined));
const request = fc.record({ command: fc.constantFrom(...COMMANDS), arguments: args });

interface Message {
  readonly type: string;
  readonly request_seq?: number;
  readonly message?: string;
  readonly body?: { readonly output?: string };
}

/** A launched session and what it sent. */
async function launched(): Promise<{ session: ScenarioSession; sent: Message[] }> {
  const opened = { name: 'any.cocoscn', folder: '/', text: SCENARIO, resolver: () => ({ problem: 'none' }) };
  const session = new ScenarioSession(async () => opened);
  const sent: Message[] = [];
  session.onDidSendMessage((message) => sent.push(message as Message));
  session.handleMessage({
    seq: 0,
    type: 'request',
    command: 'launch',
    arguments: { program: '/any.cocoscn' },
  } as never);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return { session, sent };
}

test('every request has one answer, and none is the mistake of the debugger', async () => {
  const property = fc.asyncProperty(fc.array(request, { maxLength: 30 }), async (requests) => {
    const { session, sent } = await launched();
    requests.forEach((one, i) => {
      session.handleMessage({ seq: i + 1, type: 'request', ...one } as never);
    });
    await new Promise((resolve) => setTimeout(resolve, 2));
    const answers = sent.filter(({ type }) => type === 'response').map(({ request_seq }) => request_seq);
    expect(answers.toSorted((a, b) => Number(a) - Number(b))).toEqual([0, ...requests.map((_, i) => i + 1)]);
    expect(sent.filter(({ message, body }) => /mistake|went wrong/.test(`${message} ${body?.output}`))).toEqual([]);
  });
  await fc.assert(property, { numRuns: 200 });
}, 60_000);

test('what is no message is told in the console', async () => {
  const { session, sent } = await launched();
  for (const value of [null, 7, [], {}, { type: 'request' }, { type: 'event' }]) session.handleMessage(value as never);
  expect(sent.filter(({ body }) => body?.output === 'a message was ignored: it is no request\n')).toHaveLength(6);
});
