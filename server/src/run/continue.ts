// After an edit: what the run before did up to it stays done, and what it did behind it may be taken over.
import type { Instruction, Problem, Program } from '../scenario/index.ts';
import type { Recorded } from '../store/index.ts';
import type { RunCells } from './cells.ts';
import type { Log, LogPart } from './log.ts';
import type { Run } from './run.ts';

/** What a run did behind an edit, kept until it is known whether it begins there in the same state again. */
export interface Ahead {
  /** The instruction that it began with, in the program before the edit and in the one after it. */
  readonly from: number;
  readonly to: number;
  /** Of the state in which it began. */
  readonly hash: string;
  readonly moments: number;
  readonly log: LogPart;
  readonly recorded: Recorded;
  /** The instruction of the new program for one of the old. */
  standsFor<I extends Instruction>(instruction: I): I;
}

interface Kept {
  readonly cells: RunCells;
  readonly log: Log;
  readonly found: Map<number, readonly Problem[]>;
  readonly ahead: Ahead | undefined;
}

/** Interned contents of pages and measurements, in bytes, with which a machine is not taken over any more. */
const MOST_INTERNED = 16 * 1024 * 1024;

/** What stays of a run when its program is edited, gone back to the edit; `undefined` if nothing does. */
export function keptOf(run: Run, program: Program): Kept | undefined {
  const { continues } = program;
  const { cells, log } = run;
  const { store, pages, rmm } = run.machine;
  const interned = pages.contents.size + rmm.measurements.size;
  if (!continues || run.unlisted || !cells.fit(program) || interned > MOST_INTERNED) return undefined;
  const first = log.firstFrom(continues.from);
  const found = new Map([...run.found].filter(([moment]) => moment < first));
  const ahead = continues.rest && aheadOf(run, program, continues.rest);
  store.seek(first - 1);
  store.dropFuture();
  log.cut(first);
  return { cells, log, found, ahead };
}

type Rest = NonNullable<NonNullable<Program['continues']>['rest']>;

/** What the run did from the first instruction on that stands behind the edit, up to the first that had a problem. */
function aheadOf({ log, machine, cells, found, reached }: Run, program: Program, rest: Rest): Ahead | undefined {
  const first = log.firstFrom(rest.from);
  const wrong = [...found.keys()].find((moment) => moment >= first) ?? reached + 1;
  if (wrong <= first) return undefined;
  const { store } = machine;
  store.seek(first - 1);
  if (cells.at.get(0, 0) !== rest.from) return undefined;
  const hash = stateHash(cells);
  const recorded = store.recorded(first, wrong - 1);
  const index = new Map(rest.was.map((instruction, i) => [instruction, i]));
  return {
    from: rest.from,
    to: rest.to,
    hash,
    moments: wrong - first,
    log: log.cut(first),
    recorded,
    standsFor: <I extends Instruction>(instruction: I) => {
      const at = index.get(instruction);
      return at === undefined ? instruction : (program.instructions[rest.to + at] as I);
    },
  };
}

/** All of the state but where in the program the run stands and how many steps it took. */
export const stateHash = ({ machine, at }: RunCells): string => machine.store.hashWithout(at);
