// The pages of an object as stretches that are alike in all that is told of them. They are kept in blocks of 512 pages, and only
// the blocks are looked at again of which something was written: a stop costs what it changed, not what there is.
import { Evaluation } from './moment-evaluation.ts';
import type { KernelMemory, KernelPage, MemoryObject, State } from './moment-kernel.ts';
import { layoutOf } from './moment-kernel-doors.ts';
import { CHUNK } from './moment-stamps.ts';
import type { Pages } from './pages.ts';

/** Neighbouring units of an object; `page` is where they begin, `granule` counts from its start. */
export interface Stretch {
  readonly page: KernelPage;
  readonly granule: number;
  /** The row of the first granule; -1 where there is no page. */
  readonly row: number;
  readonly state: State;
  readonly isPrivate: boolean;
  /** No other object tells of these pages: a mapping shows those of its file once more. */
  readonly isOwn: boolean;
  /** The granules count among the RMM's touched ones. */
  readonly isTouched: boolean;
  /** The mappings that have it, and what stage 2 says of it; empty where that is nothing. */
  readonly hosts: string;
  readonly stage2: string;
  units: number;
  /** Pages that begin in it. */
  pages: number;
  /** Folios that begin in it. */
  folios: number;
}

export interface Block {
  readonly stretches: readonly Stretch[];
  readonly stamp: number;
  /** Nodes that its entries are in: the root and the first index, and which node that was. */
  readonly nodes: readonly { readonly root: number; readonly index: number; readonly node: number }[];
  /** A frame of each chunk of frames that it has. */
  readonly frames: readonly number[];
  /** Folios that begin elsewhere, and what of them decides a state here. */
  readonly heads: ReadonlyMap<number, string>;
  /** For a file: the folio at its first page. */
  readonly cover: number;
  readonly ipas: readonly (readonly [from: number, to: number])[];
  /** Who may use its pages, by where that changes. */
  readonly attributes: string;
  attributesKey: string;
}

interface Kept {
  layout: string;
  readonly blocks: (Block | undefined)[];
}

const known = new WeakMap<Pages, Map<string, Kept>>();

/** All stretches of an object, in order and without gaps. */
export function eachStretch(memory: KernelMemory, object: MemoryObject, visit: (stretch: Stretch) => void): void {
  const objects = known.get(memory.pages) ?? new Map<string, Kept>();
  known.set(memory.pages, objects);
  const key = `${object.kind} ${object.row}`;
  const kept = objects.get(key) ?? { layout: '', blocks: [] };
  objects.set(key, kept);
  const layout = layoutOf(memory, object);
  if (kept.layout !== layout) {
    kept.layout = layout;
    kept.blocks.length = 0;
  }
  for (let from = 0, i = 0; from < object.pages; from += CHUNK, i++) {
    let block = kept.blocks[i];
    if (!block || !isCurrent(memory, object, from, block)) {
      block = new Evaluation(memory, object, from).block();
      kept.blocks[i] = block;
    }
    for (const stretch of block.stretches) visit(stretch);
  }
}

function isCurrent(memory: KernelMemory, object: MemoryObject, from: number, block: Block): boolean {
  const { stamps } = memory.pages;
  const { stamp } = block;
  if (stamp === stamps.now) return true;
  const { xarrays, gmem } = memory.linux;
  for (const { root, index, node } of block.nodes)
    if (xarrays.leafOf(root, index) !== node || stamps.ofNode(node) > stamp) return false;
  for (const pfn of block.frames) if (stamps.ofFrame(pfn) > stamp) return false;
  for (const [head, text] of block.heads) if (headText(memory, head) !== text) return false;
  for (const [begin, end] of block.ipas) if (stamps.ofIpas(begin, end) > stamp) return false;
  if (object.kind === 'gmem' && gmem.folioAt(object.row, from) !== block.cover) return false;
  const key = memory.attributesKey(object.inode);
  if (key === block.attributesKey) return true;
  block.attributesKey = key;
  return memory.attributesIn(object, from, Math.min(from + CHUNK, object.pages)) === block.attributes;
}

/** What of a folio decides the state of its pages. */
export const headText = (memory: KernelMemory, head: number): string =>
  `${memory.linux.folios.get(head, 'owner')} ${memory.wrongWith(head) ?? ''}`;
