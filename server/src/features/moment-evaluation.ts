// One look at the pages of a block of an object: which are alike, and what would have to be written for it to be otherwise.
import { PRIVATE_HALF, SHARED_HALF } from '../emulator/kvm/platform.ts';
import { spteWritable } from '../emulator/kvm/vms.ts';
import { pteWritable } from '../emulator/linux/address-spaces.ts';
import type { KernelMemory, KernelPage, MemoryObject } from './moment-kernel.ts';
import { type GuestRange, hostsText, stage2Text, stage2Texts } from './moment-kernel-doors.ts';
import { CHUNK } from './moment-stamps.ts';
import { type Block, headText, type Stretch } from './moment-stretches.ts';

/** What one door may say of a page, as a digit. */
const DIGITS = 32;
/** Doors whose digits fit into one number. */
const MOST_DIGITS = 9;
const MAPPED = ['no', 'read-only', 'yes'] as const;

/** Of the block that is looked at: one at a time, and very many of them. */
const PFNS = new Float64Array(CHUNK);
const IS_MAPPED = new Uint8Array(CHUNK);
let TOLD = new Float64Array(CHUNK);

const words: string[] = [''];
/** The words of an entry as a digit. */
function digitOf(text: string): number {
  const found = words.indexOf(text);
  return found >= 0 ? found : words.push(text) - 1;
}

export class Evaluation {
  private readonly memory: KernelMemory;
  private readonly object: MemoryObject;
  private readonly from: number;
  private readonly to: number;
  private readonly granules: number;
  private readonly pfns: Float64Array = PFNS.fill(0);
  private readonly mapped: Uint8Array = IS_MAPPED.fill(0);
  /** What the doors say of each unit: equal numbers for equal words. */
  private readonly told: Float64Array;
  private doors = 0;
  private readonly nodes: { root: number; index: number; node: number }[] = [];
  private readonly ipas: [number, number][] = [];
  private readonly frames: number[] = [];
  /** What the folios of the last stretch are held by. */
  private readonly held: number[] = [];
  private readonly heads = new Map<number, string>();
  /** The folio that was looked at last, or single ones side by side. */
  private readonly folio = { first: 0, end: 0, isLarge: false };

  constructor(memory: KernelMemory, object: MemoryObject, from: number) {
    this.memory = memory;
    this.object = object;
    this.from = from;
    this.to = Math.min(from + CHUNK, object.pages);
    this.granules = memory.linux.folios.granules;
    if (TOLD.length < CHUNK * this.granules) TOLD = new Float64Array(CHUNK * this.granules);
    this.told = TOLD.fill(0);
  }

  block(): Block {
    const { memory, object, from, to, nodes, frames, heads, ipas } = this;
    const { gmem } = memory.linux;
    const { root, first } = memory.arrayOf(object);
    this.dependOn(root, first + from, first + to);
    memory.eachPage(object, from, to, (index, pfn, mapped) => {
      this.pfns[index - from] = pfn;
      this.mapped[index - from] = mapped;
    });
    if (!memory.isView(object)) this.askDoors();
    return {
      stretches: this.stretches(),
      stamp: memory.pages.stamps.now,
      nodes,
      frames,
      heads,
      ipas,
      cover: object.kind === 'gmem' ? gmem.folioAt(object.row, from) : 0,
      attributes: memory.attributesIn(object, from, to),
      attributesKey: memory.attributesKey(object.inode),
    };
  }

  /** Entries [from, to) of an array are looked at. */
  private dependOn(root: number, from: number, to: number): void {
    const { xarrays } = this.memory.linux;
    for (let index = from; index < to; index = (Math.floor(index / CHUNK) + 1) * CHUNK)
      this.nodes.push({ root, index, node: xarrays.leafOf(root, index) });
  }

  private askDoors(): void {
    const { memory, object, from, to } = this;
    const { spaces } = memory.linux;
    for (const host of memory.viewsOf(object)) {
      const shift = host.pgoff - object.pgoff;
      const [begin, end] = [Math.max(from, shift), Math.min(to, shift + host.pages)];
      if (host === object || begin >= end) continue;
      const { root, first } = memory.arrayOf(host);
      this.dependOn(root, first + begin - shift, first + end - shift);
      this.ask((digit) =>
        spaces.eachPte(
          spaces.mappings.get(host.row, 'process'),
          first + begin - shift,
          first + end - shift,
          (page, pte) => digit(page - first + shift, pteWritable(pte) ? 2 : 1),
        ),
      );
    }
    for (const range of memory.doorsOf(object)) {
      const [begin, end] = [Math.max(from, range.from), Math.min(to, range.to)];
      if (begin < end) this.askGuest(range, begin, end);
    }
  }

  private askGuest(range: GuestRange, begin: number, end: number): void {
    const { memory, granules } = this;
    const { vms, pageSize } = memory.linux;
    const gfn = range.gfn - range.from;
    if (range.realm !== undefined) {
      const half = range.fromFile ? 0 : range.realm;
      this.ipas.push([half + (gfn + begin) * pageSize, half + (gfn + end) * pageSize]);
      const guest = { vm: range.vm, gfn: 0, fromFile: range.fromFile };
      this.ask((digit) => {
        for (let index = begin; index < end; index++) {
          guest.gfn = gfn + index;
          for (let i = 0; i < granules; i++) digit(index, digitOf(stage2Text(memory, guest, i)), i);
        }
      });
      return;
    }
    for (const half of [SHARED_HALF, PRIVATE_HALF]) {
      this.dependOn(vms.stage2(range.vm, half), gfn + begin, gfn + end);
      this.ask((digit) =>
        vms.eachSpte(range.vm, half, gfn + begin, gfn + end, (at, spte) => digit(at - gfn, spteWritable(spte) ? 2 : 1)),
      );
    }
  }

