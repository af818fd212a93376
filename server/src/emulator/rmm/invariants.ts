// What must hold after every step, whatever the host and the realms do. RMM 1.0, A2 and A5.5. Only what a step wrote is
// looked at: each invariant held before, so the writes of the step are all that can have broken it.
import type { Write } from '../../store/index.ts';
import { REALM_INVARIANTS } from './invariants-realm.ts';
import { RTT_INVARIANTS } from './invariants-rtt.ts';
import type { Rmm } from './rmm.ts';
import { type Touched, touchedBy } from './touched.ts';

/** A broken invariant: where, in a sentence, and the cells to blame. */
export interface Finding {
  readonly text: string;
  readonly cells: readonly number[];
}

export interface Invariant {
  readonly id: string;
  /** What holds, in a sentence. */
  readonly text: string;
  readonly reference: string;
  /** Nothing but changes of these can break it. */
  readonly concerns: readonly (keyof Touched)[];
  /** What the step broke; the machine is at the moment after it. */
  broken(rmm: Rmm, touched: Touched): Finding[];
}

export interface Violation extends Finding {
  readonly invariant: Invariant;
}

export const RMM_INVARIANTS: readonly Invariant[] = [...RTT_INVARIANTS, ...REALM_INVARIANTS];

/** What the writes of one moment broke; the machine is at that moment. */
export function violations(rmm: Rmm, writes: readonly Write[]): Violation[] {
  const touched = touchedBy(rmm, writes);
  const kinds = KINDS.filter((kind) => sizeOf(touched[kind]) > 0);
  if (kinds.length === 0) return [];
  return RMM_INVARIANTS.filter(({ concerns }) => concerns.some((kind) => kinds.includes(kind))).flatMap((invariant) =>
    invariant.broken(rmm, touched).map((finding) => ({ invariant, ...finding })),
  );
}

const KINDS: readonly (keyof Touched)[] = ['granules', 'moved', 'entries', 'wiped', 'realms', 'recs', 'rtts'];
const sizeOf = (changes: Touched[keyof Touched]): number => ('size' in changes ? changes.size : changes.length);
