// Runs of equal pages of the kernel's memory: files and mappings first, then the frames that are in none of them.
import { size } from '../emulator/index.ts';
import { GPT_ENTRIES } from '../emulator/rmm/granules.ts';
import type { KernelMemory, KernelPage, MemoryObject } from './moment-kernel.ts';
import { UNIT } from './moment-kernel.ts';
import { type GuestPage, guestsOf, hostsOf, stage2Text } from './moment-kernel-doors.ts';
import type { PlaceNames } from './moment-names.ts';
import { contentsOf, GranuleRuns, type RunSource } from './moment-runs.ts';
import type { Run, Value } from './panel-model.ts';

const NOTHING = '–';

interface Fold {
  readonly object: MemoryObject;
  readonly page: KernelPage;
  /** Of the page, in units. */
  readonly granule: number;
  readonly state: Value;
  /** Mappings that have it, and what stage 2 says of it. */
  readonly hosts: string;
  readonly stage2: string;
  count: number;
}

export class KernelRuns implements RunSource {
  readonly columns: readonly string[];
  private readonly memory: KernelMemory;
  private readonly folds: Fold[] = [];
  private readonly rest: GranuleRuns;

  constructor(memory: KernelMemory, names: PlaceNames) {
    this.memory = memory;
    this.columns = [...(memory.usesGranules ? ['GPT'] : []), 'host mapping', 'stage 2', 'folio', 'bytes'];
    for (const object of memory.objects) this.addObject(object);
    this.rest = new GranuleRuns(memory.pages, names, (row) => !memory.isCovered(row) && isTold(memory, row));
  }

  get length(): number {
    return this.folds.length + this.rest.length;
  }

  count(index: number): number {
    return this.folds[index]?.count ?? this.rest.count(index - this.folds.length);
  }

  address(index: number): string {
    const fold = this.folds[index];
    return fold ? `pfn ${fold.page.pfn.toString(16)}` : this.rest.address(index - this.folds.length);
  }

  row(index: number): Run {
    const fold = this.folds[index];
    return fold ? this.told(fold) : this.restRow(index - this.folds.length);
  }

  private restRow(index: number): Run {
    const run = this.rest.row(index);
    const [gpt = '', , stage2 = '', bytes = ''] = run.columns;
    const { linux, pages, usesGranules } = this.memory;
    const pfn = linux.folios.pfnOf(run.first.at);
    const wrong = this.memory.wrongWith(pfn);
    const state: Value = wrong
      ? { text: usesGranules ? `${run.state.text}, ${wrong}` : wrong, family: 'leaked' }
      : usesGranules || run.state.text !== 'UNDELEGATED'
        ? run.state
        : { text: linux.folios.get(linux.folios.head(pfn), 'owner') === 0 ? 'free' : 'in no file', family: 'host' };
    const held = linux.folios.refcount(linux.folios.head(pfn)) > 0 ? heldText(this.memory, pfn) : NOTHING;
    const isRealm = pages.state(pages.run.machine.pages.row(run.first.at)) !== 'UNDELEGATED';
    return {
      ...run,
      state,
      columns: [...(usesGranules ? [gpt] : []), NOTHING, isRealm ? stage2 : NOTHING, held, bytes],
    };
  }

  /** A mapping of a file is a column of the file's own rows, unless it shows what the file does not have any more. */
  private addObject(object: MemoryObject): void {
    if (
      object.kind === 'mapping' &&
      this.memory.objects.some(({ kind, row }) => kind === 'gmem' && row === object.inode)
    )
      return;
    const { granules } = this.memory.linux.folios;
    const absent = this.memory.state(object, { index: 0, pfn: 0, mapped: 'no' }, 0);
    const gap = (from: number, to: number) => {
      if (to <= from) return;
      const page: KernelPage = { index: from, pfn: 0, mapped: 'no' };
      const stage2 = this.stage2(object, page, 0);
      this.folds.push({
        object,
        page,
        granule: 0,
        state: absent,
        hosts: NOTHING,
        stage2,
        count: (to - from) * granules,
      });
    };
    let next = 0;
    this.memory.eachPage(object, (page) => {
      gap(next, page.index);
      next = page.index + 1;
      for (let granule = 0; granule < granules; granule++) this.addUnit(object, page, granule);
    });
    gap(next, object.pages);
  }

