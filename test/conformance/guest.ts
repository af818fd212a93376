// The scripted guest of a recorded entry: what the realm does, one operation after the other, until one exits.
import type { Machine } from '../../server/src/emulator/machine.ts';
import { call, hvc, interrupt, reach, wait } from '../../server/src/emulator/rmm/guest/actions.ts';
import { readExit } from '../../server/src/emulator/rmm/guest/exit.ts';
import { type Guest, guestOn, xValue } from '../../server/src/emulator/rmm/guest/guest.ts';
import { PSCI_CALLS } from '../../server/src/emulator/rmm/guest/psci-calls.ts';
import { RSI } from '../../server/src/emulator/rmm/guest/rsi-calls.ts';
import { LOAD_REGISTER } from '../../server/src/emulator/rmm/guest/syndrome.ts';
import { prepareHostCall } from './host-call.ts';
import type { CallRecord, CallResult, ExitRecord, GuestRecord } from './trace.ts';

/** An operation that an exit interrupted, and where the realm's pc was. */
interface InFlight {
  readonly op: string;
  readonly pc: bigint;
}

/** What the recording driver kept for each REC (its row) between two entries. */
export type Driver = Map<number, InFlight>;

/** How an operation is carried out, and what is recorded of it when it does not exit. */
interface Operation {
  run(guest: Guest, words: readonly bigint[]): void;
  record(guest: Guest, pc: bigint): GuestRecord;
  /** What is recorded when the next entry finishes it. */
  resumed(guest: Guest, pc: bigint): GuestRecord;
}

