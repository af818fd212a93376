// The debug adapter: each request of the protocol, answered from the scenario under the debugger.
import { DebugSession, Event, OutputEvent, Response, StoppedEvent, TerminatedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Moment } from '../features/panel-model.ts';
import { isFailure } from '../features/timeline-track.ts';
import { problemText } from '../report/text.ts';
import type { Stop } from '../run/index.ts';
import type { Problem } from '../scenario/index.ts';
import { BreakpointRequests } from './breakpoint-requests.ts';
import { CAPABILITIES } from './capabilities.ts';
import { Debuggee, type Open } from './debuggee.ts';
import { Looking } from './looking.ts';
import { panelRequests } from './panel-requests.ts';
import { BadRequest, fieldsOf, number, optionalText, text } from './request.ts';
import type { Answer, Fields, Handlers, Scene } from './scene.ts';
import { type Counting, placeOf } from './stack.ts';

/** Requests whose refusal a person reads, beside what was asked. */
const FOR_PEOPLE: ReadonlySet<string> = new Set([
  'launch',
  'restart',
  'evaluate',
  'cocoscn/watch',
  'cocoscn/writer',
  'cocoscn/expectation',
]);

const THREAD = 1;
/** Moments that a long run goes through before it listens for a pause. */
const SLICE = 20_000;
/** Milliseconds between two signs of life of a long run. */
const SIGN_OF_LIFE = 100;

/** What `launch` asked for. */
interface Launch {
  readonly program: string;
  readonly stopOnEntry: boolean;
  readonly noDebug: boolean;
}

type Movement = 'next' | 'stepIn' | 'stepOut' | 'back' | 'stepForward' | 'stepBackward';

export class ScenarioSession extends DebugSession {
  private readonly open: Open;
  private launched: Launch | undefined;
  private debuggee: Debuggee | undefined;
  private counting: Counting = { line: 1, column: 1 };
  private readonly breakpoints: BreakpointRequests;
  private readonly looking: Looking;
  private running = false;
  private revision = 0;
  private over = false;
  private readonly handlers: Handlers;

  constructor(open: Open) {
    super();
    this.open = open;
    const scene: Scene = {
      debuggee: () => this.alive(),
      counting: () => this.counting,
      revision: () => this.revision,
      moment: () => this.moment(),
      breakpointsChanged: () => {
        if (this.revision === 0 || this.running || this.over) return;
        this.revision++;
        this.sendEvent(new Event('cocoscn/moment', this.moment()));
      },
    };
    this.breakpoints = new BreakpointRequests(scene);
    this.looking = new Looking(scene);
    this.handlers = {
      ...this.lifeCycle(),
      ...this.movements(),
      ...this.breakpoints.handlers,
      ...this.looking.handlers,
      ...panelRequests(scene),
    };
  }

  /** Anything that is no request or response is refused in a line of the console. */
  override handleMessage(message: DebugProtocol.ProtocolMessage): void {
    const { type, command } = fieldsOrNothing(message);
    if (type === 'request' && typeof command === 'string') super.handleMessage(message);
    else if (type !== 'response') this.refuse('a message was ignored: it is no request');
  }

  /** Tells the user that something from the client was not understood. */
  refuse(why: string): void {
    this.sendEvent(new OutputEvent(`${why}\n`, 'console'));
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    const response: DebugProtocol.Response = new Response(request);
    const answered = ({ body, after }: Answer) => {
      if (body) response.body = body;
      this.sendResponse(response);
      if (after) this.guard(request.command, after);
    };
    const failed = (error: unknown) => this.fail(response, error);
    try {
      const handler = Object.hasOwn(this.handlers, request.command) ? this.handlers[request.command] : undefined;
      if (!handler) throw new BadRequest('this debugger has no such request');
      const answer = handler(fieldsOf(request.arguments));
      // What needs no waiting is answered in this very turn: a step must not wait for the next.
      if (answer instanceof Promise) answer.then(answered, failed);
      else answered(answer);
    } catch (error) {
      failed(error);
    }
  }

