// What the panel knows, and how a message changes it. Plain data and one pure function; asking is controller.ts's part.
import type {
  Family,
  Moment,
  PanelMessage,
  Place,
  Places,
  Run,
  Runs,
} from '../../../server/src/features/panel-model.ts';
import { followed, isAnother, notFollowing } from '../common/following.ts';
import { samePage } from '../common/place.ts';
import { type Selecting, selecting, selectingAt, touching } from '../common/selection.ts';

/** Rows fetched at a time. */
export const CHUNK = 200;

/** The rows fetched so far, in chunks; those of the last stop stay on screen until the first of this stop arrive. */
export interface RunTable {
  readonly revision: number;
  readonly filter: string;
  readonly total: number;
  readonly pages: number;
  readonly unit: number;
  readonly columns: readonly string[];
  readonly chunks: ReadonlyMap<number, readonly Run[]>;
}

export interface PanelState extends Selecting {
  /** The family chosen among the totals. */
  readonly family: Family | undefined;
  /** The words typed into the filter. */
  readonly words: string;
  readonly runs: RunTable | undefined;
  readonly places: Places | undefined;
}

export const nothingYet: PanelState = {
  ...notFollowing,
  selected: undefined,
  chosen: false,
  family: undefined,
  words: '',
  runs: undefined,
  places: undefined,
};

/** The state after a message. Answers for another revision, or for a page no longer selected, change nothing. */
export function told(state: PanelState, message: PanelMessage): PanelState {
  switch (message.type) {
    case 'moment':
      return arrived(state, message.moment);
    case 'runs':
      return message.runs.revision === state.moment?.revision ? { ...state, runs: joined(state, message.runs) } : state;
    case 'places': {
      const { places } = message;
      const wanted = places.revision === state.moment?.revision && samePage(places.page, state.selected);
      return wanted ? { ...state, places } : state;
    }
    case 'touches':
      return touching(state, message);
    case 'selected':
      return selecting(state, message.page);
    case 'changes':
    case 'loading':
    case 'ended':
      return followed(state, message);
  }
}

function arrived(state: PanelState, moment: Moment): PanelState {
  const old = isAnother(state, moment) ? { ...state, runs: undefined, places: undefined } : state;
  return selectingAt(old, moment);
}

function joined(state: PanelState, answer: Runs): RunTable {
  const { revision, total, pages, columns } = answer;
  const current = state.runs?.revision === revision && state.runs.filter === filterOf(state) ? state.runs.chunks : [];
  const chunks = new Map([...current, [Math.floor(answer.from / CHUNK), answer.rows] as const]);
  return { revision, filter: filterOf(state), total, pages, unit: answer.unit ?? 4096, columns, chunks };
}

/** Both filters in the words that the debugger understands. */
export function filterOf({ family, words }: PanelState): string {
  return [family ?? '', words.trim()].filter((part) => part !== '').join(' ');
}

export function rowAt(runs: RunTable, index: number): Run | undefined {
  return runs.chunks.get(Math.floor(index / CHUNK))?.[index % CHUNK];
}

/** The selected page by all its places, as far as they are known: a strip or a row has it by one of them. */
export function everywhere({ places, moment }: PanelState, selected: Place | undefined): readonly Place[] {
  if (!selected) return [];
  const isKnown = places?.revision === moment?.revision && samePage(places?.page, selected);
  return [selected, ...(isKnown ? (places?.everywhere ?? []) : [])];
}
