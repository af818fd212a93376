// What a realm can do while it runs, as operations of the machine: the lines below an RMI_REC_ENTER.
import type { CheckText, Output, Parameter } from '../../definition.ts';
import type { Machine } from '../../machine.ts';
import type { MachineOperation, Refusal, ResultForm } from '../../operation.ts';
import { differencesOf } from '../differences.ts';
import { type ActionCode, call, hvc, interrupt, leaveUndone, NOT_RUNNING, reach, wait } from './actions.ts';
import { accessForm, psciForm, rsiForm, valueForm } from './forms.ts';
import { type Guest, guestOn } from './guest.ts';
import { PSCI_CALLS } from './psci-calls.ts';
import { RSI, type RsiFunction } from './rsi-calls.ts';
import type { SmcFunction } from './smc.ts';

interface Action {
  readonly name: string;
  readonly summary: string;
  readonly reference: string;
  readonly params: readonly Parameter[];
  readonly outputs?: readonly Output[];
  readonly effects: readonly string[];
  readonly form: ResultForm;
  readonly checks?: readonly CheckText[];
  run(guest: Guest, registers: readonly number[]): ActionCode;
  refusal?(machine: Machine, registers: readonly number[]): Refusal | undefined;
}

const running: CheckText = { id: 'rec_running', text: 'a REC runs', statusText: 'nothing happens' };

function operation(action: Action): MachineOperation {
  return {
    name: action.name,
    actor: 'realm',
    since: 'rmm/1.0',
    summary: action.summary,
    reference: action.reference,
    params: action.params,
    outputs: action.outputs ?? [],
    results: action.form.names,
    checks: action.checks ?? [],
    effects: action.effects,
    differences: differencesOf(action.name),
    form: action.form,
    call({ rmm }, registers) {
      const guest = guestOn(rmm, rmm.actingPe);
      rmm.actingPe = undefined;
      if (!guest) return NOT_RUNNING;
      rmm.acted = guest.rec;
      return action.run(guest, registers);
    },
    readOutputs: ({ rmm }) => (action.outputs ?? []).map((_, i) => rmm.recs.x(rmm.acted, i + 1)),
    refusal(machine, registers) {
      if (!guestOn(machine.rmm)) return { check: running, cells: [], argument: undefined };
      return action.refusal?.(machine, registers);
    },
  };
}

const parameter = (name: string, type: Parameter['type'], text: string): Parameter => ({ name, type, text });
const output = (name: string, type: Output['type'], text: string): Output => ({ name, type, valid: 'SUCCESS', text });

/** An access of 64 bits. */
const access = (
  name: 'read' | 'write' | 'fetch',
  summary: string,
  effects: readonly string[],
  stored: readonly Parameter[] = [],
): MachineOperation =>
  operation({
    name,
    summary,
    reference: 'DEN0137 1.0-rel0, A5.3 and A4.3.3',
    params: [parameter('ipa', 'ipa', 'where, in the IPA space of the realm'), ...stored],
    form: accessForm,
    effects,
    run: (guest, [ipa = 0, value = 0]) => reach(guest, name, ipa, value),
  });

const exits =
  'where the host can help it exits (RMI_EXIT_SYNC) and is done again at the next entry, otherwise the realm takes an SEA';

const ACCESSES = [
  access('read', 'The realm loads 64 bits.', ['the result is the value', exits]),
  access(
    'write',
    'The realm stores 64 bits.',
    ['the 8 bytes at ipa are value, little-endian', exits],
    [parameter('value', 'word', 'value to store')],
  ),
  access('fetch', 'The realm fetches an instruction.', ['the result is the 8 bytes at ipa', exits]),
];

/** An RSI call with the checks of its function; arguments are X1 upwards. */
const rsi = (
  name: string,
  definition: RsiFunction,
  section: string,
  summary: string,
  params: readonly Parameter[],
  effects: readonly string[],
  outputs: readonly Output[] = [],
): MachineOperation =>
  operation({
    name,
    summary,
    reference: `DEN0137 1.0-rel0, ${section}`,
    params,
    outputs,
    effects,
    form: rsiForm,
    checks: definition.checks,
    run: (guest, registers) => call(guest, definition.fid, registers),
    refusal({ rmm }, registers) {
      const guest = guestOn(rmm);
      if (!guest) return undefined;
      rmm.realm = rmm.recs.get(guest.rec, 'owner');
      const failed = definition.checks.find((check) => !check.holds(rmm, [definition.fid, ...registers]));
      return failed && { check: failed, cells: [], argument: argumentOf(failed.id, params) };
    },
  });

