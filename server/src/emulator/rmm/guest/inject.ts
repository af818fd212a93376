// Exceptions that the RMM takes to the realm itself. RMM 1.0, A4.4.
import type { Guest } from './guest.ts';

/** Where a realm at EL1 takes a synchronous exception: VBAR_EL1, which nothing sets here, plus 0x200. */
const VECTOR = 0x200;

/** The realm goes on at its vector, with the syndrome and the faulting address in its registers. */
export function inject({ rmm: { recs, pages }, rec }: Pick<Guest, 'rmm' | 'rec'>, esr: number, far: number): void {
  recs.set(rec, 'esr_el1', esr);
  recs.set(rec, 'far_el1', far);
  recs.set(rec, 'elr_el1', recs.get(rec, 'pc'));
  recs.set(rec, 'pc', pages.words.number(BigInt(VECTOR)));
  recs.set(rec, 'interrupted', 0);
}
