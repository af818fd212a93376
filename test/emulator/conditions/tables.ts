// Conditions of the commands on translation tables and RIPAS.
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
const BOUNDS = ['level_bound', 'ipa_bound'];
const WALK = ['rtt_walk', 'rtte_state'];
const BEYOND = '0x10000000000';

/** Conditions of the place of a table: the good call is about level 3 at `ipa`. */
const tablePlace = (missing: string): Condition[] => [
  { id: 'level_bound', args: { level: '1' } },
  { id: 'ipa_bound', args: { ipa: BEYOND } },
  { id: 'ipa_align', args: { ipa: missing } },
];

const MAPPED = 'RMI_RTT_MAP_UNPROTECTED RD UNPROT 1 0x400000d8\n';

/** Conditions of the place of an unprotected mapping; the good call is about a block at level 1. */
const unprotectedPlace: Condition[] = [
  { id: 'ipa_bound', args: { ipa: BEYOND } },
  { id: 'ipa_align', args: { ipa: 'UNPROT+0x1000' } },
  { id: 'ipa_bound', nth: 1, args: { ipa: '0x40000000' } },
];

/** REC asks for RAM in a range. */
const request = (base: string, top: string) =>
  `${makeRec('REC', 0, 1)}${ACTIVATE}RMI_REC_ENTER REC RUN\n  < RSI_IPA_STATE_SET ${base} ${top} 1 0\n`;

export const TABLES: readonly CommandConditions[] = [
  {
    command: 'RMI_RTT_CREATE',
    good: { rd: 'RD', rtt: 'FREE', ipa: '0x200000', level: '3' },
    conditions: [
      ...granule('rtt', 'rtt', 'NS', 'rtt_state', 'FREE'),
      ...rd,
      ...tablePlace('0x201000'),
      { id: 'rtt_bound2', memory: 'high' },
      { id: 'rtt_walk', args: { ipa: '0x40000000' } },
      { id: 'rtte_state', args: { ipa: '0' } },
    ],
    order: [
      [RD_STATES, WALK],
      [BOUNDS, WALK],
    ],
  },
  {
    command: 'RMI_RTT_DESTROY',
    good: { rd: 'RD', ipa: '0', level: '3' },
    conditions: [
      ...rd,
      ...tablePlace('0x1000'),
      { id: 'rtt_walk', args: { ipa: '0x40000000' } },
      { id: 'rtte_state', args: { ipa: '0x200000' } },
      { id: 'rtt_live', before: PAGE_AT_0 },
    ],
    order: [
      [RD_STATES, [...WALK, 'rtt_live']],
      [BOUNDS, WALK],
    ],
  },
  {
    command: 'RMI_RTT_MAP_UNPROTECTED',
    good: { rd: 'RD', ipa: 'UNPROT', level: '1', desc: '0x400000d8' },
    conditions: [
      { id: 'level_bound', args: { level: '0' } },
      ...rd,
      { id: 'attr_valid', args: { desc: '0x400000d9' } },
      { id: 'addr_align', args: { desc: '0x402000d8' } },
      { id: 'addr_bound', args: { desc: '0x10000000000d8' } },
      ...unprotectedPlace,
      { id: 'rtt_walk', args: { level: '2' } },
      { id: 'rtte_state', before: MAPPED },
    ],
    order: [
      [RD_STATES, WALK],
      [BOUNDS, WALK],
    ],
  },
  {
    command: 'RMI_RTT_READ_ENTRY',
    good: { rd: 'RD', ipa: '0', level: '3' },
    conditions: [
      ...rd,
      { id: 'level_bound', args: { level: '0' } },
      { id: 'ipa_bound', args: { ipa: BEYOND } },
      { id: 'ipa_align', args: { ipa: '0x800' } },
    ],
  },
  {
    command: 'RMI_RTT_UNMAP_UNPROTECTED',
    prepare: MAPPED,
    good: { rd: 'RD', ipa: 'UNPROT', level: '1' },
    conditions: [
      { id: 'level_bound', args: { level: '0' } },
      ...rd,
      ...unprotectedPlace,
      { id: 'rtt_walk', args: { level: '2' } },
      { id: 'rtte_state', args: { ipa: 'UNPROT+0x40000000' } },
    ],
    order: [
      [RD_STATES, WALK],
      [BOUNDS, WALK],
    ],
  },
  {
    command: 'RMI_RTT_FOLD',
    good: { rd: 'RD', ipa: '0', level: '3' },
    conditions: [
      ...rd,
      ...tablePlace('0x1000'),
      { id: 'rtt_walk', args: { ipa: '0x40000000' } },
      { id: 'rtte_state', args: { ipa: '0x200000' } },
      { id: 'rtt_homo', before: 'RMI_RTT_INIT_RIPAS RD 0 0x1000\n' },
    ],
    order: [
      [RD_STATES, [...WALK, 'rtt_homo']],
      [BOUNDS, WALK],
    ],
  },
  {
    command: 'RMI_RTT_INIT_RIPAS',
    good: { rd: 'RD', base: '0', top: '0x1000' },
    conditions: [
      { id: 'size_valid', args: { top: '0' } },
      ...rd,
      { id: 'base_align', args: { base: '0x800' }, model: 'rmm/1.0-tf' },
      { id: 'top_gran_align', args: { top: '0x200800' } },
      { id: 'top_bound', args: { top: 'UNPROT+0x1000' } },
      { id: 'realm_state', before: ACTIVATE },
      { id: 'base_align', nth: 1, args: { base: '0x201000', top: '0x400000' } },
      { id: 'rtte_state', before: PAGE_AT_0 },
      { id: 'no_progress', args: { base: '0x200000', top: '0x201000' } },
    ],
    order: [
      [RD_STATES, ['realm_state', 'base_align', 'rtte_state', 'no_progress']],
      [['top_gran_align'], ['no_progress']],
    ],
  },
  {
    command: 'RMI_RTT_SET_RIPAS',
    prepare: request('0', '0x400000'),
    good: { rd: 'RD', rec: 'REC', base: '0', top: '0x1000' },
    conditions: [
      { id: 'size_valid', args: { top: '0' } },
      { id: 'top_gran_align', args: { top: '0x200800' } },
      ...rd,
      ...granule('rec', 'rec', 'FREE', 'rec_gran_state'),
      { id: 'rec_state', running: true },
      { id: 'rec_owner', args: { rd: 'FREE' }, before: OTHER_REALM },
      { id: 'base_bound', args: { base: '0x202000', top: '0x300000' } },
      { id: 'top_bound', args: { top: '0x401000' } },
      { id: 'base_align', prepare: request('0x201000', '0x400000'), args: { base: '0x201000', top: '0x400000' } },
      { id: 'no_progress', prepare: request('0x200000', '0x201000'), args: { base: '0x200000', top: '0x201000' } },
    ],
    order: [
      [RD_STATES, ['base_align', 'no_progress']],
      [
        ['rec_bound', 'rec_gran_state'],
        ['rec_state', 'rec_owner'],
      ],
      [['base_bound'], ['base_align']],
      [['top_gran_align'], ['no_progress']],
    ],
  },
];
