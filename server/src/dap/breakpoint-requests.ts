// Requests about breakpoints, which are remembered so that a scenario that is read again has them too.
import type { Place } from '../features/panel-model.ts';
import { watchedAt, watchedBy } from '../features/watches.ts';
import { type Breakpoint, breakpointLines, type Wanted } from '../run/index.ts';
import { FAILURES } from './capabilities.ts';
import type { Debuggee } from './debuggee.ts';
import { pageOf } from './panel-requests.ts';
import { BadRequest, fieldsOf, number, objects, optionalNumber, optionalText, text, texts } from './request.ts';
import type { Answer, Fields, Handlers, Scene } from './scene.ts';

/** The group of those that name an operation; the others have the path of their file. */
const BY_NAME = '';
/** Those on changes, as the client keeps them, and those that only the panels know: a client may have no way to add any. */
const BY_DATA = '*';
const OF_PANELS = '**';

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
      setDataBreakpoints: (fields) => {
        const wanted = objects(fields, 'breakpoints').map((one) => {
          const access = optionalText(one, 'accessType') ?? 'write';
          if (access !== 'write') throw new BadRequest(`accessType ${access} is not known: changes are watched`);
          return { ...this.want(one), place: { data: text(one, 'dataId') } };
        });
        return this.set(BY_DATA, wanted);
      },
      'cocoscn/watch': (fields) => this.watch(pageOf(fields)),
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

  /** What is watched, each thing once: its page, and what it is called. */
  get watched(): { readonly page: Place; readonly text: string }[] {
    const { moments } = this.scene.debuggee();
    const data = [BY_DATA, OF_PANELS].flatMap((group) => (this.wanted.get(group) ?? []).flatMap(dataOf));
    return [...new Set(data)].flatMap((one) => {
      const watched = watchedBy(moments, one);
      return watched ? [{ page: watched.place, text: watched.text }] : [];
    });
  }

  /** Watches the page at a place, or no longer. One that the client keeps is the client's to remove: the answer has its `dataId`. */
  private watch(page: Place): Answer {
    const { moments } = this.scene.debuggee();
    const watched = watchedAt(moments, page);
    if (!watched) throw new BadRequest('there is nothing that could be watched: no page is there');
    const { data, text } = watched;
    const isMeant = (one: Wanted) => dataOf(one).includes(data);
    if (this.wanted.get(BY_DATA)?.some(isMeant)) return { body: { text, watched: true, dataId: data } };
    const before = this.wanted.get(OF_PANELS) ?? [];
    const others = before.filter((one) => !isMeant(one));
    const isNew = others.length === before.length;
    const { after } = this.set(OF_PANELS, isNew ? [...before, { id: this.nextId++, place: { data } }] : others);
    return { body: { text, watched: isNew }, ...(after && { after }) };
  }

  /** Those that have something to watch by now and had not when they were set. */
  found(): object[] {
    return this.told(this.scene.debuggee().breakpoints.found());
  }

  /** Arms a scenario that was read again with what the client has set; says where each breakpoint is now. */
  rearm(debuggee: Debuggee): object[] {
    debuggee.stepper.stopOnFailure = this.stopOnFailure;
    return [...this.wanted].flatMap(([group, wanted]) => this.told(debuggee.breakpoints.set(group, wanted)));
  }

  private set(group: string, wanted: readonly Wanted[]): Answer {
    this.wanted.set(group, wanted);
    const breakpoints = this.told(this.scene.debuggee().breakpoints.set(group, wanted));
    return { body: { breakpoints }, after: () => this.scene.breakpointsChanged() };
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

const dataOf = ({ place }: Wanted): string[] => ('data' in place ? [place.data] : []);