  /** A mistake of the debugger costs a line in the console and not the session. */
  private guard(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.refuse(`${what} went wrong: ${messageOf(error)}`);
    }
  }

  private fail(response: DebugProtocol.Response, error: unknown): void {
    const isTheirs = error instanceof BadRequest;
    const format = isTheirs ? error.message : `the debugger made a mistake: ${messageOf(error)}`;
    const showUser = response.command === 'launch' || response.command === 'restart';
    response.success = false;
    response.message = isTheirs && !FOR_PEOPLE.has(response.command) ? `${response.command}: ${format}` : format;
    response.body = { error: { id: isTheirs ? 1 : 2, format: response.message, showUser } };
    this.sendResponse(response);
  }

  // Beginning and end.

  private lifeCycle(): Handlers {
    return {
      initialize: (fields) => {
        const format = optionalText(fields, 'pathFormat') ?? 'path';
        if (format !== 'path') throw new BadRequest('files are named by paths');
        const from = (name: string) => (fields[name] === false ? 0 : 1);
        this.counting = { line: from('linesStartAt1'), column: from('columnsStartAt1') };
        return { body: CAPABILITIES };
      },
      launch: (fields) => this.launch(fields),
      configurationDone: () => ({ after: () => this.begin() }),
      restart: async () => {
        const launch = this.launched;
        if (!launch) throw new BadRequest('nothing was launched');
        this.running = false;
        await this.load(launch.program);
        this.over = false;
        return { after: () => this.begin(true) };
      },
      terminate: () => ({ after: () => this.terminate() }),
      disconnect: () => {
        this.running = false;
        return {};
      },
      threads: () => ({ body: { threads: [{ id: THREAD, name: 'scenario' }] } }),
    };
  }

  private async launch(fields: Fields): Promise<Answer> {
    const program = text(fields, 'program');
    const launch = { program, stopOnEntry: fields.stopOnEntry !== false, noDebug: fields.noDebug === true };
    await this.load(program);
    this.launched = launch;
    return { after: () => this.sendEvent(new Event('initialized')) };
  }

  /** Reads the scenario afresh and arms the breakpoints. */
  private async load(program: string): Promise<void> {
    const opened = await this.open(program);
    if ('problem' in opened) throw new BadRequest(`${program} ${opened.problem}`);
    const debuggee = new Debuggee(opened);
    const { problems, instructions } = debuggee.analysis.program;
    if (instructions.length === 0) {
      const why = problems.map((problem) => problemText(problem)).join('\n');
      throw new BadRequest(why || `${program} has no statement to run`);
    }
    debuggee.stepper.slice = SLICE;
    this.debuggee = debuggee;
    for (const breakpoint of this.breakpoints.rearm(debuggee)) {
      this.sendEvent(new Event('breakpoint', { reason: 'changed', breakpoint }));
    }
  }

  /** What runs, what is wrong with it before it runs, and the first stop. */
  private begin(again = false): void {
    const { launched } = this;
    const debuggee = this.alive();
    const { program } = debuggee.analysis;
    this.print(`${again ? 'running again' : 'running'} ${program.main.path}: ${program.title}\n`, 'console');
    for (const problem of program.problems) this.tell(problem);
    if (launched?.noDebug) return this.runToEnd();
    const stopsFirst = again || launched?.stopOnEntry !== false;
    this.go(() => debuggee.stepper.start(stopsFirst));
  }

  /** Without debugging: to the end, failures told as they come. */
  private runToEnd(): void {
    const debuggee = this.alive();
    this.running = true;
    const turn = () => {
      if (!this.running || this.debuggee !== debuggee) return;
      const more = debuggee.analysis.run.advanceBy(SLICE);
      for (const problem of debuggee.news()) this.tell(problem);
      if (more) return void setTimeout(() => this.guard('the run', turn), 0);
      this.running = false;
      for (const problem of debuggee.closing()) this.tell(problem);
      this.print(`${debuggee.verdict}\n`, 'stdout');
      this.terminate();
    };
    turn();
  }

  private terminate(): void {
    this.running = false;
    if (this.over) return;
    this.over = true;
    this.sendEvent(new Event('exited', { exitCode: this.debuggee?.passed === false ? 1 : 0 }));
    this.sendEvent(new TerminatedEvent());
  }

  /** The scenario under the debugger. */
  private alive(): Debuggee {
    if (!this.debuggee) throw new BadRequest('nothing was launched');
    return this.debuggee;
  }

  private standing(): Debuggee {
    if (this.running) throw new BadRequest('the scenario is running: pause it first');
    if (this.over) throw new BadRequest('the session is over');
    return this.alive();
  }

  // Moving.

  private movements(): Handlers {
    const fine = (fields: Fields) => fields.granularity === 'instruction';
    return {
      next: (fields) => this.forward(fine(fields) ? 'stepForward' : 'next'),
      stepIn: (fields) => this.forward(fine(fields) ? 'stepForward' : 'stepIn'),
      stepOut: () => this.forward('stepOut'),
      stepBack: (fields) => this.move(fine(fields) ? 'stepBackward' : 'back'),
      continue: () => {
        const { stepper } = this.standing();
        const body = { allThreadsContinued: true };
        return { body, after: () => (stepper.ended ? this.terminate() : this.go(() => stepper.continue())) };
      },
      reverseContinue: () => {
        const { stepper } = this.standing();
        return { after: () => this.report(stepper.reverseContinue()) };
      },
      pause: () => {
        const { stepper } = this.alive();
        if (this.over) throw new BadRequest('the session is over');
        this.running = false;
        return { after: () => this.report(stepper.pause()) };
      },
      'cocoscn/failure': (fields) => {
        const { stepper } = this.standing();
        const failed = (moment: number) => isFailure(stepper.run, moment);
        if (text(fields, 'direction') === 'previous') return { after: () => this.report(stepper.toPrevious(failed)) };
        return { after: () => (stepper.ended ? this.report(stepper.pause()) : this.go(() => stepper.toNext(failed))) };
      },
      'cocoscn/goto': (fields) => {
        const { stepper } = this.standing();
        const step = number(fields, 'step');
        return { after: () => this.report(stepper.gotoStep(step)) };
      },
    };
  }

  private forward(movement: Movement): Answer {
    const { stepper } = this.standing();
    return stepper.ended ? { after: () => this.terminate() } : this.move(movement);
  }

  private move(movement: Movement): Answer {
    const { stepper } = this.standing();
    return { after: () => this.go(() => stepper[movement]()) };
  }

  /** Makes a movement; a long one in slices, so that a pause gets through. */
  private go(move: () => Stop): void {
    const debuggee = this.alive();
    const { stepper } = debuggee;
    let told = performance.now();
    const turn = (stop: Stop) => {
      this.running = stepper.isGoing;
      if (!this.running) return this.report(stop);
      if (performance.now() - told > SIGN_OF_LIFE) {
        told = performance.now();
        this.sendEvent(new Event('cocoscn/loading', { done: debuggee.analysis.run.log.lastStep }));
      }
      setTimeout(() => {
        if (this.running && this.debuggee === debuggee) this.guard('the run', () => turn(stepper.go()));
      }, 0);
    };
    turn(move());
  }

  /** Tells the client where the scenario stopped and why. */
  private report({ reason, description, breakpoints }: Stop): void {
    const debuggee = this.alive();
    this.revision++;
    this.looking.forget();
    for (const problem of debuggee.news()) this.tell(problem);
    const atEnd = reason === 'end' || (reason === 'data breakpoint' && debuggee.stepper.ended);
    if (atEnd) for (const problem of debuggee.closing()) this.tell(problem);
    const event: DebugProtocol.StoppedEvent = new StoppedEvent(reason, THREAD);
    const end = reason === 'end' ? description : `${description}; the scenario ends here`;
    event.body.description = atEnd ? `${end}: ${debuggee.verdict}` : description;
    event.body.allThreadsStopped = true;
    if (reason === 'exception' || reason === 'data breakpoint') event.body.text = description;
    if (breakpoints.length > 0) event.body.hitBreakpointIds = [...breakpoints];
    for (const breakpoint of this.breakpoints.found())
      this.sendEvent(new Event('breakpoint', { reason: 'changed', breakpoint }));
    this.sendEvent(event);
    this.sendEvent(new Event('cocoscn/moment', this.moment()));
  }

  private moment(): Moment {
    const { watched } = this.breakpoints;
    return { ...this.alive().moments.moment(this.revision), ...(watched.length > 0 && { watched }) };
  }

  private print(output: string, category: 'console' | 'stdout'): void {
    this.sendEvent(new OutputEvent(output, category));
  }

  /** A problem as the command line prints it, with its place. */
  private tell(problem: Problem): void {
    const { source, line, column } = placeOf(this.alive(), problem, this.counting);
    const event: DebugProtocol.OutputEvent = new OutputEvent(`${problemText(problem)}\n`, 'stderr');
    Object.assign(event.body, { source, line, column });
    this.sendEvent(event);
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function fieldsOrNothing(value: unknown): Fields {
  try {
    return fieldsOf(value);
  } catch {
    return {};
  }
}
