// What must hold after every step, whatever the host and the realms do. RMM 1.0, A2 and A5.5. Only what a step wrote is
// looked at: each invariant held before, so the writes of the step are all that can have broken it.
import type { Write } from '../../store/index.ts';
import { REALM_INVARIANTS } from './invariants-realm.ts';
import { RTT_INVARIANTS } from './invariants-rtt.ts';
import type { Rmm } from './rmm.ts';
import { KINDS, type Kind, type Touched, touchedBy } from './touched.ts';

/** A broken invariant: where, in a sentence, and the cells to blame. */
export interface Finding {
  readonly text: string;
  readonly cells: readonly number[];
}

/** What is wrong with one change of a kind, if anything. The machine is at the moment after the step that `touched` all this. */
type Judge<K extends Kind> = (rmm: Rmm, change: Touched[K][number], touched: Touched) => Finding | undefined;

export interface Invariant {
  readonly id: string;
  /** What holds, in a sentence. */
  readonly text: string;
  readonly reference: string;
  /** The changes that can break it. */
  readonly judges: { readonly [K in Kind]?: Judge<K> };
}

export interface Violation extends Finding {
  readonly invariant: Invariant;
}

export const RMM_INVARIANTS: readonly Invariant[] = [...RTT_INVARIANTS, ...REALM_INVARIANTS];

const RULES: readonly { readonly invariant: Invariant; readonly kind: Kind }[] = RMM_INVARIANTS.flatMap((invariant) =>
  KINDS.filter((kind) => invariant.judges[kind]).map((kind) => ({ invariant, kind })),
);
const NONE: readonly Violation[] = [];

/** What the writes of one moment broke; the machine is at that moment. */
export function violations(rmm: Rmm, writes: readonly Write[]): readonly Violation[] {
  if (writes.length === 0) return NONE;
  const touched = touchedBy(rmm, writes);
  let found: Violation[] | undefined;
  for (let i = 0; i < RULES.length; i++) {
    const { invariant, kind } = RULES[i] as (typeof RULES)[number];
    if (touched[kind].length > 0) found = judge(rmm, invariant, kind, touched, found);
  }
  return found ?? NONE;
}

/** Adds what one invariant says of the changes of one kind. */
function judge<K extends Kind>(
  rmm: Rmm,
  invariant: Invariant,
  kind: K,
  touched: Touched,
  found: Violation[] | undefined,
): Violation[] | undefined {
  const says: Judge<K> | undefined = invariant.judges[kind];
  const changes: readonly Touched[K][number][] = touched[kind];
  let all = found;
  for (const change of changes) {
    const finding = says?.(rmm, change, touched);
    if (!finding) continue;
    all ??= [];
    all.push({ invariant, ...finding });
  }
  return all;
}
