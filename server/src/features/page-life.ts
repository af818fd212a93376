// A page of the kernel's memory through a run: which frames it had and when, and every cell that says something of it in any of
// its places. What a moment changed of it is seen by reading those of them that it wrote, before and after it.

import { PRIVATE_HALF, SHARED_HALF } from '../emulator/kvm/platform.ts';
import { MAPS_GMEM, MAPS_MEMFD, ptePfn } from '../emulator/linux/address-spaces.ts';
import { OWNER_FREE, PMD_ORDER, PUD_ORDER } from '../emulator/linux/folios.ts';
import { GRANULE } from '../emulator/memory/pages.ts';
import type { Run } from '../run/index.ts';

/** A page by what it is part of: a file, a mapping of no file, or by its frame alone. `granule` counts from the page's start. */
export type Subject = { readonly granule: number } & (
  | { readonly kind: 'gmem' | 'mapping'; readonly row: number; readonly index: number }
  | { readonly kind: 'frame'; readonly pfn: number }
);

/** From the moment in which a frame was taken for the page to the one in which it was free again. */
export interface Stay {
  readonly pfn: number;
  readonly from: number;
  to: number;
}

/** The moment in which a page had another frame or none. */
interface Lost {
  readonly stay: Stay;
  readonly moment: number;
}

/** A guest that had the page: moments `from` on, until another memslot or none was there. */
export interface Guest {
  readonly vm: number;
  readonly gfn: number;
  readonly slot: number;
  readonly fromFile: boolean;
  readonly from: number;
  to: number;
}

/** A cell of the page. A number of a range map says something of the page only where the map does at `index`. */
export interface PageCell {
  readonly cell: number;
  readonly map?: { readonly index: number; readonly says: 'attribute' | 'memslot' };
  /** Of a folio: its head, which counts only while the page is in it. */
  readonly head?: number;
  /** The frame that it belongs to. */
  readonly stay?: Stay;
}

const FOLIO = ['owner', 'order', 'mapcount', 'gets', 'pins', 'transient', 'kvm', 'leaked', 'flags'] as const;

export class PageLife {
  readonly subject: Subject;
  readonly stays: Stay[] = [];
  readonly guests: Guest[] = [];
  /** All cells of the page, each once. */
  cells: readonly number[] = [];
  /** What each of them says, and in which order that is told. */
  private told = new Map<number, (PageCell & { readonly rank: number })[]>();
  private readonly run: Run;

  constructor(run: Run, subject: Subject) {
    this.run = run;
    this.subject = subject;
  }

  /** Finds frames, guests and cells anew, up to what the run has executed; the run is left somewhere else. */
  update(): void {
    const { run } = this;
    this.stays.length = 0;
    this.guests.length = 0;
    this.findStays();
    this.findGuests();
    run.seek(run.reached);
    const all = [...this.ownCells(), ...this.hostCells(), ...this.guestCells()];
    for (const stay of this.stays) all.push(...this.frameCells(stay));
    this.told = new Map();
    for (const [rank, one] of all.entries()) {
      const same = this.told.get(one.cell);
      if (same) same.push({ ...one, rank });
      else this.told.set(one.cell, [{ ...one, rank }]);
    }
    this.cells = [...this.told.keys()];
  }

  /** Of the cells that a moment wrote, from one place of the journal to another, those that speak of the page then. */
  writtenIn(moment: number, from: number, to: number): PageCell[] {
    const written = new Set<number>();
    this.run.machine.store.eachWritten(from, to, (cell) => {
      if (this.told.has(cell)) written.add(cell);
    });
    return [...written]
      .flatMap((cell) => this.told.get(cell) ?? [])
      .filter(({ stay }) => !stay || (stay.from <= moment && moment <= stay.to))
      .sort((a, b) => a.rank - b.rank);
  }

  /** What must be as it was for the cells to be so too, as long as none of them was written. */
  get layout(): string {
    const { spaces, gmem, vms, xarrays } = this.run.machine.linux;
    return [spaces.mappings.last, gmem.files.last, vms.rows.last, xarrays.size].join(' ');
  }

