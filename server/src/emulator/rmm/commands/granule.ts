// RMI_GRANULE_DELEGATE and RMI_GRANULE_UNDELEGATE: a granule goes to the realm world and back. RMM 1.0, B4.3.5 and B4.3.6.
import { granule, INPUT } from '../checks.ts';
import { type Args, check, command } from '../command.ts';

export const granuleDelegate = command({
  name: 'RMI_GRANULE_DELEGATE',
  fid: 0xc4000151,
  section: 'B4.3.5',
  summary: 'Gives a granule of the host to the realm world.',
  params: { addr: { type: 'pa', text: 'granule to delegate' } },
  steps: [
    granule('addr', 'gran', 'UNDELEGATED'),
    check<Args<'addr'>>(
      'gran_gpt',
      'the GPT entry of addr is NS',
      INPUT,
      ({ granules }, { addr }) => granules.gpt(addr) === 'NS',
      ({ granules }, { addr }) => [granules.gptCell(addr)],
    ),
  ],
  effects: ['granule addr becomes DELEGATED', 'its GPT entry becomes REALM', 'its contents are wiped'],
  execute({ granules }, { addr }) {
    granules.setGpt(addr, 'REALM');
    granules.reclaim(addr);
  },
});

export const granuleUndelegate = command({
  name: 'RMI_GRANULE_UNDELEGATE',
  fid: 0xc4000152,
  section: 'B4.3.6',
  summary: 'Gives a granule that nothing uses back to the host.',
  params: { addr: { type: 'pa', text: 'granule to give back' } },
  steps: [granule('addr', 'gran', 'DELEGATED')],
  effects: ['granule addr becomes UNDELEGATED', 'its GPT entry becomes NS', 'its contents are wiped'],
  execute({ granules, pages }, { addr }) {
    granules.setGpt(addr, 'NS');
    granules.move(addr, 'UNDELEGATED');
    pages.wipe(addr);
  },
});
