// RMI_REC_AUX_COUNT: how many auxiliary granules a REC of this realm needs. RMM 1.0, B4.3.11.
import { realm } from '../checks.ts';
import { command } from '../command.ts';
import { AUX_GRANULES } from '../recs.ts';

export const recAuxCount = command({
  name: 'RMI_REC_AUX_COUNT',
  fid: 0xc4000167,
  section: 'B4.3.11',
  summary: 'Asks how many auxiliary granules each REC of a realm needs.',
  params: { rd: { type: 'pa', text: 'realm descriptor' } },
  outputs: [{ name: 'aux_count', type: 'u64', valid: 'SUCCESS', text: 'granules to name in RmiRecParams' }],
  steps: [realm],
  effects: ['nothing changes'],
  execute({ out }) {
    out[0] = AUX_GRANULES;
  },
});