  /** Whether a physical address is in the page's frame at a moment. */
  isAt(pa: number, moment: number): boolean {
    const at = pa - (pa % GRANULE);
    return this.stays.some((stay) => stay.from <= moment && moment <= stay.to && this.addressOf(stay) === at);
  }

  /** Whether bytes of a file or of a mapping reach into the page. */
  isIn(kind: 'gmem' | 'mapping', handle: number, offset: number, length: number): boolean {
    const { subject } = this;
    const { gmem, spaces, pageSize } = this.run.machine.linux;
    if (subject.kind === 'frame') return false;
    const holds = (index: number) => offset < (index + 1) * pageSize && offset + Math.max(1, length) > index * pageSize;
    if (kind === 'gmem') return subject.kind === 'gmem' && gmem.inodeOf(handle) === subject.row && holds(subject.index);
    if (subject.kind === 'mapping') return handle === subject.row && holds(subject.index);
    const { mappings } = spaces;
    const isOfFile = mappings.get(handle, 'kind') === MAPS_GMEM;
    const inode = isOfFile ? gmem.files.get(mappings.get(handle, 'file'), 'inode') : 0;
    return inode === subject.row && holds(subject.index - mappings.get(handle, 'pgoff'));
  }

  /** The frame's PA, granule and all. */
  addressOf({ pfn }: Stay): number {
    return pfn * this.run.machine.linux.pageSize + this.subject.granule * GRANULE;
  }

  /** The frame behind the page now; 0 if there is none. */
  pfnNow(): number {
    const { subject } = this;
    const { gmem, spaces } = this.run.machine.linux;
    if (subject.kind === 'frame') return subject.pfn;
    if (subject.kind === 'gmem') return gmem.pfnAt(subject.row, subject.index);
    return ptePfn(spaces.pte(spaces.mappings.get(subject.row, 'process'), this.firstPage() + subject.index));
  }

  private firstPage(): number {
    const { subject } = this;
    return subject.kind === 'mapping' ? this.run.machine.linux.spaces.mappings.get(subject.row, 'start') : 0;
  }

  /** The entries that say which frame is there. A large folio has one, at its first page. */
  private presence(): number[] {
    const { subject } = this;
    const { gmem, spaces, xarrays } = this.run.machine.linux;
    if (subject.kind === 'frame') return [];
    const found = (root: number, index: number) => xarrays.cellOf(root, index) ?? [];
    if (subject.kind === 'mapping')
      return [found(spaces.root(spaces.mappings.get(subject.row, 'process')), this.firstPage() + subject.index)].flat();
    const orders = gmem.inodes.get(subject.row, 'order') === 0 ? [0] : [0, PMD_ORDER, PUD_ORDER];
    const firsts = new Set(orders.map((order) => subject.index - (subject.index % 2 ** order)));
    return [...firsts].flatMap((index) => found(gmem.inodes.cell(subject.row, 'folios'), index));
  }

  private findStays(): void {
    const { run, subject } = this;
    const { machine } = run;
    if (subject.kind === 'frame') {
      this.stays.push({ pfn: subject.pfn, from: 0, to: Number.POSITIVE_INFINITY });
      return;
    }
    run.seek(run.reached);
    const presence = this.presence();
    const lost: Lost[] = [];
    let pfn = 0;
    for (const moment of machine.store.momentsOf(presence)) {
      run.seek(moment);
      const now = this.pfnNow();
      if (now === pfn) continue;
      const last = this.stays.at(-1);
      if (pfn !== 0 && last) lost.push({ stay: last, moment });
      if (now !== 0) this.stays.push({ pfn: now, from: this.takenAt(now, moment), to: Number.POSITIVE_INFINITY });
      pfn = now;
    }
    this.endStays(lost);
  }