  private addUnit(object: MemoryObject, page: KernelPage, granule: number): void {
    const { memory } = this;
    const state = memory.state(object, page, granule);
    const last = this.folds.at(-1);
    const hosts = hostsText(memory, object, page);
    const stage2 = this.stage2(object, page, granule);
    const fold: Fold = { object, page, granule, state, hosts, stage2, count: 1 };
    if (last && last.object === object && this.goesOn(last, fold)) last.count++;
    else this.folds.push(fold);
  }

  private goesOn(last: Fold, { page, granule, state, hosts, stage2 }: Fold): boolean {
    const { memory } = this;
    const { folios, pageSize } = memory.linux;
    const offset = (fold: { page: KernelPage; granule: number }) => fold.page.index * pageSize + fold.granule * UNIT;
    if (last.page.pfn === 0 || offset({ page, granule }) !== offset(last) + last.count * UNIT) return false;
    if (last.state.text !== state.text || last.state.family !== state.family) return false;
    const row = memory.rowOf(page.pfn) + granule;
    const first = memory.rowOf(last.page.pfn) + last.granule;
    const { pages } = memory;
    const { table } = pages.run.machine.pages;
    if (pages.kind(row) !== pages.kind(first) || table.get(row, 0) !== table.get(first, 0)) return false;
    if (!isHeldAlike(memory, folios.head(page.pfn), folios.head(last.page.pfn))) return false;
    return hosts === last.hosts && stage2 === last.stage2;
  }

  private stage2(object: MemoryObject, page: KernelPage, granule: number): string {
    const guests = guestsOf(this.memory, object, page.index);
    return guests.map((guest: GuestPage) => stage2Text(this.memory, guest, granule)).join(', ') || NOTHING;
  }

  private told({ object, page, granule, state, hosts, stage2, count }: Fold): Run {
    const { memory } = this;
    const { pageSize } = memory.linux;
    const at = page.index * pageSize + granule * UNIT;
    const row = memory.rowOf(page.pfn) + granule;
    const end = at + count * UNIT;
    const held = page.pfn === 0 ? NOTHING : heldText(memory, page.pfn);
    const bytes = page.pfn === 0 ? NOTHING : contentsOf(memory.pages, row);
    const gpt = page.pfn === 0 ? NOTHING : (GPT_ENTRIES[memory.pages.kind(row) >> 4] ?? '');
    return {
      first: { kind: object.kind, object: object.name, at },
      text: count === 1 ? `${object.name}[${size(at)}]` : `${object.name}[${size(at)} .. ${size(end)}]`,
      count,
      state,
      columns: [...(memory.usesGranules ? [gpt] : []), hosts, stage2, held, bytes],
    };
  }
}

/** `m mapped`, or which of several mappings have the page. */
function hostsText(memory: KernelMemory, object: MemoryObject, page: KernelPage): string {
  const mapped = hostsOf(memory, object, page).filter((host) => host.mapped !== 'no');
  return (
    mapped.map(({ object: { name }, mapped: how }) => (how === 'yes' ? name : `${name} read-only`)).join(', ') ||
    NOTHING
  );
}

/** `refcount 1027, pins 1`, and the folio's size where it is a large one; who holds it is told of the page alone. */
function heldText({ linux: { folios, pageSize } }: KernelMemory, pfn: number): string {
  const head = folios.head(pfn);
  const pins = folios.get(head, 'pins');
  const large = folios.get(head, 'order') > 0 ? `${size(folios.pageCount(head) * pageSize)} folio, ` : '';
  return `${large}refcount ${folios.refcount(head)}${pins > 0 ? `, pins ${pins}` : ''}`;
}

const isHeldAlike = ({ linux: { folios } }: KernelMemory, a: number, b: number): boolean =>
  a === b ||
  (folios.refcount(a) === folios.refcount(b) &&
    folios.get(a, 'pins') === folios.get(b, 'pins') &&
    folios.get(a, 'order') === folios.get(b, 'order'));

/** Frames outside of all objects that say something: those of the RMM, the lost ones, and those that somebody still holds. */
export function isTold(memory: KernelMemory, row: number): boolean {
  const { pages, linux } = memory;
  if (pages.state(row) !== 'UNDELEGATED') return true;
  const pfn = linux.folios.pfnOf(pages.run.machine.pages.address(row));
  const head = linux.folios.head(pfn);
  return memory.wrongWith(head) !== undefined || linux.folios.refcount(head) > 0;
}
