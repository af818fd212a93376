// Requests that look: the call stack, variables, expressions, the text of a command, and why a statement failed.
import { scopesOf } from '../features/variables.ts';
import { placeIn } from '../features/watch-expression.ts';
import { watchedAt } from '../features/watches.ts';
import { details } from '../report/text.ts';
import { show } from '../run/index.ts';
import { ask, type Instruction, isFault } from '../scenario/index.ts';
import type { Debuggee } from './debuggee.ts';
import { BadRequest, fieldsOf, number, optionalNumber, text } from './request.ts';
import type { Answer, Fields, Handlers, Scene } from './scene.ts';
import { FIRST_FLOW, type Frame, flowText, framesOf, instructionOf, protocolFrame } from './stack.ts';
import { Handles } from './variables.ts';

export class Looking {
  readonly handlers: Handlers;
  private readonly scene: Scene;
  private readonly handles = new Handles();
  /** Listings by the reference under which the client asks for their text. */
  private readonly listings: { readonly debuggee: Debuggee; readonly moment: number; readonly text: string }[] = [];

  constructor(scene: Scene) {
    this.scene = scene;
    this.handlers = {
      stackTrace: (fields) => {
        const debuggee = scene.debuggee();
        const frames = framesOf(debuggee, (moment) => this.referenceOf(moment));
        const start = optionalNumber(fields, 'startFrame') ?? 0;
        const levels = optionalNumber(fields, 'levels') || frames.length;
        const shown = frames.map((frame, i) => protocolFrame(debuggee, frame, i + 1, scene.counting()));
        return { body: { stackFrames: shown.slice(start, start + levels), totalFrames: frames.length } };
      },
      scopes: (fields) => {
        const frame = this.frameOf(optionalNumber(fields, 'frameId'));
        const debuggee = scene.debuggee();
        const scopes = scopesOf(debuggee.moments, instructionOf(debuggee, frame), frame?.depth);
        return { body: { scopes: scopes.map((scope) => this.handles.scope(scope)) } };
      },
      variables: (fields) => {
        const reference = number(fields, 'variablesReference');
        const range = { start: optionalNumber(fields, 'start') ?? 0, count: optionalNumber(fields, 'count') ?? 0 };
        const variables = this.handles.variables(reference, range);
        if (!variables) throw new BadRequest('these variables belong to an earlier stop');
        return { body: { variables } };
      },
      dataBreakpointInfo: (fields) => this.dataBreakpointInfo(fields),
      evaluate: (fields) => this.evaluate(text(fields, 'expression'), optionalNumber(fields, 'frameId')),
      source: (fields) => {
        const inner = fieldsOf(fields.source, 'source');
        const reference = optionalNumber(inner, 'sourceReference') || number(fields, 'sourceReference');
        const flow = flowText(reference - FIRST_FLOW);
        if (flow !== undefined) return { body: { content: flow } };
        const listing = this.listings[reference - 1];
        if (!listing) throw new BadRequest(`there is no source ${reference}`);
        return { body: { content: listing.text } };
      },
      exceptionInfo: () => this.exceptionInfo(),
    };
  }

  /** At a stop: what was asked about the last one has no answer any more. */
  forget(): void {
    this.handles.clear();
  }

  private frameOf(frameId: number | undefined): Frame | undefined {
    return framesOf(this.scene.debuggee(), (moment) => this.referenceOf(moment))[(frameId ?? 1) - 1];
  }

  private statementOf(frameId: number | undefined): Instruction | undefined {
    return instructionOf(this.scene.debuggee(), this.frameOf(frameId));
  }

  /** The number under which the client fetches the listing that it stands in. */
  private referenceOf(moment: number): number {
    const debuggee = this.scene.debuggee();
    const known = this.listings.findIndex((one) => one.debuggee === debuggee && one.moment === moment);
    if (known >= 0) return known + 1;
    const lines = debuggee.stepper.listing?.listing.lines ?? [];
    return this.listings.push({ debuggee, moment, text: `${lines.join('\n')}\n` });
  }

  /** What changes when a variable does: the page that it stands for. */
  private dataBreakpointInfo(fields: Fields): Answer {
    const { moments } = this.scene.debuggee();
    const name = text(fields, 'name');
    const reference = optionalNumber(fields, 'variablesReference');
    const place = reference
      ? this.handles.child(reference, name)?.place
      : placeIn(moments, name, this.statementOf(optionalNumber(fields, 'frameId')));
    const watched = place && watchedAt(moments, place);
    if (!watched) {
      const description = `${name} is no page: a page in any of its places or an entry of a translation table can be watched`;
      return { body: { dataId: null, description } };
    }
    const { data: dataId, text: description } = watched;
    return { body: { dataId, description, accessTypes: ['write'], canPersist: true } };
  }

  private evaluate(expression: string, frameId: number | undefined): Answer {
    const debuggee = this.scene.debuggee();
    const question = ask(expression, this.statementOf(frameId));
    if ('problem' in question) throw new BadRequest(question.problem);
    const value = debuggee.analysis.run.answer(question);
    if (isFault(value)) throw new BadRequest(value.fault);
    return { body: { result: show(value), variablesReference: 0, presentationHint: { attributes: ['readOnly'] } } };
  }

  private exceptionInfo(): Answer {
    const { stepper } = this.scene.debuggee();
    const [problem] = stepper.run.problemsAt(stepper.position.moment);
    if (!problem) throw new BadRequest('nothing failed here');
    const lines = details(problem).map((line) => line.trim().replace(/ +/g, ' '));
    const description = [problem.message, ...lines].join('\n');
    const inner = { message: [problem.message, ...lines].join('; '), typeName: problem.code };
    return { body: { exceptionId: problem.code, description, breakMode: 'always', details: inner } };
  }
}
