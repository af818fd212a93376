// Conditions of the commands on granules, realms and pages.
import {
  ACTIVATE,
  type CommandConditions,
  type Condition,
  granule,
  makeRec,
  OTHER_REALM,
  PAGE_AT_0,
  rd,
} from './condition.ts';

const RD_STATES = ['rd_bound', 'rd_state'];
const WALK = ['rtt_walk', 'rtte_state'];

/** Conditions of a page to create, from the data granule on. */
const create = (realmState: readonly Condition[]): Condition[] => [
  ...granule('data', 'data', 'NS', 'data_state', 'FREE'),
  ...rd,
  ...realmState,
  { id: 'ipa_bound', args: { ipa: 'UNPROT' } },
  { id: 'ipa_align', args: { ipa: '0x800' } },
  { id: 'data_bound2', memory: 'high' },
  { id: 'rtt_walk', args: { ipa: '0x200000' } },
  { id: 'rtte_state', before: PAGE_AT_0 },
];

export const GRANULES_AND_DATA: readonly CommandConditions[] = [
  { command: 'RMI_VERSION', good: { req: '0x10000' }, conditions: [{ id: 'version', args: { req: '0x20000' } }] },
  {
    command: 'RMI_GRANULE_DELEGATE',
    good: { addr: 'NS' },
    conditions: [...granule('addr', 'gran', 'FREE', 'gran_state', 'NS'), { id: 'gran_gpt', before: 'SECURE NS\n' }],
  },
  {
    command: 'RMI_GRANULE_UNDELEGATE',
    good: { addr: 'FREE' },
    conditions: granule('addr', 'gran', 'NS', 'gran_state', 'FREE'),
  },
  {
    command: 'RMI_DATA_CREATE',
    good: { rd: 'RD', data: 'FREE', ipa: '0', src: 'NS', flags: '1' },
    conditions: [
      { id: 'flags', args: { flags: '2' } },
      ...granule('src', 'src', 'DATA', 'src_pas', 'NS'),
      ...create([{ id: 'realm_state', before: ACTIVATE }]),
      { id: 'src_pas', nth: 1, before: 'SECURE NS\n' },
    ],
    order: [
      [RD_STATES, ['realm_state']],
      [RD_STATES, WALK],
      [['ipa_bound'], WALK],
    ],
  },
  {
    command: 'RMI_DATA_CREATE_UNKNOWN',
    good: { rd: 'RD', data: 'FREE', ipa: '0' },
    conditions: create([]),
    order: [
      [RD_STATES, WALK],
      [['ipa_bound'], WALK],
    ],
  },
  {
    command: 'RMI_DATA_DESTROY',
    prepare: PAGE_AT_0,
    good: { rd: 'RD', ipa: '0' },
    conditions: [
      ...rd,
      { id: 'ipa_bound', args: { ipa: 'UNPROT' } },
      { id: 'ipa_align', args: { ipa: '0x800' } },
      { id: 'rtt_walk', args: { ipa: '0x200000' } },
      { id: 'rtte_state', args: { ipa: '0x1000' } },
    ],
    order: [
      [RD_STATES, WALK],
      [['ipa_bound'], WALK],
    ],
  },
  {
    command: 'RMI_REALM_ACTIVATE',
    good: { rd: 'RD' },
    conditions: [...rd, { id: 'realm_state', before: ACTIVATE }],
    order: [[RD_STATES, ['realm_state']]],
  },
  {
    command: 'RMI_REALM_CREATE',
    good: { rd: 'FREE', params_ptr: 'PARAMS' },
    fields: { s2sz: '40', rtt_num_start: '2', rtt_base: 'START', vmid: '1' },
    conditions: [
      ...granule('params_ptr', 'params', 'DATA', 'params_pas', 'PARAMS'),
      { id: 'params_supp', unreachable: 'this RMM supports LPA2' },
      { id: 'params_supp', nth: 1, fields: { s2sz: '31' } },
      { id: 'params_supp', nth: 2, fields: { num_bps: '0' } },
      { id: 'params_supp', nth: 3, fields: { flags: '2' } },
      { id: 'params_supp', nth: 4, fields: { flags: '4' } },
      { id: 'rtt_num_level', fields: { rtt_level_start: '2' } },
      { id: 'rtt_num_level', nth: 1, fields: { rtt_num_start: '1' } },
      { id: 'params_valid', fields: { hash_algo: '2' } },
      { id: 'vmid_valid', fields: { vmid: '0' } },
      { id: 'rtt_align', fields: { rtt_base: 'START+4096' } },
      { id: 'alias', args: { rd: 'START' } },
      ...granule('rd', 'rd', 'NS', 'rd_state', 'FREE'),
      { id: 'rtt_state', fields: { rtt_base: 'NS' } },
    ],
  },
  {
    command: 'RMI_REALM_DESTROY',
    prepare: OTHER_REALM,
    good: { rd: 'FREE' },
    conditions: [
      ...granule('rd', 'rd', 'DATA', 'rd_state', 'FREE'),
      { id: 'realm_live', before: makeRec('REC', 0, 0, 'FREE') },
      { id: 'realm_live', nth: 1, args: { rd: 'RD' } },
    ],
    order: [[RD_STATES, ['realm_live']]],
  },
];
