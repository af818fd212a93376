// After an edit: what the run before did up to it stays done.
import type { Instruction, Problem, Program } from '../scenario/index.ts';
import type { Write } from '../store/index.ts';
import { Ahead } from './ahead.ts';
import type { RunCells } from './cells.ts';
import type { Log } from './log.ts';
import type { Run } from './run.ts';

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
  const ahead = continues.rest && aheadOf(run, program, continues.rest, first);
  store.seek(first - 1);
  store.dropFuture();
  log.cut(first);
  return { cells, log, found, ahead };
}

type Rest = NonNullable<NonNullable<Program['continues']>['rest']>;

/** What the run did from the first instruction on that stands behind the edit; `edited` is the first moment of the edit itself. */
function aheadOf(
  { log, machine, cells, found, reached }: Run,
  program: Program,
  rest: Rest,
  edited: number,
): Ahead | undefined {
  const { store } = machine;
  const first = log.firstFrom(rest.from);
  if (first > reached) return undefined;
  store.seek(first - 1);
  if (cells.at.get(0, 0) !== rest.from) return undefined;
  const did: readonly Write[] = store.diff(edited - 1, first - 1);
  const recorded = store.recorded(first, reached);
  const index = new Map(rest.was.map((instruction, i) => [instruction, i]));
  const wrong = new Set([...found.keys()].filter((moment) => moment >= first).map((moment) => moment - first));
  return new Ahead({
    to: rest.to,
    by: rest.to - rest.from,
    edited,
    did,
    log: log.cut(first),
    recorded,
    wrong,
    standsFor: <I extends Instruction>(instruction: I) => {
      const at = index.get(instruction);
      return at === undefined ? instruction : (program.instructions[rest.to + at] as I);
    },
  });
}