/** `base_align` is about base, `rgn_bound` about the first argument. */
function argumentOf(id: string, params: readonly Parameter[]): number {
  const prefix = id === 'size_valid' ? 'top' : (id.split('_')[0] ?? '');
  return Math.max(
    0,
    params.findIndex(({ name }) => name === prefix),
  );
}

const base = parameter('base', 'ipa', 'first IPA');
const top = parameter('top', 'ipa', 'end of the range');
const RIPAS_VALUES = { RSI_EMPTY: 0, RSI_RAM: 1 };
const words = (count: number, from: number): Parameter[] =>
  Array.from({ length: count }, (_, i) => ({ ...parameter(`x${from + i}`, 'word', `X${from + i}`), optional: true }));

const RSI_OPERATIONS = [
  rsi(
    'RSI_VERSION',
    RSI.RSI_VERSION,
    'B5.3.11',
    'The realm asks for an interface revision.',
    [parameter('req', 'word', 'revision asked for: major in bits 30:16, minor in bits 15:0')],
    ['RSI_SUCCESS for 1.0 (0x1_0000), RSI_ERROR_INPUT for all others'],
    [output('lower', 'u64', 'lower supported revision'), output('higher', 'u64', 'higher supported revision')],
  ),
  rsi(
    'RSI_FEATURES',
    RSI.RSI_FEATURES,
    'B5.3.3',
    'The realm reads a feature register.',
    [parameter('index', 'word', 'register')],
    ['the value is 0 for every register'],
    [output('value', 'u64', 'the register')],
  ),
  rsi(
    'RSI_MEASUREMENT_READ',
    RSI.RSI_MEASUREMENT_READ,
    'B5.3.8',
    'The realm reads one of its measurements.',
    [parameter('index', 'u64', '0 for the RIM, 1 to 4 for a REM')],
    ['X1 to X8 are the 64 bytes of the measurement; with SHA-256 the upper half is zero'],
    Array.from({ length: 8 }, (_, i) => output(`value_${i}`, 'word', `bytes ${8 * i} to ${8 * i + 7}`)),
  ),
  rsi(
    'RSI_MEASUREMENT_EXTEND',
    RSI.RSI_MEASUREMENT_EXTEND,
    'B5.3.7',
    'The realm extends one of its measurements.',
    [parameter('index', 'u64', '1 to 4'), parameter('size', 'u64', 'bytes of the value, up to 64'), ...words(8, 3)],
    ['the REM becomes the hash of the old REM and the value'],
  ),
  rsi(
    'RSI_REALM_CONFIG',
    RSI.RSI_REALM_CONFIG,
    'B5.3.10',
    'The realm asks how it is configured.',
    [parameter('addr', 'ipa', 'page of the realm that receives RsiRealmConfig')],
    ['the page holds ipa_width, hash_algo and rpv', 'a page that is not there exits, and the call is made again'],
  ),
  rsi(
    'RSI_IPA_STATE_SET',
    RSI.RSI_IPA_STATE_SET,
    'B5.3.6',
    'The realm asks for a RIPAS.',
    [
      base,
      top,
      { ...parameter('ripas', 'flags', 'the RIPAS asked for'), flags: RIPAS_VALUES },
      {
        ...parameter('flags', 'flags', 'whether DESTROYED pages may change'),
        flags: { RSI_NO_CHANGE_DESTROYED: 0, RSI_CHANGE_DESTROYED: 1 },
        optional: true,
      },
    ],
    [
      'exits with RMI_EXIT_RIPAS_CHANGE; the host answers with RMI_RTT_SET_RIPAS',
      'at the next entry X1 is how far it came, X2 whether the host rejected the rest',
    ],
  ),
  rsi(
    'RSI_IPA_STATE_GET',
    RSI.RSI_IPA_STATE_GET,
    'B5.3.5',
    'The realm asks for the RIPAS of a range.',
    [base, top],
    ['top is the end of the pages, in the same table, whose RIPAS is that of base'],
    [output('top', 'ipa', 'end of the answer'), output('ripas', 'ripas', 'EMPTY, RAM or DESTROYED')],
  ),
  rsi(
    'RSI_HOST_CALL',
    RSI.RSI_HOST_CALL,
    'B5.3.4',
    'The realm calls its host.',
    [parameter('addr', 'ipa', 'RsiHostCall, 256 bytes, aligned')],
    [
      'exits with RMI_EXIT_HOST_CALL, with imm and 31 registers from the structure',
      'the next entry writes the registers of the host to the structure',
      'a page that is not there exits, and the call is made again',
    ],
  ),
];

const psci = (
  name: string,
  definition: SmcFunction,
  summary: string,
  effects: readonly string[],
  params: readonly Parameter[] = [],
  form: ResultForm = psciForm,
): MachineOperation =>
  operation({
    name,
    summary,
    reference: 'DEN0137 1.0-rel0, B6; DEN0022',
    params,
    form,
    effects,
    run: (guest, registers) => call(guest, definition.fid, registers),
  });

