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
type Marks = ReadonlyMap<number, NonNullable<Unit['mark']>>;

/** Pages from `row` on, `count` of them alike. */
interface Fold {
  readonly row: number;
  count: number;
  readonly mark: Unit['mark'];
}

interface Neighbourhood {
  readonly folds: Fold[];
  last: number;
  marked: boolean;
  /** Folds that there was no room for. */
  more: number;
}

/** `marks` are rows of the pages that the step touched. */
export function stripsOf(pages: Pages, names: PlaceNames, marks: Marks): Strip[] {
  const found = neighbourhoods(pages, marks);
  const marked = found.filter((one) => one.marked).slice(0, MOST_STRIPS);
  const others = found.filter((one) => !one.marked).slice(0, MOST_STRIPS - marked.length);
  return [...marked, ...others]
    .sort((a, b) => (a.folds[0]?.row ?? 0) - (b.folds[0]?.row ?? 0))
    .map((one) => stripOf(pages, names, one));
}

function neighbourhoods(pages: Pages, marks: Marks): Neighbourhood[] {
  const found: Neighbourhood[] = [];
  let current: Neighbourhood | undefined;
  let kind = -1;
  let fold: Fold | undefined;
  const named = marks.size > 0;
  pages.each((row) => {
    if (!current || row !== current.last + 1) {
      current = { folds: [], last: row, marked: false, more: 0 };
      found.push(current);
      fold = undefined;
    }
    current.last = row;
    const mark = named ? marks.get(row) : undefined;
    const own = pages.kind(row);
    if (fold && mark === undefined && fold.mark === undefined && own === kind) {
      fold.count++;
      return;
    }
    kind = own;
    fold = { row, count: 1, mark };
    if (mark !== undefined) current.marked = true;
    if (mark !== undefined || current.folds.length < MOST_CELLS) current.folds.push(fold);
    else current.more++;
  });
  return found;
}

function stripOf(pages: Pages, names: PlaceNames, { folds, last, more }: Neighbourhood): Strip {
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
  const first = folds[0]?.row ?? 0;
  const name = names.name(address(first), 'pa');
  const length = (last - first + 1) * GRANULE;
  const title = `${name ? `${name} ` : ''}${hex(address(first))}${length > GRANULE ? `, ${size(length)}` : ''}`;
  return { object: GRANULES, title, unit: GRANULE, cells, more };
}
