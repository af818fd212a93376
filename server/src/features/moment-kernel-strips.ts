// Strips of the kernel's memory: a file or a mapping as a row of its pages, with the folios behind them.

import { hex, size } from '../emulator/index.ts';
import { folioFlags } from '../emulator/linux/describe.ts';
import { GUP_PIN_COUNTING_BIAS, UPTODATE } from '../emulator/linux/folios.ts';
import { GPT_ENTRIES } from '../emulator/rmm/granules.ts';
import type { KernelMemory, MemoryObject } from './moment-kernel.ts';
import { UNIT } from './moment-kernel.ts';
import { eachStretch, type Stretch } from './moment-stretches.ts';
import type { Folios, Strip, Unit } from './panel-model.ts';

/** Cells of one strip; touched ones are always among them. */
const MOST_CELLS = 128;
/** Groups of folios of one strip. */
const MOST_FOLIOS = 6;

type Cell = Omit<Unit, 'text'> & { text: string; count: number };
/** Touched units of an object, by their number. */
export type UnitMarks = ReadonlyMap<number, NonNullable<Unit['mark']>>;

export function kernelStrip(memory: KernelMemory, object: MemoryObject, marks: UnitMarks): Strip {
  const { granules } = memory.linux.folios;
  const row = new CellRow(object, marks);
  const folios = new FolioRow(memory);
  let present = 0;
  eachStretch(memory, object, (stretch) => {
    const { page, granule, units, state } = stretch;
    row.add(page.index * granules + granule, units, state, detailOf(memory, object, stretch));
    if (stretch.row < 0) return;
    present += stretch.pages;
    if (object.kind === 'gmem' || object.inode === 0) folios.add(stretch);
  });
  return {
    object: object.name,
    kind: object.kind,
    title: object.name,
    about: aboutOf(memory, object, present),
    unit: UNIT,
    cells: row.cells,
    more: row.more,
    folios: folios.groups.map((group) => folios.told(group)),
    moreFolios: folios.more,
  };
}

function aboutOf({ linux, names }: KernelMemory, { kind, pages, inode }: MemoryObject, present: number): string {
  const bytes = size(pages * linux.pageSize);
  const unit = linux.pageSize === UNIT ? '' : 'host ';
  if (kind === 'gmem') return `guest_memfd, ${bytes}, ${present} of ${pages} ${unit}pages present`;
  const what = inode === 0 ? 'anonymous memory' : `mapping of ${names.text({ kind: 'gmem', row: inode })}`;
  return `${what}, ${bytes}, ${present} of ${pages} ${unit}pages mapped`;
}

/** What the state does not say itself. */
function detailOf(memory: KernelMemory, object: MemoryObject, { row, state: { text }, isPrivate }: Stretch): string {
  if (row < 0) return '';
  const attribute = object.inode === 0 ? '' : isPrivate ? 'private' : 'shared';
  if (!memory.usesGranules) return text.startsWith(attribute) ? '' : attribute;
  const gpt = `GPT ${GPT_ENTRIES[memory.pages.kind(row) >> 4]}`;
  return attribute ? `${gpt}, ${attribute}` : gpt;
}

/** Equal neighbours as one cell; a marked unit has one of its own. */
class CellRow {
  readonly cells: Cell[] = [];
  more = 0;
  private readonly object: MemoryObject;
  private readonly marks: UnitMarks;
  private readonly marked: readonly number[];
  /** Told or left out. */
  private last: Cell | undefined;

  constructor(object: MemoryObject, marks: UnitMarks) {
    this.object = object;
    this.marks = marks;
    this.marked = [...marks.keys()].sort((a, b) => a - b);
  }

  add(first: number, count: number, state: Cell['state'], detail: string): void {
    let from = first;
    const inside =
      count === 1
        ? this.marks.has(first)
          ? [first]
          : []
        : this.marked.filter((at) => at >= first && at < first + count);
    for (const at of inside) {
      this.put(from, at - from, state, detail);
      this.put(at, 1, state, detail, this.marks.get(at));
      from = at + 1;
    }
    this.put(from, first + count - from, state, detail);
  }

