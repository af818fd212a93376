// Stops at changes of pages and entries, over stdio with a real client, held against transcripts that were read.
// Takes seconds: each test starts a process.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { expectGolden } from '../golden.ts';
import { Transcript } from './transcript.ts';

vi.setConfig({ testTimeout: 30_000 });

const GRANULES = `scenario "two granules"
let A = 0x8800_0000
let B = 0x8800_1000
for i in 0 .. 3 {
  RMI_GRANULE_DELEGATE(B)
  RMI_GRANULE_UNDELEGATE(B)
}
RMI_GRANULE_DELEGATE(A)
RMI_GRANULE_DELEGATE(A) = RMI_ERROR_INPUT
expect granule(A) is DELEGATED
RMI_GRANULE_UNDELEGATE(A)
`;

let folder = '';
let session: Transcript;

beforeAll(() => {
  folder = `${fs.mkdtempSync(path.join(os.tmpdir(), 'cocoscn-'))}/`;
});
afterAll(() => fs.rmSync(folder, { recursive: true }));
afterEach(() => session.client.stop());

async function begin(text: string, before?: () => Promise<void>): Promise<void> {
  const program = path.join(folder, 'watched.cocoscn');
  fs.writeFileSync(program, text);
  session = new Transcript(folder);
  await session.launch(program, {}, before);
}

/** A sample with what it includes. */
function sample(name: string): string {
  const samples = path.join(path.dirname(path.dirname(import.meta.dirname)), 'samples');
  fs.cpSync(path.join(samples, 'lib'), path.join(folder, 'lib'), { recursive: true });
  return fs.readFileSync(path.join(samples, `${name}.cocoscn`), 'utf8');
}

const golden = (name: string) => expectGolden(path.join(import.meta.dirname, 'golden', `${name}.txt`), session.text);

/** What an expression of the language means, and its id. */
async function info(name: string): Promise<string> {
  const { body } = await session.client.dataBreakpointInfoRequest({ name, frameId: 1 });
  session.say(`dataBreakpointInfo ${name}\n  ${body.dataId ?? 'nothing'}: ${body.description}`);
  return body.dataId ?? '';
}

const watch = (...breakpoints: object[]) =>
  session.ask('setDataBreakpoints', { breakpoints }, (body) =>
    (body.breakpoints as DebugProtocol.Breakpoint[])
      .map(({ verified, message }) => message ?? `verified ${verified}`)
      .join(', '),
  );

test('forward and back over the changes of a granule, to the end', async () => {
  await begin(GRANULES);
  const dataId = await info('A');
  await info('granule(B)');
  await info('A + 4K');
  await info('i');
  await info('0x1000');
  await watch({ dataId, accessType: 'write' });
  await session.go('continue', 'continue', 'reverseContinue', 'reverseContinue', 'continue', 'next', 'next', 'next');
  await session.end('next');
  golden('data-granule');
});

test('a count of changes, a condition, and steps that meet a change on their way', async () => {
  await begin(GRANULES);
  const dataId = await info('B');
  await watch({ dataId, hitCondition: '% 4' }, { dataId, condition: 'granule(B) is DELEGATED', hitCondition: '> 4' });
  await session.go('continue', 'continue', 'continue', 'reverseContinue', 'reverseContinue', 'reverseContinue');
  await watch({ dataId });
  await session.go('stepOut', 'stepOut', 'stepBack');
  await watch({ dataId, condition: 'what is this' }, { dataId: 'nonsense' }, { dataId: '["gpa","vm",0]' });
  await watch({ dataId, accessType: 'read' });
  await session.go('continue');
  golden('data-conditions');
});

test('a page of a guest_memfd that is watched before there is one, in all its places and over a restart', async () => {
  const dataId = '["gmem","gm",8192]';
  const changed: string[] = [];
  await begin(sample('30-pinned-page'), () => watch({ dataId }));
  session.client.on('breakpoint', ({ body }: DebugProtocol.BreakpointEvent) =>
    changed.push(`breakpoint ${body.breakpoint.id} verified ${body.breakpoint.verified}`),
  );
  await session.go('continue', 'continue', 'continue', 'continue', 'continue', 'continue', 'continue', 'continue');
  await session.go('reverseContinue', 'reverseContinue');
  session.say(changed.join('\n'));
  for (const name of ['gm[8K]', 'm[8K]', 'pa(gm[8K])', 'gm[1M]', 'gm', 'attr(vm, GPA + 8K)', 'nothing[8K]'])
    await info(name);
  await session.go('restart', 'continue', 'continue');
  golden('data-gmem');
});

test('an entry of a realm, whose tables are not there yet', async () => {
  await begin(sample('02-realm'));
  const early = `["entry","RD",${0x8000_1000}]`;
  await watch({ dataId: early }, { dataId: `["entry","RD",${0x8000_0000},2]` });
  await session.go('continue', 'continue', 'continue', 'continue');
  await info('hipas(RD, IPA + 4K)');
  await info('hipas(IPA, RD)');
  await session.go('reverseContinue', 'reverseContinue', 'reverseContinue', 'reverseContinue');
  golden('data-entry');
});

test.each([
  ['02-realm', 12],
  ['30-pinned-page', 60],
])('what is shown among the variables: %s', async (title, step) => {
  await begin(sample(title));
  const moved = session.client.waitForEvent('stopped');
  await session.client.customRequest('cocoscn/goto', { step });
  await moved;
  const { body } = await session.client.scopesRequest({ frameId: 1 });
  for (const { name, variablesReference } of body.scopes) await look(name, variablesReference, 0);
  golden(`data-variables-${title}`);

  async function look(path: string, variablesReference: number, depth: number): Promise<void> {
    const { body: below } = await session.client.variablesRequest({ variablesReference, start: 0, count: 3 });
    for (const { name, variablesReference: reference } of below.variables) {
      const { body: told } = await session.client.dataBreakpointInfoRequest({ variablesReference, name });
      if (told.dataId !== null) session.say(`${path} / ${name}: ${told.description} ${told.dataId}`);
      if (reference > 0 && depth < 3) await look(`${path} / ${name}`, reference, depth + 1);
    }
  }
});

test("a panel watches a page and lets it go; what the client keeps stays the client's", async () => {
  await begin(GRANULES);
  const page = { kind: 'frame', object: 'granules', at: 0x8800_0010 };
  const watched = () => session.ask('cocoscn/moment', {}, (body) => body.watched ?? 'nothing is watched');
  const moment = session.client.waitForEvent('cocoscn/moment');
  await session.ask('cocoscn/watch', { page });
  expect((await moment).body).toMatchObject({ revision: 2, step: { n: 0 }, watched: [{ text: 'A' }] });
  await session.go('continue');
  await watched();
  await session.ask('cocoscn/watch', { page });
  await watched();
  await watch({ dataId: await info('A') });
  await session.ask('cocoscn/watch', { page });
  await session.ask('cocoscn/watch', { page: { kind: 'frame', object: 'granules', at: 0 } });
  await session.ask('cocoscn/watch', { page: { kind: 'entry', object: 'RD', at: 0 } });
  await watched();
  await session.go('next', 'next', 'next');
  for (const request of ['cocoscn/writer', 'cocoscn/expectation']) {
    await session.ask(request, { page });
    await session.ask(request, { page: { kind: 'frame', object: 'granules', at: 0x8a00_0000 } });
    await session.ask(request, { page: { kind: 'gmem', object: 'gm', at: 0 } });
  }
  golden('data-panel');
});
