// Strips of the kernel's memory: a file or a mapping as a row of its pages, with the folios behind them.

import { hex, size } from '../emulator/index.ts';
import { folioFlags } from '../emulator/linux/describe.ts';
import { GUP_PIN_COUNTING_BIAS, UPTODATE } from '../emulator/linux/folios.ts';
import { GPT_ENTRIES } from '../emulator/rmm/granules.ts';
import type { KernelMemory, KernelPage, MemoryObject } from './moment-kernel.ts';
import { UNIT } from './moment-kernel.ts';
import type { Folios, Strip, Unit } from './panel-model.ts';

/** Cells of one strip; touched ones are always among them. */
const MOST_CELLS = 128;
/** Groups of folios of one strip. */
const MOST_FOLIOS = 6;

type Cell = Unit & { count: number };
/** Touched units of an object, by their number. */
export type UnitMarks = ReadonlyMap<number, NonNullable<Unit['mark']>>;

export function kernelStrip(memory: KernelMemory, object: MemoryObject, marks: UnitMarks): Strip {
  const { granules } = memory.linux.folios;
  const row = new CellRow(object, marks);
  const folios = new FolioRow(memory);
  let next = 0;
  let present = 0;
  memory.eachPage(object, (page) => {
    if (page.index > next)
      row.add(next * granules, (page.index - next) * granules, memory.state(object, { index: next, ...NONE }, 0));
    for (let i = 0; i < granules; i++) {
      const state = memory.state(object, page, i);
      row.add(page.index * granules + i, 1, state, detailOf(memory, object, page, i, state.text));
    }
    if (object.kind === 'gmem' || object.inode === 0) folios.add(page);
    next = page.index + 1;
    present++;
  });
  if (next < object.pages)
    row.add(next * granules, (object.pages - next) * granules, memory.state(object, { index: next, ...NONE }, 0));
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

const NONE = { pfn: 0, mapped: 'no' } as const;

function aboutOf({ linux, names }: KernelMemory, { kind, pages, inode }: MemoryObject, present: number): string {
  const bytes = size(pages * linux.pageSize);
  const unit = linux.pageSize === UNIT ? '' : 'host ';
  if (kind === 'gmem') return `guest_memfd, ${bytes}, ${present} of ${pages} ${unit}pages present`;
  const what = inode === 0 ? 'anonymous memory' : `mapping of ${names.text({ kind: 'gmem', row: inode })}`;
  return `${what}, ${bytes}, ${present} of ${pages} ${unit}pages mapped`;
}

/** What the state does not say itself. */
function detailOf(
  memory: KernelMemory,
  object: MemoryObject,
  page: KernelPage,
  granule: number,
  state: string,
): string {
  const attribute =
    object.inode === 0 ? '' : memory.isPrivate(object.inode, page.index + object.pgoff) ? 'private' : 'shared';
  if (!memory.usesGranules) return state.startsWith(attribute) ? '' : attribute;
  const gpt = `GPT ${GPT_ENTRIES[memory.pages.kind(memory.rowOf(page.pfn) + granule) >> 4]}`;
  return attribute ? `${gpt}, ${attribute}` : gpt;
}

/** Equal neighbours as one cell; a marked unit has one of its own. */
class CellRow {
  readonly cells: Cell[] = [];
  more = 0;
  private readonly object: MemoryObject;
  private readonly marks: UnitMarks;
  private readonly marked: readonly number[];

  constructor(object: MemoryObject, marks: UnitMarks) {
    this.object = object;
    this.marks = marks;
    this.marked = [...marks.keys()].sort((a, b) => a - b);
  }

  add(first: number, count: number, state: Cell['state'], detail = ''): void {
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
    const last = this.cells.at(-1);
    const goesOn =
      last && last.at + last.count * UNIT === first * UNIT && last.mark === undefined && mark === undefined;
    if (goesOn && isAlike(last.state, state) && (last.detail ?? '') === detail) {
      last.count += count;
      return;
    }
    if (mark === undefined && this.cells.length >= MOST_CELLS) {
      this.more++;
      return;
    }
    const text = `${this.object.name}[${size(first * UNIT)}]`;
    this.cells.push({ at: first * UNIT, text, ...(detail && { detail }), state, ...(mark && { mark }), count });
  }
}

const HELD = ['owner', 'order', 'mapcount', 'gets', 'pins', 'transient', 'batch', 'kvm', 'leaked', 'flags'] as const;

/** Whether two folios are of one size, and held and marked the same way. */
const heldAlike = ({ linux: { folios } }: KernelMemory, a: number, b: number): boolean =>
  a === b || HELD.every((column) => folios.get(a, column) === folios.get(b, column));

const isAlike = (a: Cell['state'], b: Cell['state']) => a === b || (a.text === b.text && a.family === b.family);

interface FolioGroup {
  readonly index: number;
  readonly head: number;
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

  add({ index, pfn }: KernelPage): void {
    const { folios } = this.memory.linux;
    const head = folios.head(pfn);
    const { last } = this;
    if (last && head === this.head && head !== pfn) {
      last.pages++;
      return;
    }
    this.head = head;
    if (
      last &&
      last.head + last.pages === pfn &&
      last.index + last.pages === index &&
      heldAlike(this.memory, head, last.head)
    ) {
      last.count++;
      last.pages++;
      return;
    }
    this.last = { index, head, count: 1, pages: 1 };
    if (this.groups.length < MOST_FOLIOS) this.groups.push(this.last);
    else this.more++;
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
