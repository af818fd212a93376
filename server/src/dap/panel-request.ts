// A page as a panel names it in a request.
import type { Place } from '../features/panel-model.ts';
import { BadRequest, fieldsOf, number, optionalNumber, text } from './request.ts';

const KINDS = ['gmem', 'mapping', 'gpa', 'alias', 'frame', 'entry'] as const;

export function pageOf(fields: ReturnType<typeof fieldsOf>): Place {
  const page = fieldsOf(fields.page, 'page');
  const kind = KINDS.find((one) => one === page.kind);
  if (!kind) throw new BadRequest(`page.kind must be one of ${KINDS.join(', ')}`);
  const level = optionalNumber(page, 'level');
  return { kind, object: text(page, 'object'), at: number(page, 'at'), ...(level !== undefined && { level }) };
}
