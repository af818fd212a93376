// RMI_REC_DESTROY: ends a REC that does not run. RMM 1.0, B4.3.13.
import { granule, recIsReady } from '../checks.ts';
import { command } from '../command.ts';
import { removeRec } from '../realm-recs.ts';

export const recDestroy = command({
  name: 'RMI_REC_DESTROY',
  fid: 0xc400015b,
  section: 'B4.3.13',
  summary: 'Destroys a REC and frees its granules.',
  params: { rec: { type: 'pa', text: 'the REC' } },
  steps: [granule('rec', 'rec', 'REC', 'rec_gran_state'), recIsReady],
  effects: ['granule rec and its auxiliary granules become DELEGATED, wiped', 'the index of the REC is not used again'],
  execute(rmm, { rec }) {
    const { granules, recs } = rmm;
    const row = granules.row(rec);
    for (const pa of recs.auxiliaries(row)) granules.reclaim(pa);
    removeRec(rmm, row);
    recs.clear(row);
    granules.reclaim(rec);
  },
});
