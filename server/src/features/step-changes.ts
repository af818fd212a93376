// What a step changed, in words, at the price of what is told and not of what was written: neighbours that changed alike are one
// change, and beyond some thousand changes they are only counted.
import { type CellText, describeWrite, isDescribed } from '../emulator/index.ts';
import { GRANULE } from '../emulator/memory/pages.ts';
import { type Run, structureCell } from '../run/index.ts';

export interface StepChanges {
  readonly texts: readonly CellText[];
  /** Changes that have no words. */
  readonly more: number;
}

/** Changes that are put into words, whoever asks for how many. */
const MOST_TEXTS = 2000;
/** How far back a change looks for the one that it goes on from: a page is often told by two or three of its cells. */
const NEAR = 4;
/** Entries of a node of the kernel's arrays. */
const ENTRIES = 512;
/** Tables in which the next row is the next place. */
const PLACES: ReadonlySet<string> = new Set(['page', 'folio', 'xarray node']);

/** Of what is said of a row: its place among the texts, or one of these. */
const NOTHING = -1;
const COUNTED = -2;

/** Where a column of such a table was written last, and what was said of it. */
interface Stream {
  readonly width: number;
  readonly isNode: boolean;
  /** The column says nothing of any row. */
  readonly isSilent: boolean;
  /** The cell of the row behind the last one. */
  next: number;
  before: number;
  after: number;
  text: number;
  /** Bytes by which a text goes on with the next row; 0 where it does not. */
  step: number;
  /** The stream that was written after this one the last time: most likely so again. */
  follower: Stream | undefined;
  /** Its entries are of a page cache: any frame is like another. */
  isCache: boolean;
}

interface Written {
  readonly width: number;
  readonly base: number;
  readonly end: number;
  /** By column, where rows are places. */
  readonly streams?: readonly Stream[];
}

/** The changes of what led to `moment`, the first `wanted` of them in words and perhaps some more; the run stands there. */
export function stepChanges(run: Run, moment: number, wanted: number): StepChanges {
  const found = new Collector(run, Math.max(MOST_TEXTS, wanted));
  if (moment > 0)
    run.machine.store.eachDifference(moment - 1, moment, (cell, before, after) => found.add(cell, before, after));
  return found;
}

type Growing = Omit<CellText, 'length'> & { length?: number };

class Collector implements StepChanges {
  readonly texts: Growing[] = [];
  more = 0;
  private readonly run: Run;
  private readonly most: number;
  private readonly structures: number;
  /** The tables that were written; a step writes a handful. */
  private readonly written: Written[] = [];
  private last: Stream | undefined;

  constructor(run: Run, most: number) {
    this.run = run;
    this.most = most;
    this.structures = structureCell(run.machine);
  }

  add(cell: number, before: number, after: number): void {
    const stream = this.streamAt(cell);
    if (!stream) {
      if (cell !== this.structures) this.tell(cell, before, after);
      return;
    }
    const goesOn =
      stream.isSilent || (cell === stream.next && goesOnWith(stream, before, after) && this.extend(stream));
    stream.next = cell + stream.width;
    stream.before = before;
    stream.after = after;
    if (goesOn) return;
    if (this.texts.length < this.most) Object.assign(stream, this.tell(cell, before, after));
    else if (stream.text !== NOTHING) {
      stream.text = COUNTED;
      this.more++;
    }
  }

  /** The stream of a cell. A step writes the same cells of one row after the other, in one order. */
  private streamAt(cell: number): Stream | undefined {
    const guess = this.last?.follower;
    if (guess?.next === cell) {
      this.last = guess;
      return guess;
    }
    const { streams, base, width } = this.writtenAt(cell);
    const stream = cell === this.structures ? undefined : streams?.[(cell - base) % width];
    if (!stream) return undefined;
    if (this.last) this.last.follower = stream;
    this.last = stream;
    return stream;
  }

  private writtenAt(cell: number): Written {
    for (let i = 0; i < this.written.length; i++) {
      const one = this.written[i] as Written;
      if (cell >= one.base && cell < one.end) return one;
    }
    return this.begin(cell);
  }

  private begin(cell: number): Written {
    const table = this.run.machine.store.tableOf(cell);
    const { base, rows, width, columns } = table;
    const isNode = table.name === 'xarray node';
    const streams = columns.map((column): Stream => {
      const said = { next: -1, before: 0, after: 0, text: NOTHING, step: 0, follower: undefined, isCache: false };
      return { width, isNode, isSilent: !isDescribed(table, column), ...said };
    });
    const found = { width, base, end: base + rows * width, ...(PLACES.has(table.name) && { streams }) };
    this.written.push(found);
    return found;
  }

  /** Makes what was said of the row before reach over this one. */
  private extend({ text: index, step }: Stream): boolean {
    if (index < 0) return true;
    if (step === 0) return false;
    const text = this.texts[index] as Growing;
    text.length = (text.length ?? 0) + step;
    return true;
  }

  /** Puts a change into words, or says with the ones before that it goes on. */
  private tell(cell: number, before: number, after: number): Pick<Stream, 'text' | 'step' | 'isCache'> {
    const text = describeWrite(this.run.machine, { cell, before, after });
    if (!text) return { text: NOTHING, step: 0, isCache: false };
    const unit = this.run.machine.store.tableOf(cell).name === 'page' ? GRANULE : this.run.machine.linux.pageSize;
    const step = text.length === unit ? unit : 0;
    const isCache = text.kind === 'gmem';
    for (let i = this.texts.length - 1; text.length !== undefined && i >= Math.max(0, this.texts.length - NEAR); i--) {
      const last = this.texts[i] as Growing;
      if (!isJoined(last, text)) continue;
      last.length = (last.length ?? 0) + text.length;
      return { text: i, step, isCache };
    }
    return { text: this.texts.push({ ...text }) - 1, step, isCache };
  }
}

/** Whether a row is written as the one before it. Of an entry of an array the words say whether it is there, and if it may be written. */
function goesOnWith(
  { isNode, isCache, next, before: old, after: value }: Stream,
  before: number,
  after: number,
): boolean {
  if (!isNode) return before === old && after === value;
  if ((next & (ENTRIES - 1)) === 0 || (before === 0) !== (old === 0) || (after === 0) !== (value === 0)) return false;
  return isCache || (before % 2 === old % 2 && after % 2 === value % 2);
}

/** Whether a change is that of the pages before it, gone on. */
const isJoined = (last: CellText, text: CellText): boolean =>
  last.kind === text.kind &&
  last.object === text.object &&
  last.field === text.field &&
  last.before === text.before &&
  last.after === text.after &&
  last.length !== undefined &&
  last.at + last.length === text.at;
