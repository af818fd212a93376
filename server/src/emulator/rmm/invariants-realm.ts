// Invariants of realms and their RECs.
import { hex } from '../format.ts';
import type { Finding, Invariant } from './invariants.ts';
import { REALM_STATES } from './realms.ts';
import type { Rmm } from './rmm.ts';

const finding = (text: string, ...cells: number[]): Finding => ({ text, cells });

const isIn = ({ granules }: Rmm, row: number, state: 'RD' | 'REC') => granules.state(granules.address(row)) === state;
const at = ({ granules }: Rmm, row: number) => hex(granules.address(row));

const rim: Invariant = {
  id: 'rim_final',
  text: 'The RIM of a realm changes only while the realm is NEW.',
  reference: 'DEN0137 1.0-rel0, A7.1.1',
  concerns: ['realms'],
  broken: (rmm, { realms }) =>
    realms.flatMap(({ row, column, cell }) => {
      if (column !== 'rim' || !isIn(rmm, row, 'RD') || rmm.realms.get(row, 'state') === 0) return [];
      const state = REALM_STATES[rmm.realms.get(row, 'state')];
      return [finding(`the RIM of realm ${at(rmm, row)} changed and the realm is ${state}`, cell)];
    }),
};

const recCount: Invariant = {
  id: 'rec_count',
  text: 'A realm counts as many RECs as it has.',
  reference: 'DEN0137 1.0-rel0, A2.1',
  concerns: ['realms'],
  broken: (rmm, { realms }) =>
    realms.flatMap(({ row, column, cell, after }) => {
      if (column !== 'num_recs' || !isIn(rmm, row, 'RD')) return [];
      let found = 0;
      for (let link = rmm.realms.get(row, 'last_rec'); link !== 0; link = rmm.recs.get(link - 1, 'previous')) {
        if (isIn(rmm, link - 1, 'REC') && rmm.recs.get(link - 1, 'owner') === row) found++;
      }
      return found === after ? [] : [finding(`realm ${at(rmm, row)} counts ${after} RECs and has ${found}`, cell)];
    }),
};

const recIndex: Invariant = {
  id: 'rec_index',
  text: 'The RECs of a realm are made with consecutive indices, and none is used again.',
  reference: 'DEN0137 1.0-rel0, A2.3',
  concerns: ['realms'],
  broken: (rmm, { realms, moved }) =>
    realms.flatMap(({ row, column, cell, before, after }) => {
      if (column !== 'rec_index' || !isIn(rmm, row, 'RD')) return [];
      const made = moved.find((move) => move.after === 'REC');
      if (after === before + 1 && made && rmm.recs.get(made.row, 'index') === before) return [];
      return [finding(`the next index of realm ${at(rmm, row)} went from ${before} to ${after}`, cell)];
    }),
};

const vmid: Invariant = {
  id: 'vmid_unique',
  text: 'No two realms have the same VMID.',
  reference: 'DEN0137 1.0-rel0, A2.1',
  concerns: ['moved'],
  broken: (rmm, { moved }) => {
    const made = moved.filter(({ after }) => after === 'RD');
    return made.flatMap(({ row, cell }) => {
      const own = rmm.realms.get(row, 'vmid');
      const taken = rmm.realms.vmids.get(own, 0) === row + 1;
      return taken ? [] : [finding(`realm ${at(rmm, row)} has VMID ${own}, which another one uses`, cell)];
    });
  },
};

const running: Invariant = {
  id: 'rec_running',
  text: 'A REC is RUNNING exactly while a PE runs it, and on one PE only.',
  reference: 'DEN0137 1.0-rel0, A2.3',
  concerns: ['recs'],
  broken: (rmm, { recs }) =>
    recs.flatMap(({ row, column, cell, after }) => {
      if (column !== 'running' || after === 0) return [];
      const found = rmm.pes.rec(after - 1);
      return found === row || found === undefined
        ? []
        : [finding(`REC ${at(rmm, row)} is RUNNING on PE ${after - 1}, which runs REC ${at(rmm, found)}`, cell)];
    }),
};

export const REALM_INVARIANTS: readonly Invariant[] = [rim, recCount, recIndex, vmid, running];