  private put(first: number, count: number, state: Cell['state'], detail: string, mark?: Unit['mark']): void {
    if (count === 0) return;
    const { last } = this;
    const goesOn = last !== undefined && last.mark === undefined && mark === undefined;
    if (goesOn && isAlike(last.state, state) && (last.detail ?? '') === detail) {
      last.count += count;
      return;
    }
    this.last = { at: first * UNIT, text: '', ...(detail && { detail }), state, ...(mark && { mark }), count };
    if (mark === undefined && this.cells.length >= MOST_CELLS) {
      this.more++;
      return;
    }
    const text = `${this.object.name}[${size(first * UNIT)}]`;
    this.last.text = text;
    this.cells.push(this.last);
  }
}

const isAlike = (a: Cell['state'], b: Cell['state']) => a === b || (a.text === b.text && a.family === b.family);

interface FolioGroup {
  readonly index: number;
  readonly head: number;
  readonly held: readonly number[];
  count: number;
  pages: number;
}

/** Folios whose frames are beside one another and whose holders are the same, as one group. */
class FolioRow {
  readonly groups: FolioGroup[] = [];
  more = 0;
  private readonly memory: KernelMemory;
  private last: FolioGroup | undefined;
  private head = 0;

  constructor(memory: KernelMemory) {
    this.memory = memory;
  }

  add({ page: { index, pfn }, granule, pages, folios: begun }: Stretch): void {
    if (pages === 0) return;
    const { folios } = this.memory.linux;
    // A stretch that begins within a page tells of the folio from the next page on.
    const first = granule === 0 ? pfn : pfn + 1;
    const at = granule === 0 ? index : index + 1;
    const head = folios.head(first);
    const { last } = this;
    const isNext = last !== undefined && last.head + last.pages === first && last.index + last.pages === at;
    const isSame = head === this.head;
    if (last && isNext && (isSame || folios.isHeldAs(head, last.held))) {
      last.count += begun;
      last.pages += pages;
    } else {
      const held: number[] = [];
      folios.readHeld(head, held);
      this.last = { index: at, head, held, count: begun + (first === head ? 0 : 1), pages };
      if (this.groups.length < MOST_FOLIOS) this.groups.push(this.last);
      else this.more++;
    }
    this.head = folios.head(first + pages - 1);
  }

  told({ index, head, count, pages }: FolioGroup): Folios {
    const { folios, pageSize } = this.memory.linux;
    const bytes = size(folios.pageCount(head) * pageSize);
    const { granules } = folios;
    return {
      at: index * pageSize,
      count: pages * granules,
      pfn: `pfn ${hex(head)}`,
      size: count === 1 ? `${bytes} folio` : `${count} folios of ${bytes}`,
      refcount: refcountText(this.memory, head),
      pins: folios.get(head, 'pins'),
      flags: folioFlags(folios.get(head, 'flags') & ~UPTODATE),
    };
  }
}

const HOLDERS = {
  pagecache: 'page cache',
  pte: 'mapped',
  get: 'get_page',
  pin: 'pins',
  transient: 'lookup',
  lru_batch: 'LRU batch',
  kvm_mapping: 'KVM',
  leaked: 'leaked',
} as const;

/** `refcount 2 (page cache 1, mapped 1)`. A pin of a small folio counts 1024. */
export function refcountText({ linux: { folios } }: KernelMemory, head: number): string {
  const held = folios.references(head);
  const isSmall = folios.get(head, 'order') === 0;
  const parts = Object.entries(HOLDERS).flatMap(([name, text]) => {
    const count = held[name as keyof typeof HOLDERS];
    const bias = name === 'pin' && isSmall ? ` × ${GUP_PIN_COUNTING_BIAS}` : '';
    return count > 0 ? [`${text} ${count}${bias}`] : [];
  });
  return `refcount ${folios.refcount(head)}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}
