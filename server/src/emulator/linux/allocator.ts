// The page allocator: which frames are free. Deterministic: the same requests give the same frames.
import type { Store } from '../../store/index.ts';
import { type Folios, OWNER_FREE, PMD_ORDER, PUD_ORDER } from './folios.ts';
import { Rows } from './rows.ts';

/** Each size that is given out has a list of frames that came back. */
const ORDERS = [0, PMD_ORDER, PUD_ORDER] as const;

/** One part in this many of a node's memory at its beginning is never given out: scenarios name such addresses themselves. */
const RESERVED = 16;

/**
 * Single pages are taken from the bottom of a node up, large ones from the top down. A page that came back is the first to
 * be given out again, as the kernel's per-CPU lists do, so that whatever is wrong with it shows.
 */
export class Allocator {
  readonly nodes: number;
  private readonly folios: Folios;
  private readonly rows: Rows<'up' | 'down' | 'free 0' | 'free 9' | 'free 18' | 'in use'>;

  constructor(store: Store, folios: Folios, nodes: number) {
    this.folios = folios;
    this.nodes = nodes;
    this.rows = new Rows(store, 'memory node', ['up', 'down', 'free 0', 'free 9', 'free 18', 'in use'], nodes + 1);
  }

  /** The first frame of a folio of that order, or 0 if the node has none left. */
  take(order: number, node = 0): number {
    const { rows, folios } = this;
    const row = node + 1;
    const list = listOf(order);
    // Folios of other orders are rare: they come from untouched memory and go back page by page.
    let pfn = isListed(order) ? rows.get(row, list) : 0;
    if (pfn !== 0) {
      rows.set(row, list, folios.get(pfn, 'next free'));
      folios.set(pfn, 'next free', 0);
    } else {
      pfn = order === 0 ? this.fromBottom(node) : this.fromTop(node, 2 ** order);
    }
    if (pfn === 0) return 0;
    rows.count(row, 'in use', 2 ** order);
    if (order !== 0) folios.set(pfn, 'order', order);
    return pfn;
  }

  /** Takes back a folio that nobody holds any more; what it contains stays. */
  give(pfn: number): void {
    const { rows, folios } = this;
    const order = folios.get(pfn, 'order');
    const row = this.nodeOf(pfn) + 1;
    const list = listOf(order);
    const parts = isListed(order) ? 1 : 2 ** order;
    for (let page = pfn; page < pfn + parts; page++) {
      for (const column of ['index', 'order', 'batch', 'flags', 'private'] as const) folios.set(page, column, 0);
      folios.set(page, 'owner', OWNER_FREE);
      folios.set(page, 'next free', rows.get(row, list));
      rows.set(row, list, page);
    }
    rows.count(row, 'in use', -(2 ** order));
  }

  nodeOf(pfn: number): number {
    return Math.floor((pfn - this.folios.firstPfn) / this.span);
  }

  /** Pages given out. */
  get inUse(): number {
    let pages = 0;
    for (let node = 0; node < this.nodes; node++) pages += this.rows.get(node + 1, 'in use');
    return pages;
  }

  private get span(): number {
    return Math.floor((this.folios.endPfn - this.folios.firstPfn) / this.nodes);
  }

  private bottom(node: number): number {
    const reserved = Math.ceil(this.span / RESERVED);
    return this.folios.firstPfn + node * this.span + reserved + this.rows.get(node + 1, 'up');
  }

  private top(node: number): number {
    return this.folios.firstPfn + (node + 1) * this.span - this.rows.get(node + 1, 'down');
  }

  private fromBottom(node: number): number {
    const pfn = this.bottom(node);
    if (pfn >= this.top(node)) return 0;
    this.rows.count(node + 1, 'up', 1);
    return pfn;
  }

  private fromTop(node: number, pages: number): number {
    const top = this.top(node);
    const pfn = top - pages - ((top - pages) % pages);
    if (pfn < this.bottom(node)) return 0;
    this.rows.count(node + 1, 'down', top - pfn);
    return pfn;
  }
}

const isListed = (order: number) => ORDERS.some((known) => known === order);
const listOf = (order: number) => `free ${ORDERS.find((known) => known === order) ?? 0}` as const;
