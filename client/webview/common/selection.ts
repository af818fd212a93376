// The one page that all panels show: the one that the reader chose in any of them, else the one that the step is about.
import type { Moment, Place } from '../../../server/src/features/panel-model.ts';
import { type Following, followed, isAnother } from './following.ts';
import { placeOf, samePage } from './place.ts';

export interface Selecting extends Following {
  readonly selected: Place | undefined;
  /** Whether the reader chose the selected page; until then it follows the step. */
  readonly chosen: boolean;
}

/** A moment has come: its page is selected unless the reader chose one. A choice ends with its session. */
export function selectingAt<S extends Selecting>(state: S, moment: Moment): S {
  const another = isAnother(state, moment);
  const old = another ? { ...state, chosen: false, selected: undefined } : state;
  const selected = (old.chosen ? old.selected : moment.focus) ?? old.selected ?? firstPage(moment);
  const touches = samePage(selected, old.selected) && !another ? old.touches : [];
  return { ...followed(old, { type: 'moment', moment }), selected, touches };
}

/** Before any step was about a page. */
function firstPage({ strips }: Moment): Place | undefined {
  const strip = strips.find(({ cells }) => cells.length > 0);
  const cell = strip?.cells[0];
  return strip && cell ? placeOf(strip, cell) : undefined;
}

/** A page was chosen in this panel or another one; without one the selection follows the step again. */
export function selecting<S extends Selecting>(state: S, page: Place | undefined): S {
  const selected = page ?? state.moment?.focus ?? state.selected;
  const touches = samePage(selected, state.selected) ? state.touches : [];
  return { ...state, selected, chosen: page !== undefined, touches };
}

/** Steps of the selected page have come; those of another page or an earlier stop change nothing. */
export function touching<S extends Selecting>(
  state: S,
  answer: { readonly revision: number; readonly page: Place; readonly steps: readonly number[] },
): S {
  const isWanted = answer.revision === state.moment?.revision && samePage(answer.page, state.selected);
  return isWanted ? { ...state, touches: answer.steps } : state;
}
