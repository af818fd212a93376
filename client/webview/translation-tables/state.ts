// What the panel knows, and how a message changes it. Plain data and pure functions; asking is controller.ts's part.
import type { Place } from '../../../server/src/features/panel-model.ts';
import type {
  EntryRun,
  RealmTables,
  TableRuns,
  Tables,
  TablesPanelMessage,
} from '../../../server/src/features/tables-model.ts';
import { type Following, followed, isAnother, notFollowing } from '../common/following.ts';
import { samePage } from '../common/place.ts';

/** Rows fetched at a time. */
export const CHUNK = 100;

/** The rows of one table that were fetched; those of the last stop stay on screen until the ones of this stop arrive. */
export interface TableRows {
  readonly revision: number;
  readonly total: number;
  readonly chunks: ReadonlyMap<number, readonly EntryRun[]>;
}

/** One entry, by its level and an IPA that it covers: a TABLE and the first entry below it have the same IPA. */
export interface EntryKey {
  readonly level: number;
  readonly ipa: number;
}

export interface PanelState extends Following {
  readonly selected: Place | undefined;
  /** Chosen by the reader; until then the step decides. */
  readonly realm: number | undefined;
  readonly chosen: EntryKey | undefined;
  /** A page that the reader chose, here or in another panel, instead of an entry. */
  readonly page: Place | undefined;
  readonly tables: Tables | undefined;
  /** By the table's PA. */
  readonly rows: ReadonlyMap<number, TableRows>;
  /** Whether the next walk opens its tables; moving through the tree leaves them as they are. */
  readonly opens: boolean;
  /** Tables that are open because a walk goes through them. */
  readonly path: readonly number[];
  /** Tables that the reader opened or folded. */
  readonly opened: ReadonlyMap<number, boolean>;
  /** The words typed into the filter. */
  readonly words: string;
}

export const nothingYet: PanelState = {
  ...notFollowing,
  selected: undefined,
  realm: undefined,
  chosen: undefined,
  page: undefined,
  tables: undefined,
  rows: new Map(),
  opens: true,
  path: [],
  opened: new Map(),
  words: '',
};

/** The state after a message. Answers for another revision change nothing, nor does what only other panels ask for. */
export function told(state: PanelState, message: TablesPanelMessage): PanelState {
  switch (message.type) {
    case 'moment': {
      const { moment } = message;
      return followed(
        isAnother(state, moment) ? { ...nothingYet, words: state.words, help: state.help } : state,
        message,
      );
    }
    case 'changes':
    case 'loading':
    case 'ended':
      return followed(state, message);
    case 'tables':
      return message.tables.revision === state.moment?.revision ? arrived(state, message.tables) : state;
    case 'tableRuns':
      return message.revision === state.moment?.revision ? joined(state, message.rtt, message.runs) : state;
    case 'touches':
      return message.revision === state.moment?.revision && samePage(message.page, state.selected)
        ? { ...state, touches: message.steps }
        : state;
    default:
      return state; // what only other panels asked for
  }
}

function arrived(state: PanelState, tables: Tables): PanelState {
  const { chosen } = tables;
  if (!chosen) return { ...state, tables, path: [], selected: undefined };
  return {
    ...state,
    tables,
    path: state.opens ? chosen.path : state.path,
    selected: placeOf(chosen, keyOf(state, chosen)),
  };
}

const placeOf = ({ object }: RealmTables, { level, ipa }: EntryKey): Place => ({
  kind: 'entry',
  object,
  at: ipa,
  level,
});

/** The entry that is chosen: the reader's, or the one where the walk of the step ends. */
export function keyOf({ chosen }: PanelState, { walk }: RealmTables): EntryKey {
  return chosen ?? { level: walk.level, ipa: walk.ipa };
}

function joined(state: PanelState, rtt: number, runs: TableRuns | undefined): PanelState {
  const rows = new Map(state.rows);
  if (!runs) rows.delete(rtt);
  else {
    const old = state.rows.get(rtt);
    const chunks = new Map(old?.revision === runs.revision ? old.chunks : []);
    chunks.set(Math.floor(runs.from / CHUNK), runs.rows);
    rows.set(rtt, { revision: runs.revision, total: runs.total, chunks });
  }
  return { ...state, rows };
}

export const isOpen = ({ opened, path }: PanelState, rtt: number): boolean => opened.get(rtt) ?? path.includes(rtt);

export const holds = (run: EntryRun, { level, ipa }: EntryKey): boolean =>
  run.level === level && ipa >= run.ipa && ipa < run.ipa + run.count * run.span;
