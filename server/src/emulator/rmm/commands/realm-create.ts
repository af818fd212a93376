// RMI_REALM_CREATE: makes a realm out of delegated granules. RMM 1.0, B4.3.9.

import type { ContentsTable } from '../../memory/contents.ts';
import { granule, hostPage, hostReadable, INPUT } from '../checks.ts';
import { type Args, check, command } from '../command.ts';
import { LPA2, MAX_BPS, MAX_WPS, PMU_COUNTERS, S2SZ, SVE } from '../features.ts';
import { VMIDS } from '../realms.ts';
import type { Rmm } from '../rmm.ts';
import { span } from '../rtts.ts';
import {
  REALM_FLAG_LPA2,
  REALM_FLAG_PMU,
  REALM_FLAG_SVE,
  RMI_REALM_PARAMS,
  readStructure,
  writeStructure,
} from '../structures.ts';

type Params = Record<keyof typeof RMI_REALM_PARAMS.fields, number>;

const read = ({ pages }: Rmm, { params_ptr }: Args<'params_ptr'>): Params =>
  readStructure(RMI_REALM_PARAMS, pages.contents, pages.bytes(params_ptr));

/** A condition on the parameters. */
const param = (id: string, text: string, holds: (params: Params, rmm: Rmm) => boolean) =>
  check<Args<'params_ptr'>>(id, text, INPUT, (rmm, args) => holds(read(rmm, args), rmm));

/** IPA widths that each start level can resolve (4 KiB granules; LPA2 changes none of them below 49 bits). */
const WIDTHS: Readonly<Record<number, readonly [number, number]>> = { 0: [40, 48], 1: [32, 43], 2: [32, 34] };

/** Start tables that an IPA width needs at a level, each resolving 512 entries. RMM 1.0, A5.5.1. */
const startTables = (width: number, level: number) => Math.max(1, 2 ** width / (span(level) * 512));

/** The page of parameters as it is measured: fields that do not change what the realm can observe are left out. RMM 1.0, A7.1.1. */
function measuredPage(contents: ContentsTable, params: Params): number {
  const { flags, s2sz, sve_vl, num_bps, num_wps, pmu_num_ctrs, hash_algo } = RMI_REALM_PARAMS.fields;
  const fields = { flags, s2sz, sve_vl, num_bps, num_wps, pmu_num_ctrs, hash_algo };
  const values = Object.keys(fields).map((name) => [name, BigInt(params[name as keyof typeof fields])]);
  return writeStructure({ name: 'measured parameters', fields }, contents, Object.fromEntries(values));
}

const isFree = ({ granules }: Rmm, rtt: number) =>
  rtt % 4096 === 0 && granules.tracks(rtt) && granules.state(rtt) === 'DELEGATED';

const starts = ({ rtt_base, rtt_num_start }: Params) =>
  Array.from({ length: rtt_num_start }, (_, i) => rtt_base + i * 4096);