  /** The moment in which the frame was taken that is put to use in another one. */
  private takenAt(pfn: number, moment: number): number {
    const { run } = this;
    const { store, linux } = run.machine;
    const owner = linux.folios.cell(linux.folios.head(pfn), 'owner');
    let taken = moment;
    for (;;) {
      run.seek(taken - 1);
      if (store.read(owner) === OWNER_FREE) break;
      const before = store.lastWrite(owner, taken - 1);
      if (before === 0) break;
      taken = before;
    }
    run.seek(moment);
    return taken;
  }

  /** Frames that the page lost stay with it until they are free again, for ever if somebody keeps them. */
  private endStays(lost: readonly Lost[]): void {
    const { run } = this;
    const { store, linux } = run.machine;
    const waiting = new Map<number, Lost[]>();
    for (const one of lost) {
      const owner = linux.folios.cell(one.stay.pfn, 'owner');
      waiting.set(owner, [...(waiting.get(owner) ?? []), one]);
    }
    for (const moment of store.momentsOf([...waiting.keys()])) {
      run.seek(moment - 1);
      const from = store.position;
      run.seek(moment);
      store.eachWritten(from, store.position, (cell) => {
        const all = waiting.get(cell);
        if (!all || store.read(cell) !== OWNER_FREE) return;
        for (const one of all) if (one.moment <= moment) one.stay.to = Math.min(one.stay.to, moment);
        waiting.set(
          cell,
          all.filter((one) => one.moment > moment),
        );
      });
    }
  }

  /** Guests have a page of a file by its bindings, one of a mapping by the address that a memslot has. */
  private findGuests(): void {
    const { subject, run } = this;
    const { store, linux } = run.machine;
    const { gmem, vms } = linux;
    run.seek(run.reached);
    if (subject.kind === 'gmem') {
      for (const file of this.files()) {
        const bindings = gmem.files.cell(file, 'bindings');
        const slotNow = () => gmem.ranges.get(store.read(bindings), subject.index) - 1;
        const bound = store.momentsOf([bindings]).map((moment) => {
          run.seek(moment);
          return slotNow();
        });
        // A file is bound before its memslot says where it is.
        const slots = [...new Set(bound)].filter((slot) => slot >= 0);
        const where = slots.flatMap((slot) => (['base', 'pgoff', 'used'] as const).map((c) => vms.slots.cell(slot, c)));
        this.follow(store.momentsOf([bindings, ...where]), () => {
          const slot = slotNow();
          if (slot < 0 || !vms.slotExists(slot)) return undefined;
          return { vm: vms.vmOfSlot(slot), gfn: this.gfnIn(slot), slot, fromFile: true };
        });
      }
      return;
    }
    if (subject.kind === 'frame') return;
    for (let vm = vms.rows.last; vm > 0; vm--) {
      const slots = vms.rows.cell(vm, 'slots 0');
      this.follow(store.momentsOf([slots]), () => {
        const address = linux.spaces.address(subject.row) + subject.index * linux.pageSize;
        let found: Omit<Guest, 'from' | 'to'> | undefined;
        vms.eachSlot(vm, 0, vms.end, (slot, from, to) => {
          const gfn = vms.slots.get(slot, 'base') + Math.floor((address - vms.slots.get(slot, 'hva')) / linux.pageSize);
          if (vms.slots.get(slot, 'hva') !== 0 && gfn >= from && gfn < to) found = { vm, gfn, slot, fromFile: false };
        });
        return found;
      });
    }
  }

  /** The open files of the page's inode, and those that were. */
  private files(): number[] {
    const { files } = this.run.machine.linux.gmem;
    const { subject } = this;
    return Array.from({ length: files.last }, (_, i) => i + 1).filter(
      (file) => subject.kind === 'gmem' && files.get(file, 'inode') === subject.row,
    );
  }

  private gfnIn(slot: number): number {
    const { slots } = this.run.machine.linux.vms;
    const index = this.subject.kind === 'gmem' ? this.subject.index : 0;
    return slots.get(slot, 'base') + index - slots.get(slot, 'pgoff');
  }

