// What the Page history panel knows, and how a message changes it. Plain data and pure functions; asking is controller.ts's part.
import type { HistoryPanelMessage, Life, PageHistory, Transition } from '../../../server/src/features/history-model.ts';
import type { PanelMessage } from '../../../server/src/features/panel-model.ts';
import { followed, isAnother, notFollowing } from '../common/following.ts';
import { samePage } from '../common/place.ts';
import { type Selecting, selecting, selectingAt, touching } from '../common/selection.ts';

/** Transitions fetched at a time. */
export const CHUNK = 40;

/** The page's history as far as it was fetched; that of an earlier stop stays until it has come again. */
export interface Story {
  readonly head: Omit<PageHistory, 'rows' | 'from' | 'life'>;
  readonly life: Life;
  /** By the index of the transition; those around the current one come with every stop. */
  readonly rows: ReadonlyMap<number, Transition>;
}

export interface PanelState extends Selecting {
  readonly story: Story | undefined;
  /** The transition that the keys have moved to; without one they are at the current one. */
  readonly cursor: number | undefined;
}

export const nothingYet: PanelState = {
  ...notFollowing,
  selected: undefined,
  chosen: false,
  story: undefined,
  cursor: undefined,
};

/** Answers for another revision or page change nothing, nor does what only other panels ask for. */
export function told(state: PanelState, message: HistoryPanelMessage | PanelMessage): PanelState {
  switch (message.type) {
    case 'moment': {
      const story = isAnother(state, message.moment) ? undefined : state.story;
      return { ...selectingAt(state, message.moment), story, cursor: undefined };
    }
    case 'history': {
      const { history } = message;
      const isWanted = history.revision === state.moment?.revision && samePage(history.page, state.selected);
      return isWanted ? { ...state, story: joined(state.story, history) } : state;
    }
    case 'selected':
      return { ...selecting(state, message.page), cursor: undefined };
    case 'touches':
      return touching(state, message);
    case 'changes':
    case 'loading':
    case 'ended':
      return followed(state, message);
    case 'runs':
    case 'places':
      return state;
  }
}

function joined(story: Story | undefined, { rows, from: _, life, ...head }: PageHistory): Story | undefined {
  const kept = life ?? story?.life;
  if (!kept) return story;
  const known = new Map<number, Transition>(life ? [] : story?.rows);
  for (const row of rows) known.set(row.index, row);
  return { head, life: kept, rows: known };
}
