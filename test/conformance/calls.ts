// Carrying out one recorded call on the machine, with the answer in the trace's own form.
import type { Machine } from '../../server/src/emulator/machine.ts';
import { toRegister } from '../../server/src/emulator/registers.ts';
import type { RmiCommand } from '../../server/src/emulator/rmm/command.ts';
import { RMI_COMMANDS } from '../../server/src/emulator/rmm/commands/index.ts';
import { callByFid } from '../../server/src/emulator/rmm/dispatch.ts';
import { STATUSES } from '../../server/src/emulator/rmm/status.ts';
import { type Driver, hostCalls, notRun, runGuest, unknownOperation } from './guest.ts';
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
export function missing(call: CallRecord): string | undefined {
  const needed = MACROS[call.fn]?.command ?? call.fn;
  if (!COMMANDS.has(needed) && !OTHERS[call.fn]) return needed;
  if (call.fn !== 'rec_enter') return undefined;
  return (
    unknownOperation(call) ??
    hostCalls(call)
      .map(missing)
      .find((lacking) => lacking !== undefined)
  );
}

/** Carries a call out and says what it gave. */
export function perform(machine: Machine, driver: Driver, call: CallRecord): CallResult {
  const other = OTHERS[call.fn];
  if (other) return other(machine, call);
  const macro = MACROS[call.fn];
  if (macro) return macro.run(call, (args) => rmi(machine, macro.command, args));
  const written = writeParameters(machine, call);
  const result = call.fn === 'rec_enter' ? enter(machine, driver, call) : rmi(machine, call.fn, call.args ?? []);
  if (call.fn === 'rec_create' && result.status === 'RMI_SUCCESS')
    driver.delete(machine.rmm.granules.row(Number(call.args?.[1])));
  return { ...result, ...(written === 0 && { params_written: 0 }) };
}

/** Enters a REC and plays its guest; the result is known when it has exited. */
function enter(machine: Machine, driver: Driver, call: CallRecord): CallResult {
  const result = rmi(machine, call.fn, call.args ?? []);
  if (result.status !== 'RMI_SUCCESS') return { ...result, ...notRun(call) };
  const seen = runGuest(machine, driver, call, (inner) => perform(machine, driver, inner));
  machine.store.commit();
  return { ...statusOf(machine.rmm.entered), ...seen };
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
