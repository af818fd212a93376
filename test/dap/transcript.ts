// A debug session as text: what was asked, what came back, and where the arrow stands.
import * as path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';

const ROOT = path.dirname(path.dirname(import.meta.dirname));
const MAIN = path.join(ROOT, 'server/src/dap/main.ts');

/** Milliseconds within which an answer must come. */
const PATIENCE = 10_000;

type Stopped = DebugProtocol.StoppedEvent['body'];

export class Transcript {
  readonly client: DebugClient;
  private readonly lines: string[] = [];
  /** Names of the scenario in messages: its folder is elsewhere on every machine. */
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    this.client = new DebugClient(process.execPath, MAIN, 'cocoscn', { cwd: ROOT });
    this.client.defaultTimeout = PATIENCE;
    this.client.on('output', ({ body }: DebugProtocol.OutputEvent) => {
      const place = body.source ? ` [${path.basename(body.source.path ?? '')}:${body.line}:${body.column}]` : '';
      this.say(`  ${body.category}${place}: ${body.output.trimEnd().replaceAll('\n', '\n    ')}`);
    });
  }

  get text(): string {
    return `${this.lines.join('\n').replaceAll(this.folder, '')}\n`;
  }

  say(line: string): void {
    this.lines.push(line);
  }

  /** Starts the adapter and the scenario, up to the first stop or the end. */
  async launch(program: string, more: object = {}, before: () => Promise<void> = async () => {}): Promise<void> {
    this.say(`launch ${path.basename(program)}${Object.keys(more).length > 0 ? ` ${JSON.stringify(more)}` : ''}`);
    await this.client.start();
    const initialized = this.client.waitForEvent('initialized');
    await this.client.launch({ program, ...more });
    await initialized;
    await before();
    const stopped = this.stop('noDebug' in more ? 'terminated' : 'stopped');
    await this.client.configurationDoneRequest();
    await stopped;
  }

  /** Sends requests one after the other, each of which leads to a stop. */
  async go(...commands: string[]): Promise<void> {
    for (const command of commands) {
      this.say(command);
      const stopped = this.stop('stopped');
      await this.client.send(command, { threadId: 1 });
      await stopped;
    }
  }

  /** A request that leads to the end of the session. */
  async end(command: string): Promise<void> {
    this.say(command);
    const over = this.stop('terminated');
    await this.client.send(command, { threadId: 1 });
    await over;
  }

  /** A request and its answer, or why it was refused. */
  async ask(
    command: string,
    args: object = {},
    shown: (body: Record<string, unknown>) => unknown = (body) => body,
  ): Promise<void> {
    try {
      const { body } = await this.client.send(command, args);
      const answer = shown(body ?? {});
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
      this.say(`${command} ${JSON.stringify(args)}\n  ${text.replaceAll('\n', '\n  ')}`);
    } catch (error) {
      this.say(`${command} ${JSON.stringify(args)}\n  refused: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** The call stack, a frame a line. */
  async stack(): Promise<void> {
    const { body } = await this.client.stackTraceRequest({ threadId: 1 });
    for (const frame of body.stackFrames) this.say(`  ${frameText(frame)}`);
  }

  private async stop(event: 'stopped' | 'terminated'): Promise<void> {
    if (event === 'terminated') {
      const [exited] = await Promise.all([this.client.waitForEvent('exited'), this.client.waitForEvent('terminated')]);
      this.say(`  terminated, exit code ${exited.body.exitCode}`);
      return;
    }
    const { body } = (await this.client.waitForEvent('stopped')) as DebugProtocol.StoppedEvent;
    this.say(`  stopped: ${stoppedText(body)}`);
    const { body: stack } = await this.client.stackTraceRequest({ threadId: 1, levels: 1 });
    for (const frame of stack.stackFrames) this.say(`  ${frameText(frame)}`);
  }
}

const stoppedText = ({ reason, description, hitBreakpointIds }: Stopped) =>
  `${reason}, ${description}${hitBreakpointIds ? ` (breakpoint ${hitBreakpointIds.join(', ')})` : ''}`;

function frameText({ name, line, column, source }: DebugProtocol.StackFrame): string {
  const place = source?.sourceReference ? 'the command' : path.basename(source?.path ?? 'nowhere');
  return `at ${place}:${line}:${column} in ${name}`;
}
