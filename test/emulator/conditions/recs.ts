// Conditions of the commands on RECs.
import { ACTIVATE, type CommandConditions, granule, makeRec, OTHER_REALM, rd, recGranules } from './condition.ts';

const RD_STATES = ['rd_bound', 'rd_state'];

/** As many RECs as a realm may have. */
const ALL_RECS = Array.from({ length: 1023 }, (_, i) =>
  makeRec(`B+${0x1000000 + i * 0x20000}`, (i & 0xf) | ((i >> 4) << 8), 0),
).join('');

const RECS = `${makeRec('REC', 0, 1)}${makeRec('REC2', 1, 0)}${makeRec('REC3', 2, 1)}`;
const CPU_ON = (index: number) => `RMI_REC_ENTER REC RUN\n  < PSCI_CPU_ON ${index} 0x1000 0\n`;

const pointers = [
  ...granule('run_ptr', 'run', 'FREE', 'run_pas', 'RUN'),
  ...granule('rec', 'rec', 'FREE', 'rec_gran_state'),
];

export const RECS_CONDITIONS: readonly CommandConditions[] = [
  {
    command: 'RMI_REC_CREATE',
    prepare: `${recGranules('REC')}${recGranules('REC2')}`,
    good: { rd: 'RD', rec: 'REC', params_ptr: 'PARAMS' },
    fields: { flags: '1', aux: 'REC+4096' },
    conditions: [
      ...granule('params_ptr', 'params', 'DATA', 'params_pas', 'PARAMS'),
      { id: 'num_aux', fields: { num_aux: '17' } },
      { id: 'aux_align', fields: { aux: 'REC+4097' } },
      { id: 'aux_state', fields: { aux: 'NS' } },
      { id: 'aux_alias', fields: { word_0x880: 'REC+4096' } },
      ...granule('rec', 'rec', 'NS'),
      ...rd,
      { id: 'num_recs', before: ALL_RECS, memory: 'large' },
      { id: 'realm_state', before: ACTIVATE },
      { id: 'mpidr_index', fields: { mpidr: '5' } },
      { id: 'num_aux', nth: 1, fields: { num_aux: '15' } },
    ],
    order: [[RD_STATES, ['realm_state', 'num_recs']]],
  },
  {
    command: 'RMI_REC_DESTROY',
    prepare: `${makeRec('REC', 0, 1)}${ACTIVATE}`,
    good: { rec: 'REC' },
    conditions: [...granule('rec', 'rec', 'FREE', 'rec_gran_state'), { id: 'rec_state', running: true }],
    order: [[['rec_bound', 'rec_gran_state'], ['rec_state']]],
  },
  {
    command: 'RMI_REC_ENTER',
    prepare: `${RECS}${ACTIVATE}`,
    good: { rec: 'REC', run_ptr: 'RUN' },
    fields: { flags: '0' },
    conditions: [
      ...pointers,
      { id: 'rec_state', running: true },
      { id: 'run_pas', nth: 1, before: 'SECURE RUN\n' },
      { id: 'realm_new', prepare: RECS },
      { id: 'system_off', before: 'RMI_REC_ENTER REC RUN\n  < PSCI_SYSTEM_OFF\n' },
      { id: 'rec_runnable', args: { rec: 'REC2' } },
      { id: 'rec_psci', before: CPU_ON(1) },
      { id: 'rec_gicv3', fields: { gicv3_hcr: '1' } },
      { id: 'inject_sea', fields: { flags: '2' }, model: 'rmm/1.0-tf' },
      { id: 'rec_mmio', fields: { flags: '1' } },
      { id: 'run_pas', meanwhile: 'RMI_GRANULE_DELEGATE RUN' },
    ],
    order: [
      [
        ['rec_align', 'rec_bound', 'rec_gran_state', 'run_pas', 'run_bound', 'run_align'],
        ['rec_state', 'rec_runnable', 'rec_mmio', 'realm_new', 'system_off', 'rec_gicv3', 'rec_psci'],
      ],
    ],
  },
  {
    command: 'RMI_PSCI_COMPLETE',
    prepare: `${RECS}${ACTIVATE}${CPU_ON(1)}`,
    good: { calling_rec: 'REC', target_rec: 'REC2', status: '0' },
    conditions: [
      { id: 'calling_align', args: { calling_rec: 'REC+1' } },
      { id: 'target_align', args: { target_rec: 'REC2+1' } },
      { id: 'alias', args: { target_rec: 'REC' } },
      { id: 'calling_bound', args: { calling_rec: 'OUT' } },
      { id: 'calling_state', args: { calling_rec: 'FREE' } },
      { id: 'target_bound', args: { target_rec: 'OUT' } },
      { id: 'target_state', args: { target_rec: 'FREE' } },
      { id: 'calling_running', prepare: `${RECS}${ACTIVATE}`, running: true, model: 'rmm/1.0-tf' },
      { id: 'pending', prepare: `${RECS}${ACTIVATE}` },
      {
        id: 'owner',
        before: `${OTHER_REALM}${makeRec('B+0x200000', 0, 0, 'FREE')}`,
        args: { target_rec: 'B+0x200000' },
      },
      { id: 'target', args: { target_rec: 'REC3' } },
      { id: 'status', args: { status: '-1' } },
      {
        id: 'status',
        nth: 1,
        prepare: `${RECS}${ACTIVATE}${CPU_ON(2)}`,
        args: { target_rec: 'REC3', status: '-3' },
        model: 'rmm/1.0-tf',
      },
    ],
  },
  { command: 'RMI_FEATURES', good: { index: '0' }, conditions: [] },
  { command: 'RMI_REC_AUX_COUNT', good: { rd: 'RD' }, conditions: rd },
];
