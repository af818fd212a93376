// One realm with tables at all levels, pages, a page that was taken away, host mappings, and a block of 2M that was folded; and a second realm.
import { analyse } from '../../server/src/features/analysis.ts';
import type { Run } from '../../server/src/run/index.ts';

export const SCENARIO = `scenario "translation tables of every shape"
model    "rmm/1.0"
platform cca

let RD    = 0x8800_0000
let RTT1  = 0x8800_2000        // two concatenated start tables
let RTT2  = 0x8800_4000
let RTT3  = 0x8800_5000
let BLOCK = 0x8800_6000        // the table that is folded
let NS2   = 0x8800_7000
let NS3   = 0x8800_8000
let OTHER = 0x8801_0000        // a realm of 32 bits
let DATA  = 0x8810_0000
let IPA   = 0x8000_0000
let ALIAS = 0x80_8000_0000
let HOST  = 0x9000_0000

RMI_GRANULE_DELEGATE(RD)
RMI_GRANULE_DELEGATE(RTT1 +: 28K)
RMI_REALM_CREATE(RD, {s2sz: 40, rtt_level_start: 1, rtt_num_start: 2, rtt_base: RTT1, hash_algo: RMI_HASH_SHA_256, vmid: 1})
RMI_RTT_CREATE(RD, RTT2, IPA, 2)
RMI_RTT_CREATE(RD, RTT3, IPA, 3)
RMI_RTT_INIT_RIPAS(RD, IPA, IPA + 64K)
RMI_GRANULE_DELEGATE(DATA +: 16K)
RMI_DATA_CREATE_UNKNOWN(RD, DATA, IPA)
RMI_DATA_CREATE_UNKNOWN(RD, DATA + 8K, IPA + 4K)
RMI_DATA_CREATE_UNKNOWN(RD, DATA + 4K, IPA + 8K)
RMI_DATA_DESTROY(RD, IPA + 8K)
RMI_RTT_CREATE(RD, BLOCK, IPA + 2M, 3)
RMI_RTT_INIT_RIPAS(RD, IPA + 2M, IPA + 4M)
RMI_GRANULE_DELEGATE(0x8820_0000 +: 2M)
for off in 0 .. 2M step 4K {
  RMI_DATA_CREATE_UNKNOWN(RD, 0x8820_0000 + off, IPA + 2M + off)
}
RMI_RTT_FOLD(RD, IPA + 2M, 3)
RMI_RTT_CREATE(RD, NS2, ALIAS, 2)
RMI_RTT_CREATE(RD, NS3, ALIAS, 3)
RMI_RTT_MAP_UNPROTECTED(RD, ALIAS + 4K, 3, HOST + 0xc0)
RMI_RTT_MAP_UNPROTECTED(RD, ALIAS + 4M, 2, HOST + 4M + 0xc0)
RMI_GRANULE_DELEGATE(OTHER)
RMI_GRANULE_DELEGATE(OTHER + 16K +: 16K)
RMI_REALM_CREATE(OTHER, {s2sz: 32, rtt_level_start: 2, rtt_num_start: 4, rtt_base: OTHER + 16K, hash_algo: RMI_HASH_SHA_256, vmid: 2})
RMI_DATA_CREATE_UNKNOWN(RD, DATA + 12K, IPA + 12K)
RMI_DATA_CREATE_UNKNOWN(RD, DATA + 12K, IPA + 16K)   = RMI_ERROR_INPUT
RMI_DATA_CREATE_UNKNOWN(RD, DATA + 4K, IPA + 4K)     = RMI_ERROR_RTT(3)
expect realm(RD) is NEW
`;

/** A realm whose 600 tables are full of runs: every second page of each is assigned a state of its own. */
export const LARGE = `scenario "600 tables"
model "rmm/1.0"
platform cca
let RD = 0x8000_0000
let RTTS = 0x8100_0000
RMI_GRANULE_DELEGATE(RD)
RMI_GRANULE_DELEGATE(RTTS +: 2400K)
RMI_REALM_CREATE(RD, {s2sz: 40, rtt_level_start: 1, rtt_num_start: 2, rtt_base: RTTS, hash_algo: RMI_HASH_SHA_256, vmid: 1})
RMI_RTT_CREATE(RD, RTTS + 8K, 0, 2)
RMI_RTT_CREATE(RD, RTTS + 12K, 1G, 2)
for i in 0 .. 512 {
  RMI_RTT_CREATE(RD, RTTS + 16K + i * 4K, i * 2M, 3)
}
for i in 0 .. 84 {
  RMI_RTT_CREATE(RD, RTTS + 16K + 2M + i * 4K, 1G + i * 2M, 3)
}
for i in 0 .. 256 {
  RMI_RTT_INIT_RIPAS(RD, i * 8K, i * 8K + 4K)
}
`;

/** The run of a scenario, at its end. */
export function finished(text: string): Run {
  const { run } = analyse('tables.cocoscn', text, () => ({ problem: 'nothing is included' }));
  while (run.advance());
  return run;
}

/** The run as it stood right after the last step whose call begins like this. */
export function standingAfter(run: Run, call: string): Run {
  for (let moment = run.reached; moment > 0; moment--) {
    const site = run.instructionAt(moment)?.site;
    if (!site?.file.slice(site.span).startsWith(call)) continue;
    run.seek(moment);
    return run;
  }
  throw new Error(`nothing was called like ${call}`);
}
