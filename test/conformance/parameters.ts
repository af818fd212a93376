// Writing the parameters of a recorded call into the host's page, as the recording driver did.
import type { Structure } from '../../server/src/emulator/definition.ts';
import type { Machine } from '../../server/src/emulator/machine.ts';
import {
  RMI_REALM_PARAMS,
  RMI_REC_PARAMS,
  RMI_REC_RUN,
  writeStructure,
} from '../../server/src/emulator/rmm/structures.ts';
import type { CallRecord } from './trace.ts';

type Values = Readonly<Record<string, bigint>>;

/** Short names of the trace and the fields they mean. */
const REALM_NAMES: Readonly<Record<string, string>> = {
  algo: 'hash_algo',
  sl: 'rtt_level_start',
  num: 'rtt_num_start',
};

/**
 * Writes the structure that the call's last pointer names. Returns 0 where the page is not the host's (nothing is written
 * then), and `undefined` where all is well or the call has no parameters.
 */
export function writeParameters(machine: Machine, call: CallRecord): 0 | undefined {
  const build = BUILDERS[call.fn];
  if (!build || (!call.params && !build.always)) return undefined;
  const address = Number(call.args?.[build.pointer] ?? 0);
  if (!isHostPage(machine, address)) return 0;
  const params = call.params ?? {};
  const values = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, number(value)]));
  machine.pages.setBytes(address, build.page(machine, values, params));
  return undefined;
}

interface Builder {
  /** Which argument points to the page. */
  readonly pointer: number;
  /** The page is rewritten also where no parameters are given. */
  readonly always?: true;
  page(machine: Machine, values: Values, raw: Readonly<Record<string, string | number>>): number;
}

const structure =
  (definition: Structure, names: Readonly<Record<string, string>>) =>
  ({ pages }: Machine, values: Values) => {
    const fields = Object.entries(values).map(([name, value]) => [names[name] ?? name, value]);
    return writeStructure(definition, pages.contents, Object.fromEntries(fields));
  };

const AUX_OFFSET = 0x808;
const MAX_AUX = 16;

/** `aux` is a list of addresses, or `@base` for consecutive granules. */
function recParams(machine: Machine, values: Values, { aux = '' }: Readonly<Record<string, string | number>>): number {
  const { contents } = machine.pages;
  const list = `${aux}`.startsWith('@')
    ? Array.from({ length: MAX_AUX }, (_, i) => number(`${aux}`.slice(1)) + BigInt(4096 * i))
    : `${aux}`.split(',').map(number);
  const words = Array.from({ length: MAX_AUX }, (_, i) => [AUX_OFFSET + 8 * i, list[i] ?? 0n] as const);
  return contents.rewritten(writeStructure(RMI_REC_PARAMS, contents, values), 0, 0, words);
}

const LIST_REGISTERS = 0x308;

function recRun(machine: Machine, values: Values): number {
  const { contents } = machine.pages;
  const lrs = Object.entries(values).flatMap(([name, value]) => {
    const index = /^lr(\d+)$/.exec(name)?.[1];
    return index === undefined ? [] : [[LIST_REGISTERS + 8 * Number(index), value] as const];
  });
  return contents.rewritten(writeStructure(RMI_REC_RUN, contents, values), 0, 0, lrs);
}

const BUILDERS: Readonly<Record<string, Builder>> = {
  rec_create: { pointer: 2, page: recParams },
  rec_enter: { pointer: 1, page: recRun, always: true },
  realm_create: { pointer: 1, page: structure(RMI_REALM_PARAMS, REALM_NAMES) },
  data_create: { pointer: 3, page: ({ pages }, { fill = 0n }) => pages.contents.filled(Number(fill & 0xffn)) },
};

/** Decimal or 0x; what is no number counts as 0. */
const number = (value: string | number): bigint => (/^(0x[0-9a-f]+|-?\d+)$/i.test(`${value}`) ? BigInt(value) : 0n);

export function isHostPage({ rmm }: Machine, address: number): boolean {
  return address % 4096 === 0 && rmm.granules.tracks(address) && rmm.granules.state(address) === 'UNDELEGATED';
}
