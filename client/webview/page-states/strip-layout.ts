// How strips are laid out: which cells are drawn, which stay folded, and where the names below them find room.
import type { Place, Strip, Unit, Value } from '../../../server/src/features/panel-model.ts';
import { bytes, nameOf, placeOf, within } from '../common/place.ts';

/** Cells of all strips together; with the rest of the panel this stays below 1,500 elements. */
const CELLS = 96;
/** A strip of more pages than this is drawn as its runs. */
const PAGES = 64;
/** A strip of so few pages stands in a line with others, the states' names beside the cells. */
const SMALL = 4;

export interface Cell {
  readonly place: Place;
  readonly name: string;
  readonly state: Value;
  readonly detail: string | undefined;
  readonly mark: Unit['mark'];
  readonly count: number;
  readonly selected: boolean;
}

export interface DrawnStrip {
  readonly strip: Strip;
  /** `cells`: a page a cell, its position is its address. `folded`: a run a cell. `small`: as cells, in a line with others. */
  readonly form: 'cells' | 'folded' | 'small';
  readonly cells: readonly Cell[];
  /** Cells that are not drawn. */
  readonly left: number;
}

/** The selected page by all its places: a strip may have it by any of them. */
export type Selected = readonly Place[];

type Fold = Strip['cells'][number];

function named(strip: Strip, fold: Fold, offset: number): string {
  const own = nameOf({ ...placeOf(strip, fold), at: fold.at + offset });
  if (fold.text === undefined) return own;
  if (offset === 0) return fold.text;
  return /^\w+$/.test(fold.text) ? `${fold.text} + ${bytes(offset)}` : own;
}

/** `count` pages of a fold, from its page number `from` on. */
function part(strip: Strip, fold: Fold, from: number, count: number, selected: Selected): Cell {
  const offset = from * strip.unit;
  const place = { ...placeOf(strip, fold), at: fold.at + offset };
  return {
    place,
    name: named(strip, fold, offset),
    state: fold.state,
    detail: fold.detail,
    mark: fold.mark,
    count,
    selected: selected.some((page) => within(page, place, count, strip.unit)),
  };
}

/** A fold as one cell, or as up to three where it would hide the selected page. */
function folded(strip: Strip, fold: Fold, selected: Selected): readonly Cell[] {
  const first = placeOf(strip, fold);
  const inside = selected.find((page) => within(page, first, fold.count, strip.unit));
  if (fold.count === 1 || inside === undefined) {
    return [part(strip, fold, 0, fold.count, selected)];
  }
  const index = Math.floor((inside.at - first.at) / strip.unit);
  return [
    [0, index],
    [index, 1],
    [index + 1, fold.count - index - 1],
  ].flatMap(([from = 0, count = 0]) => (count > 0 ? [part(strip, fold, from, count, selected)] : []));
}

function unfolded(strip: Strip, selected: Selected): readonly Cell[] {
  return strip.cells.flatMap((fold) =>
    Array.from({ length: fold.count }, (_, index) => part(strip, fold, index, 1, selected)),
  );
}

/** Keeps `room` cells from the start, and every touched or selected one wherever it is. */
function trimmed(cells: readonly Cell[], room: number): readonly Cell[] {
  let plain = room - cells.filter(({ mark, selected }) => mark !== undefined || selected).length;
  return cells.filter(({ mark, selected }) => mark !== undefined || selected || plain-- > 0);
}

export function layOut(strips: readonly Strip[], selected: Selected): readonly DrawnStrip[] {
  const shown = strips.filter(({ cells }) => cells.length > 0);
  let room = CELLS - shown.reduce((sum, { cells }) => sum + cells.length + 2, 0);
  const share = Math.max(1, Math.floor(CELLS / Math.max(1, shown.length)));
  return shown.map((strip) => {
    const pages = strip.cells.reduce((sum, { count }) => sum + count, 0);
    const extra = pages - strip.cells.length;
    if (room >= 0 && pages <= PAGES && extra <= room && strip.more === 0) {
      room -= extra;
      return { strip, form: pages <= SMALL ? 'small' : 'cells', cells: unfolded(strip, selected), left: 0 };
    }
    const cells = strip.cells.flatMap((fold) => folded(strip, fold, selected));
    const kept = room >= 0 ? cells : trimmed(cells, share);
    return { strip, form: 'folded', cells: kept, left: strip.more + cells.length - kept.length };
  });
}

export interface Group {
  readonly state: Value;
  readonly cells: readonly Cell[];
  readonly pages: number;
  /** Column of the first cell, from 0. */
  readonly start: number;
}

/** Neighbours of one state, which share a name below them. */
export function groups(cells: readonly Cell[]): readonly Group[] {
  const found: Group[] = [];
  cells.forEach((cell, start) => {
    const last = found.at(-1);
    if (last && last.state.text === cell.state.text && last.state.family === cell.state.family) {
      found[found.length - 1] = { ...last, cells: [...last.cells, cell], pages: last.pages + cell.count };
    } else {
      found.push({ state: cell.state, cells: [cell], pages: cell.count, start });
    }
  });
  return found;
}

export function groupName({ state, pages }: Group): string {
  return pages === 1 ? state.text : `${state.text} ×${pages}`;
}

export interface NameSpot {
  /** 0 is next to the cells. */
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Where each group's name finds room below the cells of a row; `columnWidth` is in characters. A name that fits below its own cells stands
 * there. The others go lower, from the right to the left, so that no leader crosses a name; near the right edge they begin further left.
 */
export function nameSpots(row: readonly Group[], columns: number, columnWidth: number): readonly NameSpot[] {
  const starts: number[] = [];
  return row
    .toReversed()
    .map((group): NameSpot => {
      const { start, cells } = group;
      const wide = Math.ceil((groupName(group).length + 1) / Math.max(1, columnWidth));
      if (wide <= cells.length) return { line: 0, from: start, to: start + cells.length };
      const from = Math.max(0, Math.min(start, columns - wide));
      const to = Math.min(columns, from + wide);
      const free = starts.findIndex((begin) => to <= begin);
      const line = free === -1 ? starts.length : free;
      starts[line] = from;
      return { line: line + 1, from, to };
    })
    .toReversed();
}
