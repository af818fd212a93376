// How a panel follows a session: the state that all panels share, and what moments, loading and the session's end do to it.
import type { Change, Moment, PanelMessage } from '../../../server/src/features/panel-model.ts';

/** Changes that are listed at a time. */
export const CHANGES = 48;

/** A part of the changes of a moment that the reader asked to see, instead of the first few. */
export interface Listed {
  readonly from: number;
  readonly rows: readonly Change[];
  readonly total: number;
}

export interface Following {
  /** `waiting`: nothing heard yet. `empty`: no session and no moment. `ended`: the session is over, its last moment stays. */
  readonly phase: 'waiting' | 'empty' | 'following' | 'ended';
  readonly program: string | undefined;
  /** The session of the last moment, also of one from before the panel was hidden. */
  readonly session: string | undefined;
  readonly moment: Moment | undefined;
  readonly loading: { readonly done: number; readonly total: number | undefined } | undefined;
  /** How long a run has been loading: after 150 ms it shows, after 500 ms the old moment makes way. */
  readonly patience: 'quiet' | 'shown' | 'skeleton';
  readonly help: boolean;
  /** Steps that touch the selected page. */
  readonly touches: readonly number[];
  readonly listed: Listed | undefined;
}

export const notFollowing: Following = {
  phase: 'waiting',
  program: undefined,
  session: undefined,
  moment: undefined,
  loading: undefined,
  patience: 'quiet',
  help: false,
  touches: [],
  listed: undefined,
};

type FollowingMessage = Extract<PanelMessage, { type: 'moment' | 'changes' | 'loading' | 'ended' }>;

export function followed<S extends Following>(state: S, message: FollowingMessage): S {
  switch (message.type) {
    case 'moment': {
      const { moment } = message;
      const { session } = moment;
      const loaded = { loading: undefined, patience: 'quiet', listed: undefined } as const;
      return { ...state, phase: 'following', session, moment, ...loaded };
    }
    case 'changes': {
      const { from, rows, total } = message;
      return message.revision === state.moment?.revision ? { ...state, listed: { from, rows, total } } : state;
    }
    case 'loading':
      return { ...state, loading: { done: message.done, total: message.total } };
    case 'ended': {
      const phase = state.moment ? 'ended' : 'empty';
      return { ...state, phase, program: message.program, loading: undefined, patience: 'quiet' };
    }
  }
}

/** Whether a moment belongs to another session than the last one. */
export const isAnother = ({ session }: Following, moment: Moment): boolean =>
  session !== undefined && session !== moment.session;

/** A part of the changes that came with a moment; `undefined` lists the first few again. */
export function listedAt(moment: Moment, from: number | undefined): Listed | undefined {
  const rows = moment.changes.length > 0 ? moment.changes : moment.kept;
  if (from === undefined) return undefined;
  return { from, rows: rows.slice(from, from + CHANGES), total: rows.length + (moment.moreChanges ?? 0) };
}
