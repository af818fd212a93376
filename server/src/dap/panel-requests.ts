// Requests of the panels; an answer belongs to one stop, and a question about another is refused.
import type { Place } from '../features/panel-model.ts';
import { BadRequest, fieldsOf, number, optionalNumber, optionalText, text } from './request.ts';
import type { Fields, Handlers, Scene } from './scene.ts';

const KINDS = ['gmem', 'mapping', 'gpa', 'alias', 'frame', 'entry'] as const;

export function panelRequests(scene: Scene): Handlers {
  /** The moments to ask, if the question is about this stop. */
  const current = (fields: Fields) => {
    if (number(fields, 'revision') !== scene.revision()) throw new BadRequest('the scenario has moved on');
    return scene.debuggee().moments;
  };
  return {
    'cocoscn/moment': () => ({ body: scene.debuggee().moments.moment(scene.revision()) }),
    'cocoscn/runs': (fields) => {
      const rows = { from: number(fields, 'from'), count: number(fields, 'count') };
      return { body: current(fields).runs(scene.revision(), rows, optionalText(fields, 'filter') ?? '') };
    },
    'cocoscn/places': (fields) => ({ body: current(fields).places(scene.revision(), pageOf(fields)) }),
    'cocoscn/touches': (fields) => ({ body: { steps: current(fields).touches(pageOf(fields)) } }),
  };
}

function pageOf(fields: Fields): Place {
  const page = fieldsOf(fields.page, 'page');
  const kind = KINDS.find((one) => one === page.kind);
  if (!kind) throw new BadRequest(`page.kind must be one of ${KINDS.join(', ')}`);
  const level = optionalNumber(page, 'level');
  return { kind, object: text(page, 'object'), at: number(page, 'at'), ...(level !== undefined && { level }) };
}
