// Debug sessions over stdio with a real client, held against transcripts that were read.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { expectGolden } from '../golden.ts';
import { Transcript } from './transcript.ts';

const SCENARIO = `scenario "a granule is given twice"
let A = 0x8800_0000
let POOL = 0x8900_0000 +: 64K
def give(x) {
  RMI_GRANULE_DELEGATE(x)
  expect granule(x) is DELEGATED
}
give(A)
RMI_GRANULE_DELEGATE(POOL)
RMI_GRANULE_DELEGATE(A)
for off in 0 .. 8K step 4K {
  RMI_GRANULE_UNDELEGATE(0x8900_0000 + off)
}
expect granule(A) is DELEGATED
`;

// Each test starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let folder = '';
let session: Transcript;

beforeAll(() => {
  folder = `${fs.mkdtempSync(path.join(os.tmpdir(), 'cocoscn-'))}/`;
});
afterAll(() => fs.rmSync(folder, { recursive: true }));
afterEach(() => session.client.stop());

/** Writes a scenario and begins a session with it. */
async function begin(text: string, more: object = {}, before?: (program: string) => Promise<void>): Promise<string> {
  const program = path.join(folder, 'twice.cocoscn');
  fs.writeFileSync(program, text);
  session = new Transcript(folder);
  await session.launch(program, more, before && (() => before(program)));
  return program;
}

const golden = (name: string) => expectGolden(path.join(import.meta.dirname, 'golden', `${name}.txt`), session.text);

test('forward over sequences, ranges and a failure to the end, and back', async () => {
  await begin(SCENARIO);
  await session.go('next', 'next', 'next');
  await session.ask('exceptionInfo', { threadId: 1 });
  await session.go('next', 'next', 'next', 'next', 'next', 'stepBack', 'stepBack', 'next', 'next');
  await session.end('next');
  golden('forward-and-back');
});

test('into a sequence and a command, and out again', async () => {
  await begin(SCENARIO);
  await session.go('stepIn', 'stepIn');
  await session.stack();
  await session.ask('source', { sourceReference: 1 }, ({ content }) => content);
  await session.go('stepIn', 'stepIn', 'stepIn', 'stepIn', 'stepIn');
  await session.ask('evaluate', { expression: 'gpt(x)', frameId: 1 });
  await session.ask('evaluate', { expression: 'granule(x)', frameId: 1 });
  await session.go('stepBack', 'stepOut', 'stepBack', 'stepOut');
  golden('into-a-command');
});

test('continue to a failure, reverse to a breakpoint, restart', async () => {
  const program = await begin(SCENARIO, {}, async (file) => {
    await session.ask(
      'setBreakpoints',
      { source: { path: file }, breakpoints: [{ line: 4 }, { line: 12, condition: 'off == 4K' }] },
      shown,
    );
    await session.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'RMI_DATA_CREATE' }] }, shown);
  });
  await session.go(
    'continue',
    'continue',
    'continue',
    'continue',
    'reverseContinue',
    'reverseContinue',
    'reverseContinue',
  );
  fs.writeFileSync(program, SCENARIO.replace('RMI_GRANULE_DELEGATE(A)\n', ''));
  await session.go('restart', 'continue', 'continue');
  golden('breakpoints');
});

const shown = ({ breakpoints }: Record<string, unknown>) =>
  (breakpoints as DebugProtocol.Breakpoint[])
    .map(({ line, verified, message }) => message ?? `${line} ${verified}`)
    .join(', ');

test('without stopping at the entry, and without stopping at failures', async () => {
  await begin(SCENARIO, { stopOnEntry: false }, async () => {
    await session.ask('setExceptionBreakpoints', { filters: [] });
  });
  await session.end('continue');
  golden('no-stops');
});

test('without debugging', async () => {
  await begin(SCENARIO, { noDebug: true });
  golden('no-debug');
});

test('a long run is paused where it is, and goes on', async () => {
  await begin('scenario "long"\nfor i in 0 .. 300000 {\n  read(0x8000_0000)\n}\n');
  const { client } = session;
  const paused = client.waitForEvent('stopped');
  await client.continueRequest({ threadId: 1 });
  await expect(client.nextRequest({ threadId: 1 })).rejects.toThrow('the scenario is running: pause it first');
  await client.pauseRequest({ threadId: 1 });
  expect((await paused).body.reason).toBe('pause');
  const { body } = await client.stackTraceRequest({ threadId: 1 });
  expect(body.stackFrames[0]?.line).toBe(3);
  const ended = client.waitForEvent('stopped');
  await client.continueRequest({ threadId: 1 });
  expect((await ended).body).toMatchObject({ reason: 'end', description: 'the scenario ends here: everything holds' });
});

