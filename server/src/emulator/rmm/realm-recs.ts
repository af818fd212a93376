// The RECs of a realm, as a chain from the one that was made last.
import type { Rmm } from './rmm.ts';

/** Puts a new REC (rows of both) at the head of the chain and counts it. */
export function addRec({ realms, recs }: Rmm, realm: number, rec: number): void {
  const index = realms.get(realm, 'rec_index');
  recs.set(rec, 'owner', realm);
  recs.set(rec, 'index', index);
  recs.set(rec, 'previous', realms.get(realm, 'last_rec'));
  realms.set(realm, 'last_rec', rec + 1);
  realms.set(realm, 'rec_index', index + 1);
  realms.set(realm, 'num_recs', realms.get(realm, 'num_recs') + 1);
}

export function removeRec({ realms, recs }: Rmm, rec: number): void {
  const realm = recs.get(rec, 'owner');
  const previous = recs.get(rec, 'previous');
  const next = findRec({ realms, recs }, realm, (row) => recs.get(row, 'previous') === rec + 1);
  if (next === undefined) realms.set(realm, 'last_rec', previous);
  else recs.set(next, 'previous', previous);
  realms.set(realm, 'num_recs', realms.get(realm, 'num_recs') - 1);
}

/** The first row of the chain that fits. */
export function findRec(
  { realms, recs }: Pick<Rmm, 'realms' | 'recs'>,
  realm: number,
  fits: (rec: number) => boolean,
): number | undefined {
  for (let link = realms.get(realm, 'last_rec'); link !== 0; link = recs.get(link - 1, 'previous')) {
    if (fits(link - 1)) return link - 1;
  }
  return undefined;
}
