// Strips: the touched pages as neighbourhoods, equal neighbours as one cell with its count.
import { hex, size } from '../emulator/index.ts';
import { GPT_ENTRIES } from '../emulator/rmm/granules.ts';
import { GRANULES } from './moment-changes.ts';
import { familyOf } from './moment-families.ts';
import type { PlaceNames } from './moment-names.ts';
import type { Pages } from './pages.ts';
import type { Strip, Unit } from './panel-model.ts';

const GRANULE = 4096;
/** Strips of one moment; those with a touched page are always among them. */
const MOST_STRIPS = 32;
/** Cells of one strip; touched ones are always among them. */
const MOST_CELLS = 128;

type Cell = Strip['cells'][number];
type Wanted = (row: number) => boolean;
type Marks = ReadonlyMap<number, NonNullable<Unit['mark']>>;

/** Touched pages side by side, from one row to another. */
interface Neighbourhood {
  readonly first: number;
  readonly last: number;
  readonly marked: boolean;
}

/** `marks` are rows of the pages that the step touched; pages that are not wanted are left out. */
export function stripsOf(pages: Pages, names: PlaceNames, marks: Marks, isWanted: Wanted = () => true): Strip[] {
  const found = neighbourhoods(pages, marks, isWanted);
  const marked = found.filter((one) => one.marked).slice(0, MOST_STRIPS);
  const others = found.filter((one) => !one.marked).slice(0, MOST_STRIPS - marked.length);
  return [...marked, ...others].sort((a, b) => a.first - b.first).map((one) => stripOf(pages, names, marks, one));
}

/** Those that a strip may be drawn of: the first ones, and all with a touched page. There may be very many others. */
function neighbourhoods(pages: Pages, marks: Marks, isWanted: Wanted): Neighbourhood[] {
  const found: Neighbourhood[] = [];
  const rows = [...marks.keys()].sort((a, b) => a - b);
  let mark = 0;
  let first = -1;
  let last = -2;
  const close = () => {
    while (mark < rows.length && (rows[mark] as number) < first) mark++;
    const marked = mark < rows.length && (rows[mark] as number) <= last;
    if (first >= 0 && (marked || found.length < MOST_STRIPS)) found.push({ first, last, marked });
  };
  pages.each((row) => {
    if (!isWanted(row)) return;
    if (row !== last + 1) {
      close();
      first = row;
    }
    last = row;
  });
  close();
  return found;
}

/** Equal neighbours as one cell; a marked page has one of its own. */
function cellsOf(pages: Pages, marks: Marks, { first, last }: Neighbourhood): { folds: Fold[]; more: number } {
  const folds: Fold[] = [];
  let more = 0;
  const add = (row: number, count: number, mark?: Unit['mark']) => {
    if (mark !== undefined || folds.length < MOST_CELLS) folds.push({ row, count, mark });
    else more++;
  };
  /** From `row` up to the next marked page; a look at each page and nothing more, for there may be very many. */
  const addAlike = (row: number, end: number) => {
    for (let begin = row; begin < end; ) {
      const kind = pages.kind(begin);
      let next = begin + 1;
      while (next < end && pages.kind(next) === kind) next++;
      add(begin, next - begin);
      begin = next;
    }
  };
  let row = first;
  for (const marked of [...marks.keys()].filter((one) => one >= first && one <= last).sort((a, b) => a - b)) {
    addAlike(row, marked);
    add(marked, 1, marks.get(marked));
    row = marked + 1;
  }
  addAlike(row, last + 1);
  return { folds, more };
}

/** Pages from `row` on, `count` of them alike. */
interface Fold {
  readonly row: number;
  readonly count: number;
  readonly mark: Unit['mark'] | undefined;
}

function stripOf(pages: Pages, names: PlaceNames, marks: Marks, neighbourhood: Neighbourhood): Strip {
  const { first, last } = neighbourhood;
  const { folds, more } = cellsOf(pages, marks, neighbourhood);
  const address = (row: number) => pages.run.machine.pages.address(row);
  const cells = folds.map(({ row, count, mark }): Cell => {
    const state = pages.state(row);
    const text = names.name(address(row), 'pa');
    const gpt = GPT_ENTRIES[pages.kind(row) >> 4];
    return {
      at: address(row),
      ...(text !== undefined && { text }),
      detail: `GPT ${gpt}`,
      state: { text: state, family: familyOf(state) },
      ...(mark && { mark }),
      count,
    };
  });
  const name = names.name(address(first), 'pa');
  const length = (last - first + 1) * GRANULE;
  const title = `${name ? `${name} ` : ''}${hex(address(first))}${length > GRANULE ? `, ${size(length)}` : ''}`;
  return { object: GRANULES, title, unit: GRANULE, cells, more };
}
