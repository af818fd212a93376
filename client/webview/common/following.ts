// How a panel follows a session: the state that all panels share, and what moments, loading and the session's end do to it.
import type { Moment, PanelMessage } from '../../../server/src/features/panel-model.ts';

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
}

export const notFollowing: Following = {
  phase: 'waiting',
  program: undefined,
  session: undefined,
  moment: undefined,
  loading: undefined,
  patience: 'quiet',
  help: false,
};

type FollowingMessage = Extract<PanelMessage, { type: 'moment' | 'loading' | 'ended' }>;

export function followed<S extends Following>(state: S, message: FollowingMessage): S {
  switch (message.type) {
    case 'moment': {
      const { moment } = message;
      const { session } = moment;
      return { ...state, phase: 'following', session, moment, loading: undefined, patience: 'quiet' };
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
