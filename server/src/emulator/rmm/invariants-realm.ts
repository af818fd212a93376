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
  judges: {
    realms(rmm, { row, column, cell }) {
      if (column !== 'rim' || !isIn(rmm, row, 'RD') || rmm.realms.get(row, 'state') === 0) return undefined;
      const state = REALM_STATES[rmm.realms.get(row, 'state')];
      return finding(`the RIM of realm ${at(rmm, row)} changed and the realm is ${state}`, cell);
    },
  },
};

const recCount: Invariant = {
  id: 'rec_count',
  text: 'A realm counts as many RECs as it has.',
  reference: 'DEN0137 1.0-rel0, A2.1',
  judges: {
    realms(rmm, { row, column, cell, after }) {
      if (column !== 'num_recs' || !isIn(rmm, row, 'RD')) return undefined;
      let found = 0;
      for (let link = rmm.realms.get(row, 'last_rec'); link !== 0; link = rmm.recs.get(link - 1, 'previous')) {
        if (isIn(rmm, link - 1, 'REC') && rmm.recs.get(link - 1, 'owner') === row) found++;
      }
      if (found === after) return undefined;
      return finding(`realm ${at(rmm, row)} counts ${after} RECs and has ${found}`, cell);
    },
  },
};

const recIndex: Invariant = {
  id: 'rec_index',
  text: 'The RECs of a realm are made with consecutive indices, and none is used again.',
  reference: 'DEN0137 1.0-rel0, A2.3',
  judges: {
    realms(rmm, { row, column, cell, before, after }, { moved }) {
      if (column !== 'rec_index' || !isIn(rmm, row, 'RD')) return undefined;
      const made = moved.find((move) => move.after === 'REC');
      if (after === before + 1 && made && rmm.recs.get(made.row, 'index') === before) return undefined;
      return finding(`the next index of realm ${at(rmm, row)} went from ${before} to ${after}`, cell);
    },
  },
};

const vmid: Invariant = {
  id: 'vmid_unique',
  text: 'No two realms have the same VMID.',
  reference: 'DEN0137 1.0-rel0, A2.1',
  judges: {
    moved(rmm, { row, after, cell }) {
      if (after !== 'RD') return undefined;
      const own = rmm.realms.get(row, 'vmid');
      if (rmm.realms.vmids.get(own, 0) === row + 1) return undefined;
      return finding(`realm ${at(rmm, row)} has VMID ${own}, which another one uses`, cell);
    },
  },
};

const running: Invariant = {
  id: 'rec_running',
  text: 'A REC is RUNNING exactly while a PE runs it, and on one PE only.',
  reference: 'DEN0137 1.0-rel0, A2.3',
  judges: {
    recs(rmm, { row, column, cell, after }) {
      if (column !== 'running' || after === 0) return undefined;
      const found = rmm.pes.rec(after - 1);
      if (found === row || found === undefined) return undefined;
      return finding(`REC ${at(rmm, row)} is RUNNING on PE ${after - 1}, which runs REC ${at(rmm, found)}`, cell);
    },
  },
};

export const REALM_INVARIANTS: readonly Invariant[] = [rim, recCount, recIndex, vmid, running];
