// Requests about breakpoints, which are remembered so that a scenario that is read again has them too.
import { type Breakpoint, breakpointLines, type Wanted } from '../run/index.ts';
import { FAILURES } from './capabilities.ts';
import type { Debuggee } from './debuggee.ts';
import { fieldsOf, number, objects, optionalNumber, optionalText, text, texts } from './request.ts';
import type { Answer, Fields, Handlers, Scene } from './scene.ts';

/** The group of those that name an operation; the others have the path of their file. */
const BY_NAME = '';

export class BreakpointRequests {
  readonly handlers: Handlers;
  private readonly scene: Scene;
  private readonly wanted = new Map<string, readonly Wanted[]>();
  private stopOnFailure = true;
  private nextId = 1;

  constructor(scene: Scene) {
    this.scene = scene;
    this.handlers = {
      setBreakpoints: (fields) => {
        const path = scene.debuggee().nameOf(text(fieldsOf(fields.source, 'source'), 'path'));
        const wanted = objects(fields, 'breakpoints').map((one) => ({
          ...this.want(one),
          place: { path, line: this.ownLine(number(one, 'line')) },
        }));
        return this.set(path, wanted);
      },
      setFunctionBreakpoints: (fields) => {
        const wanted = objects(fields, 'breakpoints').map((one) => ({
          ...this.want(one),
          place: { name: text(one, 'name').trim() },
        }));
        return this.set(BY_NAME, wanted);
      },
      setExceptionBreakpoints: (fields) => {
        this.stopOnFailure = texts(fields, 'filters').includes(FAILURES);
        scene.debuggee().stepper.stopOnFailure = this.stopOnFailure;
        return {};
      },
      breakpointLocations: (fields) => {
        const debuggee = scene.debuggee();
        const path = debuggee.nameOf(text(fieldsOf(fields.source, 'source'), 'path'));
        const line = number(fields, 'line');
        const to = optionalNumber(fields, 'endLine') ?? line;
        const lines = breakpointLines(debuggee.analysis.program, path, this.ownLine(line), this.ownLine(to));
        return { body: { breakpoints: lines.map((one) => ({ line: this.clientLine(one) })) } };
      },
    };
  }

  /** Arms a scenario that was read again with what the client has set; says where each breakpoint is now. */
  rearm(debuggee: Debuggee): object[] {
    debuggee.stepper.stopOnFailure = this.stopOnFailure;
    return [...this.wanted].flatMap(([group, wanted]) => this.told(debuggee.breakpoints.set(group, wanted)));
  }

  private set(group: string, wanted: readonly Wanted[]): Answer {
    this.wanted.set(group, wanted);
    return { body: { breakpoints: this.told(this.scene.debuggee().breakpoints.set(group, wanted)) } };
  }

  private told(breakpoints: readonly Breakpoint[]): object[] {
    return breakpoints.map(({ id, line, problem }) => ({
      id,
      verified: problem === undefined,
      ...(line !== undefined && { line: this.clientLine(line) }),
      ...(problem !== undefined && { message: problem }),
    }));
  }

  private want(fields: Fields): Omit<Wanted, 'place'> {
    const condition = optionalText(fields, 'condition');
    const hits = optionalText(fields, 'hitCondition');
    return { id: this.nextId++, ...(condition && { condition }), ...(hits && { hits }) };
  }

  /** Lines from 1, whatever the client counts from. */
  private ownLine(line: number): number {
    return line + 1 - this.scene.counting().line;
  }

  private clientLine(line: number): number {
    return line - 1 + this.scene.counting().line;
  }
}
