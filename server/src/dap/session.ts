// The debug adapter: each request of the protocol, answered from the scenario under the debugger.
import { DebugSession, Event, OutputEvent, Response, StoppedEvent, TerminatedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { MomentSource } from '../features/moment.ts';
import { scopesOf } from '../features/variables.ts';
import { details, problemText } from '../report/text.ts';
import { breakpointLines, type Stop, show, type Wanted } from '../run/index.ts';
import { ask, isFault, type Problem } from '../scenario/index.ts';
import { CAPABILITIES, FAILURES } from './capabilities.ts';
import { Debuggee, type Open } from './debuggee.ts';
import { pageOf } from './panel-request.ts';
import { BadRequest, fieldsOf, number, objects, optionalNumber, optionalText, text, texts } from './request.ts';
import { type Counting, framesOf, instructionOf, placeOf, protocolFrame } from './stack.ts';
import { Handles } from './variables.ts';

type Fields = ReturnType<typeof fieldsOf>;

/** The body of a response, and what is done once it is sent. */
interface Answer {
  readonly body?: object;
  readonly after?: () => void;
}

type Handler = (fields: Fields) => Answer | Promise<Answer>;

/** Requests whose refusal a person reads, beside what was asked. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(['launch', 'restart', 'evaluate']);

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
  private moments: MomentSource | undefined;
  private counting: Counting = { line: 1, column: 1 };
  private readonly wanted = new Map<string, readonly Wanted[]>();
  private nextBreakpoint = 1;
  private readonly handles = new Handles();
  /** Listings by the reference under which the client asks for their text. */
  private readonly listings: { readonly debuggee: Debuggee; readonly moment: number; readonly text: string }[] = [];
  private running = false;
  private revision = 0;
  private over = false;
  private readonly handlers: Readonly<Record<string, Handler>>;

  constructor(open: Open) {
    super();
    this.open = open;
    this.handlers = {
      ...this.lifeCycle(),
      ...this.movements(),
      ...this.breaking(),
      ...this.looking(),
      ...this.panels(),
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
      try {
        after?.();
      } catch (error) {
        this.refuse(`${request.command} went wrong: ${messageOf(error)}`);
      }
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

  private lifeCycle(): Record<string, Handler> {
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
    this.moments = new MomentSource(debuggee.stepper, { session: program, pathOf: (file) => debuggee.pathOf(file) });
    const stopOnFailure = this.debuggee?.stepper.stopOnFailure ?? true;
    debuggee.stepper.stopOnFailure = stopOnFailure;
    debuggee.stepper.slice = SLICE;
    this.debuggee = debuggee;
    for (const [group, wanted] of this.wanted) {
      for (const { id, line, problem } of debuggee.breakpoints.set(group, wanted)) {
        const breakpoint = {
          id,
          verified: problem === undefined,
          ...(line && { line: line - 1 + this.counting.line }),
        };
        this.sendEvent(new Event('breakpoint', { reason: 'changed', breakpoint }));
      }
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
      if (more) return void setTimeout(turn, 0);
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

  private movements(): Record<string, Handler> {
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
        if (this.running && this.debuggee === debuggee) turn(stepper.go());
      }, 0);
    };
    turn(move());
  }

  /** Tells the client where the scenario stopped and why. */
  private report({ reason, description, breakpoints }: Stop): void {
    const debuggee = this.alive();
    this.revision++;
    this.handles.clear();
    for (const problem of debuggee.news()) this.tell(problem);
    const atEnd = reason === 'end';
    if (atEnd) for (const problem of debuggee.closing()) this.tell(problem);
    const event: DebugProtocol.StoppedEvent = new StoppedEvent(reason, THREAD);
    event.body.description = atEnd ? `${description}: ${debuggee.verdict}` : description;
    event.body.allThreadsStopped = true;
    if (reason === 'exception') event.body.text = description;
    if (breakpoints.length > 0) event.body.hitBreakpointIds = [...breakpoints];
    this.sendEvent(event);
    this.sendEvent(new Event('cocoscn/moment', this.moment()));
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

  // Breakpoints.

  private breaking(): Record<string, Handler> {
    return {
      setBreakpoints: (fields) => {
        const path = this.alive().nameOf(text(fieldsOf(fields.source, 'source'), 'path'));
        const wanted = objects(fields, 'breakpoints').map((one) => ({
          ...this.want(one),
          place: { path, line: number(one, 'line') + 1 - this.counting.line },
        }));
        return this.arm(path, wanted);
      },
      setFunctionBreakpoints: (fields) => {
        const wanted = objects(fields, 'breakpoints').map((one) => ({
          ...this.want(one),
          place: { name: text(one, 'name').trim() },
        }));
        return this.arm('', wanted);
      },
      setExceptionBreakpoints: (fields) => {
        this.alive().stepper.stopOnFailure = texts(fields, 'filters').includes(FAILURES);
        return {};
      },
      breakpointLocations: (fields) => {
        const debuggee = this.alive();
        const path = debuggee.nameOf(text(fieldsOf(fields.source, 'source'), 'path'));
        const from = number(fields, 'line') + 1 - this.counting.line;
        const to = (optionalNumber(fields, 'endLine') ?? from - 1 + this.counting.line) + 1 - this.counting.line;
        const lines = breakpointLines(debuggee.analysis.program, path, from, to);
        return { body: { breakpoints: lines.map((line) => ({ line: line - 1 + this.counting.line })) } };
      },
    };
  }

  private want(fields: Fields): Omit<Wanted, 'place'> {
    const condition = optionalText(fields, 'condition');
    const hits = optionalText(fields, 'hitCondition');
    return { id: this.nextBreakpoint++, ...(condition && { condition }), ...(hits && { hits }) };
  }

  private arm(group: string, wanted: readonly Wanted[]): Answer {
    this.wanted.set(group, wanted);
    const armed = this.alive().breakpoints.set(group, wanted);
    const breakpoints = armed.map(({ id, line, problem }) => ({
      id,
      verified: problem === undefined,
      ...(line !== undefined && { line: line - 1 + this.counting.line }),
      ...(problem !== undefined && { message: problem }),
    }));
    return { body: { breakpoints } };
  }

  // Looking.

  private looking(): Record<string, Handler> {
    return {
      stackTrace: (fields) => {
        const debuggee = this.alive();
        const frames = framesOf(debuggee, (moment) => this.referenceOf(moment));
        const start = optionalNumber(fields, 'startFrame') ?? 0;
        const levels = optionalNumber(fields, 'levels') || frames.length;
        const shown = frames.map((frame, i) => protocolFrame(debuggee, frame, i + 1, this.counting));
        return { body: { stackFrames: shown.slice(start, start + levels), totalFrames: frames.length } };
      },
      scopes: (fields) => {
        const instruction = this.statementOf(optionalNumber(fields, 'frameId'));
        const moments = this.seeing();
        return { body: { scopes: scopesOf(moments, instruction).map((scope) => this.handles.scope(scope)) } };
      },
      variables: (fields) => {
        const reference = number(fields, 'variablesReference');
        const range = { start: optionalNumber(fields, 'start') ?? 0, count: optionalNumber(fields, 'count') ?? 0 };
        const variables = this.handles.variables(reference, range);
        if (!variables) throw new BadRequest('these variables belong to an earlier stop');
        return { body: { variables } };
      },
      evaluate: (fields) => this.evaluate(text(fields, 'expression'), optionalNumber(fields, 'frameId')),
      source: (fields) => {
        const inner = fieldsOf(fields.source, 'source');
        const reference = optionalNumber(inner, 'sourceReference') || number(fields, 'sourceReference');
        const listing = this.listings[reference - 1];
        if (!listing) throw new BadRequest(`there is no source ${reference}`);
        return { body: { content: listing.text } };
      },
      exceptionInfo: () => this.exceptionInfo(),
    };
  }

  private statementOf(frameId: number | undefined) {
    const debuggee = this.alive();
    const frames = framesOf(debuggee, (moment) => this.referenceOf(moment));
    return instructionOf(debuggee, frames[(frameId ?? 1) - 1]);
  }

  /** The number under which the client fetches the listing that it stands in. */
  private referenceOf(moment: number): number {
    const debuggee = this.alive();
    const known = this.listings.findIndex((one) => one.debuggee === debuggee && one.moment === moment);
    if (known >= 0) return known + 1;
    const lines = debuggee.stepper.listing?.listing.lines ?? [];
    return this.listings.push({ debuggee, moment, text: `${lines.join('\n')}\n` });
  }

  private evaluate(expression: string, frameId: number | undefined): Answer {
    const debuggee = this.alive();
    const question = ask(expression, this.statementOf(frameId));
    if ('problem' in question) throw new BadRequest(question.problem);
    const value = debuggee.analysis.run.answer(question);
    if (isFault(value)) throw new BadRequest(value.fault);
    return { body: { result: show(value), variablesReference: 0, presentationHint: { attributes: ['readOnly'] } } };
  }

  private exceptionInfo(): Answer {
    const { stepper } = this.alive();
    const [problem] = stepper.run.problemsAt(stepper.position.moment);
    if (!problem) throw new BadRequest('nothing failed here');
    const lines = details(problem).map((line) => line.trim().replace(/ +/g, ' '));
    const description = [problem.message, ...lines].join('\n');
    const inner = { message: [problem.message, ...lines].join('; '), typeName: problem.code };
    return { body: { exceptionId: problem.code, description, breakMode: 'always', details: inner } };
  }

  // The panels.

  private panels(): Record<string, Handler> {
    const stale = (fields: Fields) => {
      if (number(fields, 'revision') !== this.revision) throw new BadRequest('the scenario has moved on');
    };
    return {
      'cocoscn/moment': () => ({ body: this.moment() }),
      'cocoscn/runs': (fields) => {
        stale(fields);
        const rows = { from: number(fields, 'from'), count: number(fields, 'count') };
        return { body: this.seeing().runs(this.revision, rows, optionalText(fields, 'filter') ?? '') };
      },
      'cocoscn/places': (fields) => {
        stale(fields);
        return { body: this.seeing().places(this.revision, pageOf(fields)) };
      },
      'cocoscn/touches': (fields) => {
        stale(fields);
        return { body: { steps: this.seeing().touches(pageOf(fields)) } };
      },
    };
  }

  private seeing(): MomentSource {
    this.alive();
    if (!this.moments) throw new BadRequest('nothing was launched');
    return this.moments;
  }

  private moment(): object {
    return this.seeing().moment(this.revision);
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
