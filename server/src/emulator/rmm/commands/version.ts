// RMI_VERSION and RMI_FEATURES: what the RMM is. RMM 1.0, B4.3.24 and B4.3.4.
import { INPUT } from '../checks.ts';
import { type Args, check, command } from '../command.ts';
import { FEATURE_REGISTER_0, RMI_1_0 } from '../features.ts';
import type { Rmm } from '../rmm.ts';

const revisions = ({ out }: Rmm) => {
  out[0] = RMI_1_0;
  out[1] = RMI_1_0;
};

export const version = command({
  name: 'RMI_VERSION',
  fid: 0xc4000150,
  section: 'B4.3.24',
  summary: 'Asks for an interface revision and learns which ones the RMM supports.',
  params: { req: { type: 'u64', text: 'revision asked for: major in bits 30:16, minor in bits 15:0' } },
  outputs: [
    { name: 'lower', type: 'u64', valid: 'always', text: 'lower supported revision' },
    { name: 'higher', type: 'u64', valid: 'always', text: 'higher supported revision' },
  ],
  steps: [check<Args<'req'>>('version', 'req is revision 1.0 (0x1_0000)', INPUT, (_rmm, { req }) => req === RMI_1_0)],
  effects: ['lower and higher are 0x1_0000, also on failure'],
  execute: revisions,
  refused: revisions,
});

export const features = command({
  name: 'RMI_FEATURES',
  fid: 0xc4000165,
  section: 'B4.3.4',
  summary: 'Reads a feature register.',
  params: { index: { type: 'u64', text: 'register; 0 is the only one' } },
  outputs: [{ name: 'value', type: 'u64', valid: 'always', text: 'the register, 0 for an index that does not exist' }],
  steps: [],
  effects: ['value is feature register 0 for index 0'],
  execute({ out }, { index }) {
    out[0] = index === 0 ? FEATURE_REGISTER_0 : 0;
  },
});