  /** Takes down what a door says, for all granules of a page or for one. */
  private ask(answer: (digit: (index: number, digit: number, granule?: number) => void) => void): void {
    const { told, granules, from } = this;
    if (++this.doors % MOST_DIGITS === 0) renumber(told);
    const place = DIGITS ** (this.doors % MOST_DIGITS);
    const add = (unit: number, digit: number) => {
      told[unit] = (told[unit] as number) + digit * place;
    };
    answer((index, digit, granule) => {
      const first = (index - from) * granules;
      if (granule !== undefined) add(first + granule, digit);
      else for (let i = 0; i < granules; i++) add(first + i, digit);
    });
  }

  private stretches(): Stretch[] {
    const { from, to, granules, pfns, mapped, told, object, memory } = this;
    const { folios } = memory.linux;
    const { table } = memory.pages.run.machine.pages;
    const attributes = memory.attributesOf(object.inode);
    const found: Stretch[] = [];
    let last: Stretch | undefined;
    let lastHead = -1;
    for (let i = 0; i < to - from; i++) {
      const pfn = pfns[i] as number;
      const head = pfn === 0 ? 0 : this.headOf(pfn);
      if (pfn !== 0 && (head !== lastHead || (pfn - folios.firstPfn) % CHUNK === 0)) this.depend(pfn, head);
      const isPrivate = attributes?.isPrivate(from + i + object.pgoff) ?? false;
      const isAlike =
        last !== undefined &&
        isPrivate === last.isPrivate &&
        mapped[i] === mapped[i - 1] &&
        (pfn === 0 ? last.row < 0 : pfn === (pfns[i - 1] as number) + 1 && i > 0) &&
        (head === lastHead || folios.isHeldAs(head, this.held));
      if (!isAlike && pfn !== 0) folios.readHeld(head, this.held);
      lastHead = head;
      for (let granule = 0; granule < granules; granule++) {
        const unit = i * granules + granule;
        const row = pfn === 0 ? -1 : memory.rowOf(pfn) + granule;
        const goesOn =
          last !== undefined &&
          (isAlike || granule > 0) &&
          told[unit] === told[unit - 1] &&
          (row < 0 || (this.isRowAlike(row) && table.get(row, 0) === table.get(row - 1, 0)));
        if (!goesOn || !last) {
          const page: KernelPage = { index: from + i, pfn, mapped: MAPPED[mapped[i] as number] ?? 'no' };
          last = this.stretch(page, granule, row, isPrivate, head);
          found.push(last);
        }
        last.units++;
        if (granule > 0) continue;
        last.pages++;
        if (pfn === head && pfn !== 0) last.folios++;
      }
    }
    return found;
  }

  private headOf(pfn: number): number {
    const { folio } = this;
    if (pfn >= folio.first && pfn < folio.end) return folio.isLarge ? folio.first : pfn;
    const { folios } = this.memory.linux;
    const head = folios.head(pfn);
    folio.isLarge = head !== pfn || folios.pageCount(head) >= CHUNK;
    // Beside a single page there are only single pages, as far as a folio of 2M would reach.
    folio.first = folio.isLarge ? head : pfn;
    folio.end = folio.isLarge ? head + folios.pageCount(head) : pfn - (pfn % CHUNK) + CHUNK;
    return head;
  }

  /** Whether a granule is as the one before it. */
  private isRowAlike(row: number): boolean {
    const { pages } = this.memory;
    return pages.kind(row) === pages.kind(row - 1) && pages.isTouched(row) === pages.isTouched(row - 1);
  }

  private depend(pfn: number, head: number): void {
    const { frames, heads, memory } = this;
    const { firstPfn } = memory.linux.folios;
    const chunk = (frame: number) => Math.floor((frame - firstPfn) / CHUNK);
    if (chunk(frames.at(-1) ?? -1) !== chunk(pfn)) frames.push(pfn);
    if (head !== pfn && chunk(head) !== chunk(pfn) && !heads.has(head)) heads.set(head, headText(memory, head));
  }

  private stretch(page: KernelPage, granule: number, row: number, isPrivate: boolean, head: number): Stretch {
    const { memory, object } = this;
    const { folios } = memory.linux;
    const isView = memory.isView(object);
    return {
      page,
      granule,
      row,
      state: memory.state(object, page, granule),
      isPrivate,
      isOwn: !isView || (head !== 0 && folios.inodeOf(head) !== object.inode),
      isTouched: row >= 0 && memory.pages.isTouched(row),
      hosts: isView ? '' : hostsText(memory, object, page),
      stage2: isView ? '' : stage2Texts(memory, object, page.index, granule),
      units: 0,
      pages: 0,
      folios: 0,
    };
  }
}

/** Gives different numbers small ones, so that there is room for more digits. */
function renumber(told: Float64Array): void {
  const numbers = new Map<number, number>();
  for (let i = 0; i < told.length; i++) {
    const number = numbers.get(told[i] as number) ?? numbers.size;
    numbers.set(told[i] as number, number);
    told[i] = number;
  }
}
