// The pages that a run has touched so far, kept up to date from place to place in time by what was written in between.
import { HWPOISON, STUCK } from '../emulator/linux/folios.ts';
import { GRANULE_STATES, type GranuleState } from '../emulator/rmm/granules.ts';
import { entryAddress, entryState, isLive, isTable } from '../emulator/rmm/rtt-entry.ts';
import { ENTRIES, span } from '../emulator/rmm/rtts.ts';
import { type Run, structureCell } from '../run/index.ts';
import type { Table } from '../store/index.ts';
import { familyOf, NO_PAGES } from './moment-families.ts';
import { Stamps } from './moment-stamps.ts';
import type { Family } from './panel-model.ts';

const GRANULE = 4096;
/** Pages that are counted together, so that untouched memory is passed over in one look. */
const BLOCK = 512;
/** The bits of a kind that are the granule's state; the GPT entry is above. */
const STATE_BITS = 4;
/** Pages of a named range that count as touched from the beginning. */
const MOST_NAMED = 512;

const FAMILIES = GRANULE_STATES.map((state) => familyOf(state));

/** An entry that maps pages: where it stands, and the IPA of the page in question. */
export interface Mapping {
  readonly rtt: number;
  readonly index: number;
  readonly entry: number;
  readonly level: number;
  readonly realm: number;
  readonly ipa: number;
}

export class Pages {
  readonly run: Run;
  /** How often each page was written so far. */
  private readonly touches: Uint32Array;
  private readonly kinds: Uint8Array;
  private readonly inBlock: Uint32Array;
  private readonly perFamily: Record<Family, number> = { ...NO_PAGES };
  /** For a page, the entries for one page that map it, in the order of their table: realms may share a page. */
  private readonly mappedBy = new Map<number, readonly number[]>();
  /** Of entries that map: the first page, and how many; what is forgotten when the entry is written again. */
  private readonly mapping = new Map<number, { readonly row: number; readonly count: number }>();
  /** Entries for more than one page, and tables that continue one. */
  private readonly wide = new Set<number>();
  private readonly unfolded = new Set<number>();
  private readonly realms = new Set<number>();
  /** Frames that the kernel has lost: leaked, struck by memory failure, or never given back by firmware. */
  readonly lost = new Set<number>();
  /** When what the kernel's pages are told from was written last. */
  readonly stamps: Stamps;
  private position = 0;

  constructor(run: Run, named: readonly { readonly at: number; readonly length: number }[]) {
    this.run = run;
    this.stamps = new Stamps(run.machine);
    const { rows } = run.machine.rmm.granules.table;
    this.touches = new Uint32Array(rows);
    this.kinds = new Uint8Array(rows);
    this.inBlock = new Uint32Array(Math.ceil(rows / BLOCK));
    for (const { at, length } of named) {
      for (let i = 0; i < Math.min(MOST_NAMED, Math.max(1, length / GRANULE)); i++) {
        if (run.machine.pages.has(at + i * GRANULE)) this.touch(run.machine.pages.row(at + i * GRANULE), 1);
      }
    }
  }

  /** Brings everything to where the machine stands, also between two writes. */
  sync(): void {
    const { store } = this.run.machine;
    const now = store.position;
    if (now === this.position) return;
    const { rmm, pages } = this.run.machine;
    const structures = structureCell(this.run.machine);
    const step = now > this.position ? 1 : -1;
    const changed = new Set<number>();
    const entries = new Set<number>();
    const tables = new Set<number>();
    const of = ({ base, rows, width }: Table<string>) => ({ base, end: base + rows * width, width });
    const granule = of(rmm.granules.table);
    const page = of(pages.table);
    const entry = of(rmm.rtts.entries);
    const table = of(rmm.rtts.table);
    const { table: folioTable } = this.run.machine.linux.folios;
    const folio = of(folioTable);
    const [leaked, flags] = [folioTable.columns.indexOf('leaked'), folioTable.columns.indexOf('flags')];
    const node = of(this.run.machine.linux.xarrays.nodes);
    const slot = of(this.run.machine.linux.vms.slots.table);
    const slotFlags = this.run.machine.linux.vms.slots.table.columns.indexOf('flags');
    const { stamps } = this;
    stamps.advance();
    store.eachWritten(Math.min(now, this.position), Math.max(now, this.position), (cell) => {
      if (cell >= node.base && cell < node.end) stamps.node(cell - node.base);
      else if (cell >= folio.base && cell < folio.end) {
        const row = Math.floor((cell - folio.base) / folio.width);
        const column = cell - folio.base - row * folio.width;
        stamps.folio(row);
        if (column === leaked || column === flags) this.refreshFolio(row);
      } else if (cell >= granule.base && cell < granule.end) {
        const row = Math.floor((cell - granule.base) / granule.width);
        stamps.granule(row);
        this.touch(row, step);
        changed.add(row);
      } else if (cell >= page.base && cell < page.end) {
        if (cell === structures) return;
        const row = Math.floor((cell - page.base) / page.width);
        stamps.granule(row);
        this.touch(row, step);
      } else if (cell >= entry.base && cell < entry.end) entries.add(cell - entry.base);
      else if (cell >= table.base && cell < table.end) {
        tables.add(Math.floor((cell - table.base) / table.width));
      } else if (cell >= slot.base && cell < slot.end && (cell - slot.base) % slot.width !== slotFlags)
        stamps.memslot();
    });
    for (const row of entries) stamps.entry(Math.floor(row / ENTRIES), row % ENTRIES);
    this.position = now;
    for (const row of changed) this.refresh(row);
    for (const row of tables) this.refreshTable(row);
    for (const row of entries) this.refreshEntry(row);
  }

