// Which array of the kernel an entry belongs to: a page cache, the page table of a process, stage 2 of a VM. Nodes are shared by all arrays.
import { PRIVATE_HALF, SHARED_HALF } from '../kvm/platform.ts';
import type { Machine } from '../machine.ts';
import type { Linux } from './linux.ts';

const ENTRIES = 512;
const INNER_LEVELS = 3;

/** An array and whose it is: the row of the inode, the process or the VM. */
export interface KernelArray {
  readonly kind: 'page cache' | 'page table' | 'stage 2' | 'pin';
  readonly row: number;
  /** For stage 2. */
  readonly half: number;
}

interface Leaf {
  readonly array: KernelArray;
  /** The cell of the array's root. */
  readonly root: number;
  /** What the first entry of the node stands for. */
  readonly first: number;
}

/** Where each node was found last. Looked at again before it is believed, for after a change of history it may be another's. */
const known = new WeakMap<Machine, Map<number, Leaf>>();

/** The array of a leaf entry, and the entry's index in it; `undefined` for an inner node. `row` is one of the table of entries. */
export function arrayEntry(
  machine: Machine,
  nodes: number,
  row: number,
): { readonly array: KernelArray; readonly index: number } | undefined {
  const node = Math.floor(row / ENTRIES);
  const leaves = known.get(machine) ?? new Map<number, Leaf>();
  known.set(machine, leaves);
  const kept = leaves.get(node);
  const leaf = kept && leads(machine, nodes, kept, node) ? kept : search(machine, nodes, node);
  if (!leaf) return undefined;
  leaves.set(node, leaf);
  return { array: leaf.array, index: leaf.first + (row % ENTRIES) };
}

/** Whether the path from the root still ends at the node. */
function leads({ store }: Machine, nodes: number, { root, first }: Leaf, node: number): boolean {
  let at = store.read(root);
  for (let level = 0; level < INNER_LEVELS && at !== 0; level++) {
    const span = ENTRIES ** (INNER_LEVELS - level);
    at = store.read(nodes + at * ENTRIES + (Math.floor(first / span) % ENTRIES));
  }
  return at === node;
}

function search(machine: Machine, nodes: number, node: number): Leaf | undefined {
  const { store } = machine;
  for (const { root, ...array } of arrays(machine.linux)) {
    const below = (inner: number, level: number, base: number): number | undefined => {
      if (level === INNER_LEVELS) return inner === node ? base : undefined;
      for (let i = 0; i < ENTRIES; i++) {
        const next = store.read(nodes + inner * ENTRIES + i);
        if (next === 0) continue;
        const found = below(next, level + 1, base + i * ENTRIES ** (INNER_LEVELS - level));
        if (found !== undefined) return found;
      }
      return undefined;
    };
    const top = store.read(root);
    const first = top === 0 ? undefined : below(top, 0, 0);
    if (first !== undefined) return { array, root, first };
  }
  return undefined;
}

function* arrays({ gmem, spaces, vms, pins }: Linux): Iterable<KernelArray & { readonly root: number }> {
  const half = 0;
  for (let row = 1; row <= gmem.inodes.last; row++)
    yield { kind: 'page cache', row, half, root: gmem.inodes.cell(row, 'folios') };
  for (let row = 1; row <= spaces.processes.last; row++)
    yield { kind: 'page table', row, half, root: spaces.processes.cell(row, 'pages') };
  for (let row = 1; row <= vms.rows.last; row++) {
    yield { kind: 'stage 2', row, half: SHARED_HALF, root: vms.rows.cell(row, 'stage 2') };
    yield { kind: 'stage 2', row, half: PRIVATE_HALF, root: vms.rows.cell(row, 'stage 2 private') };
  }
  for (let row = 1; row <= pins.rows.last; row++) yield { kind: 'pin', row, half, root: pins.rows.cell(row, 'pages') };
}