export const realmCreate = command({
  name: 'RMI_REALM_CREATE',
  fid: 0xc4000158,
  section: 'B4.3.9',
  summary: 'Makes a realm, NEW, with its start tables.',
  params: {
    rd: { type: 'pa', text: 'becomes the realm descriptor, DELEGATED' },
    params_ptr: {
      type: 'structure',
      text: 'page of the host with the parameters, or the fields to write there',
      structure: RMI_REALM_PARAMS,
    },
  },
  steps: [
    ...hostPage('params_ptr', 'params'),
    hostReadable('params_ptr', 'params'),
    param(
      'params_supp',
      'lpa2 is asked for only where it is supported',
      ({ flags }) => LPA2 || (flags & REALM_FLAG_LPA2) === 0,
    ),
    param('params_supp', 's2sz is between 32 and the supported width', ({ s2sz }) => s2sz >= 32 && s2sz <= S2SZ),
    param(
      'params_supp',
      'num_bps and num_wps are between 1 and what is supported',
      ({ num_bps, num_wps }) => num_bps >= 1 && num_bps <= MAX_BPS && num_wps >= 1 && num_wps <= MAX_WPS,
    ),
    param(
      'params_supp',
      'SVE is asked for only where it is supported',
      ({ flags }) => SVE || (flags & REALM_FLAG_SVE) === 0,
    ),
    param(
      'params_supp',
      'with the pmu flag, pmu_num_ctrs is between 1 and what is supported',
      ({ flags, pmu_num_ctrs: n }) => (flags & REALM_FLAG_PMU) === 0 || (n >= 1 && n <= PMU_COUNTERS),
    ),
    param('rtt_num_level', 's2sz can be resolved from rtt_level_start', ({ s2sz, rtt_level_start }) => {
      const widths = WIDTHS[rtt_level_start];
      return widths !== undefined && s2sz >= widths[0] && s2sz <= widths[1];
    }),
    param(
      'rtt_num_level',
      'rtt_num_start is the number of start tables that s2sz needs at rtt_level_start',
      ({ s2sz, rtt_level_start, rtt_num_start }) => rtt_num_start === startTables(s2sz, rtt_level_start),
    ),
    param('params_valid', 'hash_algo is RMI_HASH_SHA_256 or RMI_HASH_SHA_512', ({ hash_algo }) => hash_algo <= 1),
    param(
      'vmid_valid',
      'vmid is below 256 and no realm uses it',
      ({ vmid }, { realms }) => vmid < VMIDS && realms.vmids.get(vmid, 0) === 0,
    ),
    {
      ...param(
        'rtt_align',
        'rtt_base is aligned to the size of the start tables',
        ({ rtt_base, rtt_num_start }, { model }) => model !== 'rmm/1.0' || rtt_base % (rtt_num_start * 4096) === 0,
      ),
      only: 'rmm/1.0',
    },
    check<Args<'rd' | 'params_ptr'>>(
      'alias',
      'rd is none of the start tables',
      INPUT,
      (rmm, args) => !starts(read(rmm, args)).includes(args.rd),
    ),
    granule('rd', 'rd', 'DELEGATED'),
    check<Args<'params_ptr'>>(
      'rtt_state',
      'every start table is a DELEGATED granule',
      INPUT,
      (rmm, args) => starts(read(rmm, args)).every((rtt) => isFree(rmm, rtt)),
      (rmm, args) =>
        starts(read(rmm, args))
          .filter((rtt) => rmm.granules.tracks(rtt) && !isFree(rmm, rtt))
          .map((rtt) => rmm.granules.stateCell(rtt)),
    ),
  ],
  effects: [
    'granule rd becomes RD, the start tables become RTT',
    'the realm is NEW, its protected IPAs UNASSIGNED_EMPTY, the others UNASSIGNED_NS',
    'the RIM is the hash of flags, s2sz, sve_vl, num_bps, num_wps, pmu_num_ctrs and hash_algo',
  ],
  execute(rmm, args) {
    const { granules, realms, rtts, pages, measurements } = rmm;
    const params = read(rmm, args);
    const realm = granules.row(args.rd);
    granules.move(args.rd, 'RD');
    realms.set(realm, 'ipa_width', params.s2sz);
    realms.set(realm, 'rtt_base', params.rtt_base);
    realms.set(realm, 'rtt_level_start', params.rtt_level_start);
    realms.set(realm, 'rtt_num_start', params.rtt_num_start);
    realms.set(realm, 'vmid', params.vmid);
    realms.set(realm, 'hash_algo', params.hash_algo);
    realms.set(realm, 'flags', params.flags);
    realms.set(realm, 'rim', measurements.realm(params.hash_algo, measuredPage(pages.contents, params)));
    realms.set(realm, 'rpv', params.rpv);
    realms.vmids.set(params.vmid, 0, realm + 1);
    starts(params).forEach((rtt, i) => {
      granules.move(rtt, 'RTT');
      rtts.begin(granules.row(rtt), realm, params.rtt_level_start, i * 512 * span(params.rtt_level_start), 0);
    });
  },
});
