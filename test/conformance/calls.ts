// Carrying out one recorded call on the machine, with the answer in the trace's own form.
import type { Machine } from '../../server/src/emulator/machine.ts';
import { toRegister } from '../../server/src/emulator/registers.ts';
import type { RmiCommand } from '../../server/src/emulator/rmm/command.ts';
import { RMI_COMMANDS } from '../../server/src/emulator/rmm/commands/index.ts';
import { callByFid } from '../../server/src/emulator/rmm/dispatch.ts';
import { STATUSES } from '../../server/src/emulator/rmm/status.ts';
import { MACROS } from './macros.ts';
import { isHostPage, writeParameters } from './parameters.ts';
import { dumpGranules, dumpRealm } from './state.ts';
import type { CallRecord, CallResult } from './trace.ts';

const COMMANDS: ReadonlyMap<string, RmiCommand> = new Map(
  RMI_COMMANDS.map((command) => [command.name.replace('RMI_', '').toLowerCase(), command]),
);

/** What else a trace may hold: no RMI commands of their own. */
const OTHERS: Readonly<Record<string, (machine: Machine, call: CallRecord) => CallResult>> = {
  raw: (machine, { args = [] }) => ({
    ret: hex(callByFid(machine.rmm, BigInt(args[0] ?? 0), args.slice(1).map(BigInt))),
  }),
  ns_fill(machine, { args = [] }) {
    const address = Number(args[0] ?? 0);
    if (isHostPage(machine, address))
      machine.pages.setBytes(address, machine.pages.contents.filled(Number(args[1] ?? 0)));
    return {};
  },
  dbg_dump: dumpGranules,
  dbg_rd: dumpRealm,
  dbg_rec: () => ({}),
  dbg_granule: () => ({}),
};

/** The command that a call needs and the machine lacks, or `undefined` if it can be carried out. */
export function missing({ fn }: CallRecord): string | undefined {
  const needed = MACROS[fn]?.command ?? fn;
  return COMMANDS.has(needed) || OTHERS[fn] ? undefined : needed;
}

/** Carries a call out and says what it gave. */
export function perform(machine: Machine, call: CallRecord): CallResult {
  const other = OTHERS[call.fn];
  if (other) return other(machine, call);
  const macro = MACROS[call.fn];
  if (macro) return macro.run(call, (args) => rmi(machine, macro.command, args));
  const written = writeParameters(machine, call);
  return { ...rmi(machine, call.fn, call.args ?? []), ...(written === 0 && { params_written: 0 }) };
}

function rmi(machine: Machine, name: string, args: readonly (string | bigint)[]): CallResult {
  const command = COMMANDS.get(name);
  if (!command) throw new RangeError(`no command ${name}`);
  const registers = command.params.map(({ type }, i) => toRegister(BigInt(args[i] ?? 0), type));
  const code = command.call(machine.rmm, registers);
  machine.store.commit();
  const out = command.outputs.map((_, i) => hex(machine.rmm.out[i] ?? 0));
  return { ...statusOf(code), ...(out.length > 0 && { out }) };
}

function statusOf(code: number): CallResult {
  const index = code >>> 8;
  return { status: STATUSES[code & 0xff] ?? 'RMI_UNKNOWN', ...(index !== 0 && { index }) };
}

const hex = (value: number | bigint) => `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
