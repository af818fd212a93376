// NUMA policies of file ranges: where a page that is allocated later comes from.
import type { Machine } from '../machine.ts';

export const MPOL_DEFAULT = 0;
export const MPOL_PREFERRED = 1;
export const MPOL_BIND = 2;
export const MPOL_INTERLEAVE = 3;
export const MPOL_LOCAL = 4;
export const MPOL_WEIGHTED_INTERLEAVE = 6;
export const MPOL_MODES: Readonly<Record<string, number>> = {
  MPOL_DEFAULT,
  MPOL_PREFERRED,
  MPOL_BIND,
  MPOL_INTERLEAVE,
  MPOL_LOCAL,
  MPOL_PREFERRED_MANY: 5,
  MPOL_WEIGHTED_INTERLEAVE,
};
/** Modes are below this. */
const MODES = 8;
/** Modes without nodes: MPOL_PREFERRED may have none, and is MPOL_LOCAL then. */
const WITHOUT_NODES: ReadonlySet<number> = new Set([MPOL_DEFAULT, MPOL_PREFERRED, MPOL_LOCAL]);
/** Every node has the weight 1. */
const INTERLEAVING: ReadonlySet<number> = new Set([MPOL_INTERLEAVE, MPOL_WEIGHTED_INTERLEAVE]);

/** What mpol_new makes of a mode and nodes, of which `present` are those of the machine; `undefined` if it refuses. */
export function newPolicy(mode: number, nodes: number, present: number): number | undefined {
  if (!Object.values(MPOL_MODES).includes(mode)) return undefined;
  if (nodes === 0 && WITHOUT_NODES.has(mode)) return policyOf(mode === MPOL_PREFERRED ? MPOL_LOCAL : mode, 0);
  if (mode === MPOL_DEFAULT || mode === MPOL_LOCAL) return undefined;
  const there = nodes % (present + 1);
  return there === 0 ? undefined : policyOf(mode, there);
}

/** A policy as a value of a range map. `nodes` is a bit mask. */
const policyOf = (mode: number, nodes: number): number => mode + nodes * MODES;
export const policyMode = (policy: number): number => policy % MODES;
export const policyNodes = (policy: number): number => Math.floor(policy / MODES);

/** The NUMA node for a page of a file. */
export function nodeFor({ linux: { gmem, allocator } }: Machine, inode: number, index: number): number {
  const policies = gmem.inodes.get(inode, 'policies');
  if (policies === 0) return 0;
  const policy = gmem.ranges.get(policies, index);
  const mask = policyNodes(policy);
  const nodes = Array.from({ length: allocator.nodes }, (_, node) => node).filter((node) => (mask & (1 << node)) !== 0);
  const mode = policyMode(policy);
  if (nodes.length === 0 || mode === MPOL_DEFAULT) return 0;
  return nodes[INTERLEAVING.has(mode) ? index % nodes.length : 0] ?? 0;
}
