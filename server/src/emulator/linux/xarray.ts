// Sparse arrays in cells, as trees of nodes with 512 entries: page caches, page tables of processes and of guests.
import type { Store, Table } from '../../store/index.ts';

const ENTRIES = 512;
const LEVELS = 4;
/** Indexes are below this. */
export const MOST_INDEX: number = ENTRIES ** LEVELS;
/** Nodes that all arrays share: 256 GiB of pages of 4K. */
const NODES = 2 ** 17;

/** What one entry of a node at each level spans, from the root. */
const SPANS = [ENTRIES ** 3, ENTRIES ** 2, ENTRIES, 1] as const;

/** An array is named by the cell that holds its root; entries that were never set are 0. */
export class Xarrays {
  private readonly store: Store;
  /** The entries of all nodes, 512 each. */
  readonly nodes: Table<'entry'>;
  private readonly used: Table<'nodes'>;

  constructor(store: Store) {
    this.store = store;
    this.used = store.table('xarray', ['nodes'], 1);
    this.nodes = store.table('xarray node', ['entry'], NODES * ENTRIES);
  }

  get(root: number, index: number): number {
    const cell = this.cellOf(root, index);
    return cell === undefined ? 0 : this.store.read(cell);
  }

  /** The cell of an entry; `undefined` while its node does not exist. */
  cellOf(root: number, index: number): number | undefined {
    const { store } = this;
    const { base } = this.nodes;
    let cell = root;
    for (let level = 0; level < LEVELS; level++) {
      const node = store.read(cell);
      if (node === 0) return undefined;
      cell = base + node * ENTRIES + (Math.floor(index / (SPANS[level] as number)) % ENTRIES);
    }
    return cell;
  }

  /** Nodes in use by all arrays. */
  get size(): number {
    return this.used.get(0, 0);
  }

  /** The node that has an entry; 0 while it does not exist. */
  leafOf(root: number, index: number): number {
    const cell = this.cellOf(root, index);
    return cell === undefined ? 0 : Math.floor((cell - this.nodes.base) / ENTRIES);
  }

  set(root: number, index: number, value: number): void {
    const { store } = this;
    const { base } = this.nodes;
    let cell = root;
    for (let level = 0; level < LEVELS; level++) {
      let node = store.read(cell);
      if (node === 0) {
        if (value === 0) return;
        node = this.allocate();
        store.write(cell, node);
      }
      cell = base + node * ENTRIES + (Math.floor(index / (SPANS[level] as number)) % ENTRIES);
    }
    store.write(cell, value);
  }

  /** Visits the entries in [from, to) that are not 0, in order; they may be changed meanwhile. */
  each(root: number, from: number, to: number, visit: (index: number, value: number) => void): void {
    this.walk(this.store.read(root), 0, 0, from, Math.min(to, MOST_INDEX), (index, value) => {
      visit(index, value);
      return false;
    });
  }

  /** The first entry in [from, to) that is not 0; -1 if there is none. */
  next(root: number, from: number, to: number): number {
    let found = -1;
    this.walk(this.store.read(root), 0, 0, from, Math.min(to, MOST_INDEX), (index) => {
      found = index;
      return true;
    });
    return found;
  }

  /** True if a visit ended the walk. */
  private walk(
    node: number,
    level: number,
    base: number,
    from: number,
    to: number,
    visit: (index: number, value: number) => boolean,
  ): boolean {
    if (node === 0 || from >= to) return false;
    const span = SPANS[level] as number;
    const first = Math.max(0, Math.floor((from - base) / span));
    const last = Math.min(ENTRIES, Math.ceil((to - base) / span));
    const cells = this.nodes.base + node * ENTRIES;
    for (let i = first; i < last; i++) {
      const value = this.store.read(cells + i);
      if (value === 0) continue;
      const index = base + i * span;
      const stop = level === LEVELS - 1 ? visit(index, value) : this.walk(value, level + 1, index, from, to, visit);
      if (stop) return true;
    }
    return false;
  }

  private allocate(): number {
    const node = this.used.get(0, 0) + 1;
    if (node === NODES) throw new RangeError('too many pages are in use at once');
    this.used.set(0, 0, node);
    return node;
  }
}