test('variables', async () => {
  await begin(SCENARIO);
  await session.go('next', 'next');
  const { body } = await session.client.scopesRequest({ frameId: 1 });
  for (const scope of body.scopes) {
    session.say(scope.name);
    await list(scope.variablesReference, '  ');
  }
  golden('variables');

  async function list(variablesReference: number, indent: string): Promise<void> {
    const args = { variablesReference, start: 0, count: 4 };
    for (const variable of (await session.client.variablesRequest(args)).body.variables) {
      const count = variable.indexedVariables === undefined ? '' : ` [${variable.indexedVariables}]`;
      session.say(`${indent}${variable.name}${count} = ${variable.value}`);
      if (variable.variablesReference > 0) await list(variable.variablesReference, `${indent}  `);
    }
  }
});

test('questions', async () => {
  await begin(SCENARIO);
  await session.go('next');
  for (const expression of [
    'A + 4K',
    'granule(A)',
    'granule(A) is DELEGATED',
    'POOL',
    'granule(NOTHING)',
    'A +',
    '',
    'x\ny',
  ]) {
    await session.ask('evaluate', { expression, context: 'repl' });
  }
  golden('questions');
});

test('a file that does not exist, and one without statements', async () => {
  session = new Transcript(folder);
  await session.client.start();
  await session.client.initializeRequest();
  await session.ask('launch', { program: path.join(folder, 'none.cocoscn') });
  const broken = path.join(folder, 'broken.cocoscn');
  fs.writeFileSync(broken, 'scenario "broken"\nRMI_GRANULE_DELEGAT(0)\n');
  await session.ask('launch', { program: broken });
  fs.writeFileSync(broken, 'scenario "nothing"\n');
  await session.ask('launch', { program: broken });
  golden('not-launched');
});

test('what is wrong before the run is told, and the rest runs', async () => {
  await begin('scenario "half"\nRMI_GRANULE_DELEGAT(0)\nRMI_GRANULE_DELEGATE(0x8800_0000)\n');
  await session.go('next');
  golden('half-broken');
});

test('malformed requests are refused, and the adapter lives on', async () => {
  await begin(SCENARIO);
  await session.ask('flyAway');
  await session.ask('hasOwnProperty');
  await session.ask('variables');
  await session.ask('variables', { variablesReference: -1 });
  await session.ask('variables', { variablesReference: 99 });
  await session.ask('evaluate', { expression: 7 });
  await session.ask('setBreakpoints', { source: 'here', breakpoints: [] });
  await session.ask('setBreakpoints', { source: { path: '/a' }, breakpoints: [{ line: 'x' }] });
  await session.ask('setExceptionBreakpoints', { filters: [1] });
  await session.ask('source', { sourceReference: 3 });
  await session.ask('stackTrace', { threadId: 1, startFrame: 'x' });
  await session.ask('cocoscn/runs', { revision: 0, from: 0, count: 1, filter: '' });
  await session.ask('cocoscn/places', { revision: 1, page: { kind: 'cloud', object: '', at: 0 } });
  await session.ask('cocoscn/goto', { step: null });
  await session.ask('launch', {});
  await session.go('next');
  golden('malformed');
});

test('bytes that are no message are skipped', async () => {
  await begin(SCENARIO);
  const { outputStream: stdin } = session.client as unknown as { readonly outputStream: NodeJS.WritableStream };
  for (const garbage of [
    'hello',
    'Content-Length: 3\r\n\r\n{]}',
    'Content-Length: 4\r\n\r\nnull',
    'Content-Length: 1\r\n\r\n7',
    '\u0000\r\n\r\n',
  ]) {
    stdin.write(garbage);
  }
  stdin.write('Content-Length: 999999999\r\n\r\n');
  await session.go('next', 'next');
  golden('garbage');
});

test('panels ask for moments, runs, places and touches, and go to a step', async () => {
  await begin(SCENARIO);
  const moment = session.client.waitForEvent('cocoscn/moment');
  await session.go('next');
  expect((await moment).body.step).toMatchObject({ n: 1, call: 'RMI_GRANULE_DELEGATE(A)', status: 'ok' });
  const page = { kind: 'frame', object: 'granules', at: 0x8800_0000 };
  await session.ask('cocoscn/runs', { revision: 2, from: 0, count: 10, filter: 'transition' }, ({ rows, total }) => ({
    rows,
    total,
  }));
  await session.ask('cocoscn/places', { revision: 2, page }, ({ title, state, frame }) => ({ title, state, frame }));
  await session.ask('cocoscn/touches', { revision: 2, page });
  const stopped = session.client.waitForEvent('stopped');
  await session.ask('cocoscn/goto', { step: 3 });
  session.say(`  stopped: ${(await stopped).body.reason}`);
  await session.ask('cocoscn/moment', {}, (body) => body.step);
  // Forward to the next failure, which is executed on the way, and back: there is none before it.
  for (const direction of ['next', 'previous']) {
    const moved = session.client.waitForEvent('stopped');
    await session.ask('cocoscn/failure', { direction });
    session.say(`  stopped: ${(await moved).body.reason}`);
    await session.ask('cocoscn/moment', {}, (body) => body.step);
  }
  golden('panels');
});