  /** Notes from when to when a guest had the page, by the moments that may have changed that. */
  private follow(moments: readonly number[], look: () => Omit<Guest, 'from' | 'to'> | undefined): void {
    let open: Guest | undefined;
    for (const moment of moments) {
      this.run.seek(moment);
      const now = look();
      if (open && now?.slot === open.slot && now.gfn === open.gfn) continue;
      if (open) open.to = moment;
      open = now && { ...now, from: moment, to: Number.POSITIVE_INFINITY };
      if (open) this.guests.push(open);
    }
  }

  private ownCells(): PageCell[] {
    const { subject } = this;
    const { gmem } = this.run.machine.linux;
    const presence = this.presence().map((cell): PageCell => ({ cell }));
    if (subject.kind !== 'gmem') return presence;
    const { row, index } = subject;
    const bindings = this.files().map(
      (file): PageCell => ({ cell: gmem.files.cell(file, 'bindings'), map: { index, says: 'memslot' } }),
    );
    return [...presence, { cell: gmem.inodes.cell(row, 'attributes'), map: { index, says: 'attribute' } }, ...bindings];
  }

  /** Entries of all processes whose mappings show a page of a file, and those that a mapping was copied to. */
  private hostCells(): PageCell[] {
    const { subject } = this;
    const { spaces, gmem } = this.run.machine.linux;
    const { mappings } = spaces;
    if (subject.kind === 'frame') return [];
    return Array.from({ length: mappings.last }, (_, i) => i + 1).flatMap((row): PageCell[] => {
      const get = (column: Parameters<typeof mappings.get>[1]) => mappings.get(row, column);
      const kind = get('kind');
      const inode = kind === MAPS_GMEM ? gmem.files.get(get('file'), 'inode') : kind === MAPS_MEMFD ? get('file') : 0;
      const isOfFile = subject.kind === 'gmem' && inode === subject.row;
      const isCopy = subject.kind === 'mapping' && row !== subject.row && get('start') === this.firstPage();
      const own = isOfFile ? subject.index - get('pgoff') : isCopy ? subject.index : -1;
      if (own < 0 || own >= get('pages')) return [];
      const cell = spaces.pteCell(get('process'), get('start') + own);
      return cell === undefined ? [] : [{ cell }];
    });
  }

  private guestCells(): PageCell[] {
    const { vms } = this.run.machine.linux;
    return this.guests.flatMap(({ vm, gfn, slot }): PageCell[] => {
      const sptes = [SHARED_HALF, PRIVATE_HALF].flatMap((half) => vms.spteCell(vm, half, gfn) ?? []);
      return [
        { cell: vms.slots.cell(slot, 'flags') },
        { cell: vms.rows.cell(vm, 'attributes'), map: { index: gfn, says: 'attribute' } },
        ...sptes.map((cell) => ({ cell })),
      ];
    });
  }

  private frameCells(stay: Stay): PageCell[] {
    const { machine } = this.run;
    const { folios } = machine.linux;
    const realmState = machine.rmm.realms.table.columns.indexOf('state');
    const at = this.addressOf(stay);
    if (!machine.pages.has(at)) return [];
    const heads = new Set([PUD_ORDER, PMD_ORDER, 0].map((order) => stay.pfn - (stay.pfn % 2 ** order)));
    const own = [...heads].filter((head) => head === stay.pfn || (folios.isHuge && head >= folios.firstPfn));
    return [
      ...own.flatMap((head) => FOLIO.map((column): PageCell => ({ cell: folios.cell(head, column), head, stay }))),
      { cell: machine.rmm.granules.stateCell(at), stay },
      { cell: machine.rmm.granules.gptCell(at), stay },
      { cell: machine.pages.table.cell(machine.pages.row(at), 0), stay },
      { cell: machine.rmm.realms.table.cell(machine.pages.row(at), realmState), stay },
    ];
  }
}
