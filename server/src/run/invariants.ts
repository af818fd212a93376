// What must hold after every step; a step that breaks it is a problem wherever it stands.
import { type AnyOperation, violations } from '../emulator/index.ts';
import type { Problem, Site } from '../scenario/index.ts';
import { problemAt } from './problem-at.ts';
import type { Run } from './run.ts';

/** Who can change what the RMM's invariants are about. */
const ACTORS: ReadonlySet<string> = new Set(['RMM', 'realm']);

/** Invariants that the writes since the last commit broke; only what they touched is looked at. */
export function brokenInvariants(run: Run, { actor }: AnyOperation, site: Site): Problem[] {
  if (!ACTORS.has(actor)) return [];
  const { rmm, store } = run.machine;
  return violations(rmm, store.pendingWrites).map(({ invariant, text }) =>
    problemAt('CCS501', site, `${invariant.id} is broken: ${text}`, { expected: invariant.text, actual: text }),
  );
}
