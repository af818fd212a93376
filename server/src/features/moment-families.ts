// Which family a state belongs to; a panel draws the family and writes the state.
import type { Family, Value } from './panel-model.ts';

/** States of granules, entries and realms by their real names. */
const FAMILY_OF: Readonly<Record<string, Family>> = {
  UNDELEGATED: 'host',
  DELEGATED: 'transition',
  RD: 'firmware',
  REC: 'firmware',
  REC_AUX: 'firmware',
  RTT: 'firmware',
  TABLE: 'firmware',
  DATA: 'private',
  'ASSIGNED RAM': 'private',
  'ASSIGNED EMPTY': 'transition',
  'ASSIGNED DESTROYED': 'transition',
  'UNASSIGNED EMPTY': 'absent',
  'UNASSIGNED RAM': 'vacant',
  'UNASSIGNED DESTROYED': 'lost',
  UNASSIGNED_NS: 'absent',
  ASSIGNED_NS: 'shared',
  private: 'private',
  shared: 'shared',
  absent: 'absent',
  'not mapped': 'absent',
  unmapped: 'absent',
  hwpoison: 'leaked',
  stuck: 'leaked',
};

export const familyOf = (state: string): Family => FAMILY_OF[state] ?? 'host';

/** A state as it was described, with an address behind it or without; the family if the words are a state. */
export function stateValue(text: string): Value {
  const state = text.replace(/ 0x[0-9a-f_]+$/, '');
  const family = FAMILY_OF[state];
  return family === undefined ? { text } : { text, family };
}

export const NO_PAGES: Readonly<Record<Family, number>> = {
  host: 0,
  transition: 0,
  private: 0,
  shared: 0,
  firmware: 0,
  leaked: 0,
  absent: 0,
  vacant: 0,
  lost: 0,
};
