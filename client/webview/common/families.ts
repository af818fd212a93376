// The families of page states in the reader's words: what the totals call them and which states they hold.
import type { Family } from '../../../server/src/features/panel-model.ts';

const WORDS: Readonly<Record<Family, readonly [label: string, states: string]>> = {
  host: ['host', 'UNDELEGATED: the host owns it and may use it'],
  transition: ['delegated', 'DELEGATED: given up by the host, not yet in a realm’s use'],
  private: ['private', 'DATA, ASSIGNED RAM: a realm’s own page'],
  shared: ['shared', 'ASSIGNED_NS: host and realm both reach it'],
  firmware: ['firmware', 'RD, REC, REC_AUX, RTT: the firmware’s own records and tables'],
  leaked: ['leaked', 'leaked, poisoned: nobody may use it any more'],
  absent: ['absent', 'UNASSIGNED EMPTY, UNASSIGNED_NS, or an offset without a page'],
  vacant: ['vacant', 'UNASSIGNED RAM: the realm may touch it, no page is there yet'],
  lost: ['lost', 'UNASSIGNED DESTROYED: its page was taken away'],
};

export const FAMILIES = Object.keys(WORDS) as readonly Family[];

export function familyLabel(family: Family): string {
  return WORDS[family][0];
}

/** One line for the legend of the empty panel. */
export function familyStates(family: Family): string {
  return WORDS[family][1];
}
