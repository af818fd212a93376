// Requests of the panels; an answer belongs to one stop, and a question about another is refused.
import { expectationOf } from '../features/expectation.ts';
import { answerHistory } from '../features/history.ts';
import type { Place, Source } from '../features/panel-model.ts';
import { answerTableRuns, answerTables } from '../features/tables.ts';
import { answerDensity, answerSteps } from '../features/timeline.ts';
import { viewOf } from '../features/timeline-view.ts';
import { watchedAt } from '../features/watches.ts';
import type { Debuggee } from './debuggee.ts';
import { BadRequest, fieldsOf, number, optionalNumber, optionalText, text } from './request.ts';
import type { Fields, Handlers, Scene } from './scene.ts';

/** Changes of one answer, so that a message stays short. */
const MOST_CHANGES = 500;

const KINDS = ['gmem', 'mapping', 'gpa', 'alias', 'frame', 'entry'] as const;

export function panelRequests(scene: Scene): Handlers {
  /** The moments to ask, if the question is about this stop. */
  const current = (fields: Fields) => {
    if (number(fields, 'revision') !== scene.revision()) throw new BadRequest('the scenario has moved on');
    return scene.debuggee().moments;
  };
  const view = (fields: Fields) => viewOf(current(fields), (file) => scene.debuggee().pathOf(file));
  return {
    'cocoscn/moment': () => ({ body: scene.moment() }),
    'cocoscn/runs': (fields) => {
      const rows = { from: number(fields, 'from'), count: number(fields, 'count') };
      return { body: current(fields).runs(scene.revision(), rows, optionalText(fields, 'filter') ?? '') };
    },
    'cocoscn/changes': (fields) => {
      const from = Math.max(0, number(fields, 'from'));
      const count = Math.min(MOST_CHANGES, Math.max(0, number(fields, 'count')));
      const { rows, more } = current(fields).changes(from, count);
      return { body: { rows, total: from + rows.length + more } };
    },
    'cocoscn/places': (fields) => ({ body: current(fields).places(scene.revision(), pageOf(fields)) }),
    'cocoscn/tables': (fields) => {
      const wanted = { ...optionalNumbers(fields, ['realm', 'ipa']), ...pageIn(fields) };
      return { body: answerTables(current(fields), { type: 'tables', revision: scene.revision(), ...wanted }) };
    },
    'cocoscn/tableRuns': (fields) => {
      const { stepper, told } = current(fields);
      const request = { rtt: number(fields, 'rtt'), ...optionalNumbers(fields, ['from', 'count']) };
      const runs = answerTableRuns(stepper.run, { type: 'tableRuns', revision: scene.revision(), ...request }, told);
      if (!runs) throw new BadRequest('there is no such table now');
      return { body: runs };
    },
    'cocoscn/steps': (fields) => {
      const request = { from: number(fields, 'from'), count: number(fields, 'count'), ...pageIn(fields) };
      return { body: answerSteps(view(fields), { type: 'steps', revision: scene.revision(), ...request }) };
    },
    'cocoscn/density': (fields) => {
      const request = { bins: number(fields, 'bins'), ...optionalNumbers(fields, ['from', 'to']), ...pageIn(fields) };
      return { body: answerDensity(view(fields), { type: 'density', revision: scene.revision(), ...request }) };
    },
    'cocoscn/history': (fields) => {
      const request = { page: pageOf(fields), ...optionalNumbers(fields, ['from', 'count']) };
      return { body: answerHistory(view(fields), { type: 'history', revision: scene.revision(), ...request }) };
    },
    'cocoscn/expectation': (fields) => {
      const found = expectationOf(scene.debuggee().moments, pageOf(fields));
      if ('problem' in found) throw new BadRequest(found.problem);
      return { body: found };
    },
    'cocoscn/writer': (fields) => ({ body: writerOf(scene.debuggee(), pageOf(fields)) }),
    'cocoscn/touches': (fields) => ({ body: { steps: current(fields).touches(pageOf(fields)) } }),
  };
}

/** The statement that changed the page at a place last, up to where the session stands. */
function writerOf(debuggee: Debuggee, page: Place): { readonly step: number; readonly source: Source } {
  const { moments, stepper } = debuggee;
  const { run } = stepper;
  const watched = watchedAt(moments, page);
  const changes = watched && debuggee.changesOf(watched.data);
  const moment = changes?.moment(changes.count(moments.told));
  const instruction = moment === undefined ? undefined : run.instructionAt(moment);
  if (moment === undefined || !instruction) throw new BadRequest('no statement has changed it so far');
  const { file, span } = instruction.site;
  return { step: run.log.step(moment), source: { path: debuggee.pathOf(file), line: file.line(span.start) } };
}

/** The place that a question is about. */
export function pageOf(fields: Fields): Place {
  const page = fieldsOf(fields.page, 'page');
  const kind = KINDS.find((one) => one === page.kind);
  if (!kind) throw new BadRequest(`page.kind must be one of ${KINDS.join(', ')}`);
  const level = optionalNumber(page, 'level');
  return { kind, object: text(page, 'object'), at: number(page, 'at'), ...(level !== undefined && { level }) };
}

const pageIn = (fields: Fields) => (fields.page === undefined ? {} : { page: pageOf(fields) });

function optionalNumbers<N extends string>(fields: Fields, names: readonly N[]): Partial<Record<N, number>> {
  const given = names.flatMap((name) => {
    const value = optionalNumber(fields, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given) as Partial<Record<N, number>>;
}
