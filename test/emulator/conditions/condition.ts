// Failure conditions of the RMI commands: for each command a call that succeeds, and what to change to make it fail.

/** What makes one condition fail. Values are numbers or names of the script, `NAME+4096` included. */
export interface Condition {
  readonly id: string;
  /** Which of the command's checks with this identifier, from 0; the first if absent. */
  readonly nth?: number;
  /** Arguments that differ from those of the call that succeeds. */
  readonly args?: Readonly<Record<string, string>>;
  /** Fields of the structure that differ. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Lines to run before the call. */
  readonly before?: string;
  /** Lines to run instead of those that prepare the command. */
  readonly prepare?: string;
  /** The call is made from another PE while REC runs. */
  readonly running?: true;
  readonly model?: 'rmm/1.0-tf';
  /** `high`: all memory lies above 2^48. `large`: 4 GiB of it. */
  readonly memory?: 'high' | 'large';
  /** Found out when the REC exits: what another PE does while it runs. */
  readonly meanwhile?: string;
  /** Why nothing triggers it. */
  readonly unreachable?: string;
}

export interface CommandConditions {
  readonly command: string;
  /** Lines before every call, behind those that all commands share. */
  readonly prepare?: string;
  /** Arguments of a call that succeeds. */
  readonly good: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
  /** In the order of the reference. */
  readonly conditions: readonly Condition[];
  /** Which conditions the specification orders before which. */
  readonly order?: readonly (readonly [before: readonly string[], after: readonly string[]])[];
}

/** `x_align`, `x_bound`, `x_state` of a granule argument; `other` is a granule in another state. */
export const granule = (
  param: string,
  prefix: string,
  other: string,
  stateId = `${prefix}_state`,
  good = '',
): Condition[] => [
  { id: `${prefix}_align`, args: { [param]: `${good || param.toUpperCase()}+1` } },
  { id: `${prefix}_bound`, args: { [param]: 'OUT' } },
  { id: stateId, args: { [param]: other } },
];

export const rd: Condition[] = granule('rd', 'rd', 'FREE');

/** Names and granules that all scripts share; B is where memory begins. */
export const SHARED = `
let RD = B
let RTT1 = B+0x2000
let RTT2 = B+0x4000
let RTT3 = B+0x5000
let FREE = B+0x6000
let DATA = B+0x7000
let START = B+0x8000
let NS = B+0xf02000
let PARAMS = B+0xf00000
let RUN = B+0xf01000
let OUT = 0x1000
let REC = B+0x100000
let REC2 = B+0x120000
let REC3 = B+0x140000
let UNPROT = 0x8000000000
RMI_GRANULE_DELEGATE RD
RMI_GRANULE_DELEGATE RTT1
RMI_GRANULE_DELEGATE RTT1+0x1000
RMI_GRANULE_DELEGATE RTT2
RMI_GRANULE_DELEGATE RTT3
RMI_GRANULE_DELEGATE FREE
RMI_GRANULE_DELEGATE DATA
RMI_GRANULE_DELEGATE START
RMI_GRANULE_DELEGATE START+0x1000
RMI_REALM_CREATE RD PARAMS {s2sz: 40, rtt_num_start: 2, rtt_base: RTT1}
RMI_RTT_CREATE RD RTT2 0 2
RMI_RTT_CREATE RD RTT3 0 3
`;

/** Lines that delegate a REC and its auxiliary granules. */
export const recGranules = (name: string): string =>
  Array.from({ length: 17 }, (_, i) => `RMI_GRANULE_DELEGATE ${name}+${4096 * i}\n`).join('');

/** Lines that make a REC. */
export const makeRec = (name: string, mpidr: number, flags: 0 | 1, realm = 'RD'): string =>
  `${recGranules(name)}RMI_REC_CREATE ${realm} ${name} PARAMS {flags: ${flags}, mpidr: ${mpidr}, pc: 0x1000, aux: ${name}+4096}\n`;

/** Lines that make another realm, with its descriptor at FREE and no tables. */
export const OTHER_REALM = 'RMI_REALM_CREATE FREE PARAMS {s2sz: 40, rtt_num_start: 2, rtt_base: START, vmid: 1}\n';

export const ACTIVATE = 'RMI_REALM_ACTIVATE RD\n';
export const PAGE_AT_0 = 'RMI_DATA_CREATE_UNKNOWN RD DATA 0\n';
