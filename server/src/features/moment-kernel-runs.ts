// Runs of equal pages of the kernel's memory: files and mappings first, then the frames that are in none of them.
import { size } from '../emulator/index.ts';
import { GPT_ENTRIES } from '../emulator/rmm/granules.ts';
import type { KernelMemory, MemoryObject } from './moment-kernel.ts';
import { UNIT } from './moment-kernel.ts';
import { NOTHING } from './moment-kernel-doors.ts';
import type { PlaceNames } from './moment-names.ts';
import { contentsOf, GranuleRuns, type RunSource } from './moment-runs.ts';
import { eachStretch, type Stretch } from './moment-stretches.ts';
import type { Run, Value } from './panel-model.ts';

type Fold = Stretch & { readonly object: MemoryObject };

export class KernelRuns implements RunSource {
  readonly columns: readonly string[];
  private readonly memory: KernelMemory;
  private readonly folds: Fold[] = [];
  private readonly rest: GranuleRuns;

  /** Of all objects and the frames beside them, or of one object alone; a mapping of a file is a column of the file's own rows. */
  constructor(memory: KernelMemory, names: PlaceNames, only?: MemoryObject) {
    this.memory = memory;
    this.columns = [...(memory.usesGranules ? ['GPT'] : []), 'host mapping', 'stage 2', 'folio', 'bytes'];
    const objects = only ? [only] : memory.objects.filter((object) => !memory.isView(object));
    for (const object of objects) this.addObject(object);
    this.rest = new GranuleRuns(memory.pages, names, (row) => !only && !memory.isCovered(row) && isTold(memory, row));
  }

  get length(): number {
    return this.folds.length + this.rest.length;
  }

  count(index: number): number {
    return this.folds[index]?.units ?? this.rest.count(index - this.folds.length);
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

  private addObject(object: MemoryObject): void {
    let last: Fold | undefined;
    eachStretch(this.memory, object, (stretch) => {
      if (last && this.goesOn(last, stretch)) {
        last.units += stretch.units;
        return;
      }
      last = { ...stretch, object };
      this.folds.push(last);
    });
  }

  private goesOn(last: Fold, next: Stretch): boolean {
    const { memory } = this;
    if (last.hosts !== next.hosts || last.stage2 !== next.stage2) return false;
    if (last.row < 0 || next.row < 0) return last.row < 0 && next.row < 0;
    if (last.state.text !== next.state.text || last.state.family !== next.state.family) return false;
    const { pages } = memory;
    const { table } = pages.run.machine.pages;
    if (pages.kind(last.row) !== pages.kind(next.row) || table.get(last.row, 0) !== table.get(next.row, 0))
      return false;
    const { folios } = memory.linux;
    return isHeldAlike(memory, folios.head(last.page.pfn), folios.head(next.page.pfn));
  }

  private told({ object, page, granule, row, state, hosts, stage2, units: count }: Fold): Run {
    const { memory } = this;
    const { pageSize } = memory.linux;
    const at = page.index * pageSize + granule * UNIT;
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
