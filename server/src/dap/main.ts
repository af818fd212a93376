// The debug adapter as a process: messages over standard input and output, scenarios from the disk.
import * as path from 'node:path';
import { readScenario } from '../edge/files.ts';
import { frame, Unframer } from './framing.ts';
import { ScenarioSession } from './session.ts';

const session = new ScenarioSession(async (program) => readScenario(path.resolve(program)));

session.onDidSendMessage((message) => {
  process.stdout.write(frame(message));
  const { type, command } = message as { readonly type?: unknown; readonly command?: unknown };
  if (type === 'response' && command === 'disconnect') process.stdout.write('', () => process.exit(0));
});

const unframer = new Unframer(
  (message) => session.handleMessage(message as Parameters<typeof session.handleMessage>[0]),
  (why) => session.refuse(why),
);
process.stdin.on('data', (chunk: Buffer) => unframer.feed(chunk));
// A client that goes without a word leaves nothing behind.
process.stdin.on('end', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));
