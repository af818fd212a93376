// What the Timeline panel knows, and how a message changes it. Plain data and pure functions; asking is controller.ts's part.
import type { PanelMessage } from '../../../server/src/features/panel-model.ts';
import type {
  Density,
  Tally,
  TimelinePanelMessage,
  TimelineRow,
  TimelineRows,
} from '../../../server/src/features/timeline-model.ts';
import { followed, isAnother, notFollowing } from '../common/following.ts';
import { type Selecting, selecting, selectingAt, touching } from '../common/selection.ts';

/** Rows fetched at a time. */
export const CHUNK = 100;
/** Rows are drawn nested this deep; what lies deeper stands in the last column. */
export const DEEPEST = 6;
/** Steps that are shown at least, however far one zooms in. */
const LEAST = 12;

interface Chunk {
  readonly revision: number;
  /** The page that the marks are for, as a key. */
  readonly page: string;
  readonly rows: readonly TimelineRow[];
}

/** The rows fetched so far; those of an earlier stop stay on screen until they have come again. */
export interface RowTable {
  readonly total: number;
  /** -1 at the beginning. */
  readonly current: number;
  readonly tally: Tally;
  /** Columns of the rail: the deepest row seen. */
  readonly deepest: number;
  readonly chunks: ReadonlyMap<number, Chunk>;
}

/** Steps in sight, both included; all of them where it is left out. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export interface PanelState extends Selecting {
  readonly rows: RowTable | undefined;
  readonly density: Density | undefined;
  readonly window: Window | undefined;
  /** The row that the keys have moved to; without one they are at the current row. */
  readonly cursor: number | undefined;
}

export const nothingYet: PanelState = {
  ...notFollowing,
  selected: undefined,
  chosen: false,
  rows: undefined,
  density: undefined,
  window: undefined,
  cursor: undefined,
};

/** Answers for another revision change nothing, nor does what only other panels ask for. */
export function told(state: PanelState, message: TimelinePanelMessage | PanelMessage): PanelState {
  switch (message.type) {
    case 'moment': {
      const old = isAnother(state, message.moment) ? { ...nothingYet, session: state.session } : state;
      return withCurrentStep({ ...selectingAt(old, message.moment), cursor: undefined });
    }
    case 'steps':
      return message.steps.revision === state.moment?.revision
        ? { ...state, rows: joined(state.rows, message.steps, keyOf(message.page)) }
        : state;
    case 'density':
      return message.density.revision === state.moment?.revision ? { ...state, density: message.density } : state;
    case 'selected':
      return selecting(state, message.page);
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

export const keyOf = (page: PanelState['selected']): string => (page ? JSON.stringify(page) : '');

function joined(table: RowTable | undefined, answer: TimelineRows, page: string): RowTable {
  const { revision, total, current, tally, from, rows } = answer;
  const chunks = new Map(table?.chunks);
  chunks.set(Math.floor(from / CHUNK), { revision, page, rows });
  const deepest = rows.reduce((most, { depth }) => Math.max(most, depth), table?.deepest ?? 0);
  return { total, current, tally, deepest: Math.min(DEEPEST, deepest), chunks };
}

/** A step outside of the steps in sight moves them along. */
function withCurrentStep(state: PanelState): PanelState {
  const { window, moment } = state;
  const n = moment?.step.n ?? 0;
  if (!window || n === 0 || (n >= window.from && n <= window.to)) return state;
  const half = Math.floor((window.to - window.from) / 2);
  return { ...state, window: inside(state, n - half, window.to - window.from + 1) };
}

/** Steps in sight `factor` times as many as now, `around` staying where it is. */
export function zoomed(state: PanelState, factor: number, around: number): PanelState {
  const { density } = state;
  if (!density) return state;
  const { from, to } = state.window ?? { from: 1, to: density.last };
  const steps = Math.max(LEAST, Math.round((to - from + 1) * factor));
  if (steps >= density.last) return { ...state, window: undefined };
  const share = (around - from) / Math.max(1, to - from);
  return { ...state, window: inside(state, Math.round(around - share * steps), steps) };
}

function inside({ density, moment }: PanelState, from: number, steps: number): Window {
  const last = Math.max(density?.last ?? 0, moment?.reached ?? 0);
  const first = Math.max(1, Math.min(from, last - steps + 1));
  return { from: first, to: Math.min(last, first + steps - 1) };
}

export function rowAt(rows: RowTable, index: number): TimelineRow | undefined {
  return rows.chunks.get(Math.floor(index / CHUNK))?.rows[index % CHUNK];
}