const hex = (value: bigint | number) => `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
const pcOf = ({ rmm, rec }: Guest) => rmm.pages.words.value(rmm.recs.get(rec, 'pc'));
const delta = (guest: Guest, pc: bigint) => Number(BigInt.asIntN(64, pcOf(guest) - pc));
const registers = (guest: Guest, count: number) => Array.from({ length: count }, (_, i) => hex(xValue(guest, i)));

/** A call of the RMM; `shown` registers are recorded. */
function smcOperation(fid: (words: readonly bigint[]) => bigint, skip: 0 | 1, shown = 4): Operation {
  const record = (guest: Guest, pc: bigint): GuestRecord => ({
    pc_delta: delta(guest, pc),
    x: registers(guest, shown),
  });
  return {
    run(guest, words) {
      const { words: table } = guest.rmm.pages;
      call(
        guest,
        table.number(fid(words)),
        words.slice(skip).map((word) => table.number(word)),
      );
    },
    record,
    resumed: record,
  };
}

const named = (name: string, fid: number): [string, Operation] => [
  name.replace(/^RSI_/, '').toLowerCase(),
  smcOperation(() => BigInt(fid), 0, name === 'RSI_MEASUREMENT_READ' ? 9 : 4),
];

const moved = (guest: Guest, pc: bigint): GuestRecord => ({ pc_delta: delta(guest, pc) });

/** What the last load or fetch gave. */
let loaded = 0n;

/** The recording driver's loads and fetches hand over the value and leave the registers of the REC alone. */
function reachAside(guest: Guest, kind: 'read' | 'fetch', ipa: bigint): void {
  const { recs, pages } = guest.rmm;
  const before = recs.x(guest.rec, LOAD_REGISTER);
  loaded = pages.words.value(reach(guest, kind, pages.words.number(ipa)));
  recs.setX(guest.rec, LOAD_REGISTER, before);
}

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ...Object.entries(RSI).map(([name, { fid }]) => named(name, fid)),
  ...Object.entries(PSCI_CALLS).map(([name, { fid }]) => named(name, fid)),
  ['rsi_version', smcOperation(() => BigInt(RSI.RSI_VERSION.fid), 0)],
  ['rsi_features', smcOperation(() => BigInt(RSI.RSI_FEATURES.fid), 0)],
  ['smc', smcOperation((words) => words[0] ?? 0n, 1)],
  [
    'load',
    {
      run: (guest, [ipa = 0n]) => reachAside(guest, 'read', ipa),
      record: () => ({ val: hex(loaded) }),
      resumed: (guest, pc) => ({ ...moved(guest, pc), x5: hex(xValue(guest, LOAD_REGISTER)) }),
    },
  ],
  [
    'store',
    {
      run: (guest, [ipa = 0n, stored = 0n]) =>
        void reach(guest, 'write', guest.rmm.pages.words.number(ipa), guest.rmm.pages.words.number(stored)),
      record: () => ({ ok: 1 }),
      resumed: moved,
    },
  ],
  [
    'fetch',
    {
      run: (guest, [ipa = 0n]) => reachAside(guest, 'fetch', ipa),
      record: () => ({ val: hex(loaded) }),
      resumed: moved,
    },
  ],
  ['wfi', { run: (guest) => void wait(guest, 'WFI'), record: () => ({ ok: 1 }), resumed: moved }],
  ['wfe', { run: (guest) => void wait(guest, 'WFE'), record: () => ({ ok: 1 }), resumed: moved }],
  ['hvc', { run: (guest) => void hvc(guest), record: () => ({}), resumed: moved }],
]);

const INTERRUPTS: Readonly<Record<string, 'IRQ' | 'FIQ' | 'SERROR'>> = { irq: 'IRQ', fiq: 'FIQ', serror: 'SERROR' };

const operationsIn = ({ guest_in = '' }: CallRecord) =>
  guest_in
    .split(';')
    .map((op) => op.trim())
    .filter((op) => op !== '');

const nameOf = (op: string) => op.split(/\s+/)[0] ?? '';
const wordsOf = (op: string) => op.split(/\s+/).slice(1).map(BigInt);

/** An operation of the guest that is not known. */
export const unknownOperation = (call: CallRecord): string | undefined =>
  operationsIn(call)
    .map(nameOf)
    .find((name) => name !== 'host' && !OPERATIONS.has(name) && !INTERRUPTS[name]);

/** Calls of another PE, in the text of a `host` operation. */
export const hostCalls = (call: CallRecord): CallRecord[] =>
  operationsIn(call)
    .filter((op) => nameOf(op) === 'host')
    .map(hostCall);

function hostCall(op: string): CallRecord {
  const [, fn = '', ...args] = op.split(/\s+/);
  return { fn, args };
}

/** What is recorded of an entry that was refused. */
export function notRun(entry: CallRecord): CallResult {
  const left = operationsIn(entry).length;
  return { guest: [], ...(left > 0 && { guest_left: left }) };
}

/** Runs a REC that was entered with success, until it exits, and says what was seen. */
export function runGuest(
  machine: Machine,
  driver: Driver,
  entry: CallRecord,
  host: (call: CallRecord) => CallResult,
): CallResult {
  const run = Number(entry.args?.[1] ?? 0);
  const rec = machine.rmm.granules.row(Number(entry.args?.[0] ?? 0));
  const pe = machine.rmm.recs.get(rec, 'running') - 1;
  const guest: Guest = { rmm: machine.rmm, rec, pe };
  const seen: GuestRecord[] = [];
  const isRunning = () => guestOn(machine.rmm, pe) !== undefined;
  if (isRunning()) resume(guest, driver, seen);
  const left = operationsIn(entry);
  let interrupted: string | undefined;
  while (isRunning() && left.length > 0) {
    interrupted = perform(guest, driver, left.shift() ?? '', seen, host);
  }
  if (isRunning()) interrupt(guest, 'IRQ');
  return {
    guest: seen,
    ...(machine.rmm.entered === 0 ? { exit: exitRecord(machine, run) } : {}),
    ...(interrupted !== undefined && { in_flight: interrupted }),
    ...(left.length > 0 && { guest_left: left.length }),
  };
}

/** Reports first what became of the operation that ended the last entry. */
function resume(guest: Guest, driver: Driver, seen: GuestRecord[]): void {
  const last = driver.get(guest.rec);
  driver.delete(guest.rec);
  if (!last) return;
  const operation = OPERATIONS.get(nameOf(last.op));
  if (!operation) return;
  seen.push({ when: 'resume', op: last.op, ...(injection(guest) ?? operation.resumed(guest, last.pc)) });
}

/** An exception that was just taken to the realm; its handler returns at once. */
function injection({ rmm, rec }: Guest): GuestRecord | undefined {
  const esr = rmm.recs.get(rec, 'esr_el1');
  if (esr === 0) return undefined;
  rmm.recs.set(rec, 'pc', rmm.recs.get(rec, 'elr_el1'));
  rmm.recs.set(rec, 'esr_el1', 0);
  return { injected: esr === 0x0200_0000 ? 'UNDEF' : 'SEA', esr_el1: hex(esr) };
}

/** Carries out one operation; the operation itself if it exited and will be resumed. */
function perform(
  guest: Guest,
  driver: Driver,
  op: string,
  seen: GuestRecord[],
  host: (call: CallRecord) => CallResult,
): string | undefined {
  const name = nameOf(op);
  const reason = INTERRUPTS[name];
  if (reason) {
    seen.push({ op });
    interrupt(guest, reason);
    return undefined;
  }
  if (name === 'host') {
    const call = hostCall(op);
    seen.push({ op: 'host', call: { ...call, ...host(call) } });
    return undefined;
  }
  const operation = OPERATIONS.get(name);
  if (!operation) throw new RangeError(`no operation ${name}`);
  const pc = pcOf(guest);
  if (name === 'host_call') prepareHostCall(guest, wordsOf(op));
  // Only the address of the structure is an argument of the call; the rest stands in it.
  operation.run(guest, wordsOf(op).slice(0, name === 'host_call' ? 1 : undefined));
  if (guestOn(guest.rmm, guest.pe) === undefined) {
    driver.set(guest.rec, { op, pc });
    return op;
  }
  seen.push({ op, ...(injection(guest) ?? operation.record(guest, pc)) });
  return undefined;
}

/** The exit in the run page, without fields that are zero. */
function exitRecord(machine: Machine, run: number): ExitRecord {
  const { reason, reasonCode: _code, gprs, ripas_value, imm, ...fields } = readExit(machine, run);
  const last = gprs.findLastIndex((value) => value !== 0n);
  return {
    reason,
    ...Object.fromEntries(
      Object.entries(fields).flatMap(([name, field]) => (field === 0n ? [] : [[name, hex(field)]])),
    ),
    ...(ripas_value !== 0n && { ripas_value: Number(ripas_value) }),
    ...(imm !== 0n && { imm: Number(imm) }),
    ...(last >= 0 && { gprs: gprs.slice(0, last + 1).map(hex) }),
  };
}