const target = (name: string) => parameter(name, 'word', 'MPIDR of a REC of the realm');
const completed = 'exits with RMI_EXIT_PSCI; RMI_PSCI_COMPLETE answers before this REC is entered again';

const PSCI_OPERATIONS = [
  psci('PSCI_VERSION', PSCI_CALLS.PSCI_VERSION, 'The realm asks for the PSCI version.', ['0x1_0001'], [], valueForm),
  psci(
    'PSCI_FEATURES',
    PSCI_CALLS.PSCI_FEATURES,
    'The realm asks whether a function exists.',
    ['nothing changes'],
    [parameter('psci_func_id', 'word', 'function identifier')],
  ),
  psci(
    'PSCI_CPU_ON',
    PSCI_CALLS.PSCI_CPU_ON,
    'The realm turns another REC on.',
    [completed, 'the target starts at the entry point with the context in X0'],
    [
      target('target_cpu'),
      parameter('entry_point_address', 'ipa', 'where it starts, protected'),
      parameter('context_id', 'word', 'X0 of the target'),
    ],
  ),
  psci('PSCI_CPU_OFF', PSCI_CALLS.PSCI_CPU_OFF, 'The REC turns itself off.', [
    'exits with RMI_EXIT_PSCI; the REC is not runnable until another turns it on',
  ]),
  psci('PSCI_CPU_SUSPEND', PSCI_CALLS.PSCI_CPU_SUSPEND, 'The REC waits for the host.', [
    'exits with RMI_EXIT_PSCI; at the next entry the call has succeeded',
  ]),
  psci(
    'PSCI_AFFINITY_INFO',
    PSCI_CALLS.PSCI_AFFINITY_INFO,
    'The realm asks whether another REC is on.',
    [completed, '0 means ON, 1 means OFF'],
    [target('target_affinity'), { ...parameter('lowest_affinity_level', 'word', 'must be 0'), optional: true }],
    valueForm,
  ),
  psci('PSCI_SYSTEM_OFF', PSCI_CALLS.PSCI_SYSTEM_OFF, 'The realm turns itself off.', [
    'the realm is SYSTEM_OFF: none of its RECs can be entered again',
    'exits with RMI_EXIT_PSCI',
  ]),
  psci('PSCI_SYSTEM_RESET', PSCI_CALLS.PSCI_SYSTEM_RESET, 'The realm asks for a reset.', [
    'the realm is SYSTEM_OFF: none of its RECs can be entered again',
    'exits with RMI_EXIT_PSCI',
  ]),
];

const instruction = (
  name: string,
  summary: string,
  effects: readonly string[],
  run: Action['run'],
  params: readonly Parameter[] = [],
): MachineOperation =>
  operation({ name, summary, reference: 'DEN0137 1.0-rel0, A4.3', params, form: valueForm, effects, run });

const INSTRUCTIONS = [
  instruction(
    'WFI',
    'The realm waits for an interrupt.',
    ['exits with RMI_EXIT_SYNC if the entry asked for it'],
    (guest) => wait(guest, 'WFI'),
  ),
  instruction('WFE', 'The realm waits for an event.', ['exits with RMI_EXIT_SYNC if the entry asked for it'], (guest) =>
    wait(guest, 'WFE'),
  ),
  {
    ...instruction(
      'VIRQ',
      'A virtual interrupt: the realm goes on in its handler, and leaves what it was doing.',
      ['as the first line of an entry: what the last exit interrupted is not done again'],
      leaveUndone,
    ),
    leavesUndone: true as const,
  },
  instruction('HVC', 'The realm calls a hypervisor.', ['the realm takes an exception: it has no hypervisor'], hvc),
  instruction(
    'SMC',
    'The realm makes a call by number.',
    ['X0 is the function, X1 upwards the arguments; the result is X0, all ones for a function that does not exist'],
    (guest, [fid = 0, ...args]) => call(guest, fid, args),
    [parameter('fid', 'word', 'function identifier'), ...words(8, 1)],
  ),
  ...(['IRQ', 'FIQ', 'SERROR'] as const).map((name) =>
    instruction(name, `A physical ${name} arrives while the realm runs.`, [`exits with RMI_EXIT_${name}`], (guest) =>
      interrupt(guest, name),
    ),
  ),
];

/** By name. Outside an entry they do nothing. */
export const GUEST_OPERATIONS: ReadonlyMap<string, MachineOperation> = new Map(
  [...ACCESSES, ...RSI_OPERATIONS, ...PSCI_OPERATIONS, ...INSTRUCTIONS].map((definition) => [
    definition.name,
    definition,
  ]),
);
