// NUMA policies of file ranges: where a page that is allocated later comes from.
import type { Machine } from '../machine.ts';

export const MPOL_DEFAULT = 0;
export const MPOL_PREFERRED = 1;
export const MPOL_BIND = 2;
export const MPOL_INTERLEAVE = 3;
/** Modes are below this. */
export const MPOL_MODES: Readonly<Record<string, number>> = {
  MPOL_DEFAULT,
  MPOL_PREFERRED,
  MPOL_BIND,
  MPOL_INTERLEAVE,
};
const MODES = 4;

/** A policy as a value of a range map. `nodes` is a bit mask. */
export const policyOf = (mode: number, nodes: number): number => mode + nodes * MODES;
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
  return nodes[mode === MPOL_INTERLEAVE ? index % nodes.length : 0] ?? 0;
}