  /** Pages a family. */
  get totals(): Readonly<Record<Family, number>> {
    return this.perFamily;
  }

  /** PAs of the realm descriptors there are, in order. */
  get realmDescriptors(): number[] {
    return [...this.realms].sort((a, b) => a - b).map((row) => this.run.machine.pages.address(row));
  }

  /** State and GPT entry of a page in one number: equal for pages that are drawn alike. */
  kind(row: number): number {
    return this.kinds[row] as number;
  }

  state(row: number): GranuleState {
    return GRANULE_STATES[this.kind(row) & ((1 << STATE_BITS) - 1)] as GranuleState;
  }

  /** Calls `visit` for each touched page in the order of addresses. */
  each(visit: (row: number) => void): void {
    const { inBlock, touches } = this;
    for (let block = 0; block < inBlock.length; block++) {
      if (inBlock[block] === 0) continue;
      const end = Math.min((block + 1) * BLOCK, touches.length);
      for (let row = block * BLOCK; row < end; row++) if (touches[row] !== 0) visit(row);
    }
  }

  /** The entry that maps a page now, if one does. */
  mappingOf(row: number): Mapping | undefined {
    const [exact] = this.mappedBy.get(row) ?? [];
    if (exact !== undefined) return this.mappingAt(exact, row);
    for (const entry of this.wide) {
      const found = this.mappingAt(entry, row);
      if (found) return found;
    }
    const { rtts } = this.run.machine.rmm;
    for (const rtt of this.unfolded) {
      const first = rtts.entry(rtt, 0);
      const index = Math.floor((this.run.machine.pages.address(row) - entryAddress(first)) / span(rtts.level(rtt)));
      const found = index >= 0 && index < ENTRIES ? this.mappingAt(rtt * ENTRIES + index, row) : undefined;
      if (found) return found;
    }
    return undefined;
  }

  private mappingAt(entryRow: number, row: number): Mapping | undefined {
    const { rmm, pages } = this.run.machine;
    const rtt = Math.floor(entryRow / ENTRIES);
    const index = entryRow % ENTRIES;
    const entry = rmm.rtts.entry(rtt, index);
    const level = rmm.rtts.level(rtt);
    const offset = pages.address(row) - entryAddress(entry);
    if (!isLive(entry) || isTable(entry) || offset < 0 || offset >= span(level)) return undefined;
    const ipa = rmm.rtts.ipa(rtt) + index * span(level) + offset;
    return { rtt, index, entry, level, realm: pages.address(rmm.rtts.realm(rtt)), ipa };
  }

  /** Whether the page was written, or has a name. */
  isTouched(row: number): boolean {
    return this.touches[row] !== 0;
  }

  private refreshFolio(row: number): void {
    const { folios } = this.run.machine.linux;
    const pfn = folios.pfnAt(row);
    if (folios.get(pfn, 'leaked') > 0 || folios.has(pfn, HWPOISON | STUCK)) this.lost.add(pfn);
    else if (this.lost.size > 0) this.lost.delete(pfn);
  }

  private touch(row: number, step: number): void {
    const before = this.touches[row] as number;
    const after = before + step;
    this.touches[row] = after;
    if (before !== 0 && after !== 0) return;
    const family = FAMILIES[(this.kinds[row] as number) & ((1 << STATE_BITS) - 1)] as Family;
    const sign = after === 0 ? -1 : 1;
    const block = Math.floor(row / BLOCK);
    this.inBlock[block] = (this.inBlock[block] as number) + sign;
    this.perFamily[family] += sign;
  }

  private refresh(row: number): void {
    const { table } = this.run.machine.rmm.granules;
    const state = table.get(row, 0);
    const before = FAMILIES[(this.kinds[row] as number) & ((1 << STATE_BITS) - 1)] as Family;
    const after = FAMILIES[state] as Family;
    this.kinds[row] = state | (table.get(row, 1) << STATE_BITS);
    if (GRANULE_STATES[state] === 'RD') this.realms.add(row);
    else this.realms.delete(row);
    if (this.touches[row] === 0 || before === after) return;
    this.perFamily[before]--;
    this.perFamily[after]++;
  }

  /** A table that continues an entry which maps a block maps its pages without having written an entry. */
  private refreshTable(rtt: number): void {
    const { rtts } = this.run.machine.rmm;
    const first = rtts.table.get(rtt, rtts.table.columns.indexOf('unfolded'));
    if (first !== 0 && isLive(first)) this.unfolded.add(rtt);
    else this.unfolded.delete(rtt);
  }

  private refreshEntry(row: number): void {
    const { rmm, pages } = this.run.machine;
    const old = this.mapping.get(row);
    if (old) {
      this.mapBy(
        old.row,
        (this.mappedBy.get(old.row) ?? []).filter((one) => one !== row),
      );
      this.mapping.delete(row);
      this.wide.delete(row);
    }
    const entry = rmm.rtts.entries.get(row, 0);
    const state = entryState(entry);
    if (entry === 0 || state === 'TABLE' || !isLive(entry) || !pages.has(entryAddress(entry))) return;
    const count = span(rmm.rtts.level(Math.floor(row / ENTRIES))) / GRANULE;
    const first = pages.row(entryAddress(entry));
    this.mapping.set(row, { row: first, count });
    if (count > 1) this.wide.add(row);
    else
      this.mapBy(
        first,
        [...(this.mappedBy.get(first) ?? []), row].sort((a, b) => a - b),
      );
  }

  private mapBy(page: number, entries: readonly number[]): void {
    if (entries.length > 0) this.mappedBy.set(page, entries);
    else this.mappedBy.delete(page);
  }
}
