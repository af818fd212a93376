// A recorded RMI_REC_ENTER: its line, and below it what the realm did and what other PEs asked meanwhile.
import type { MachineOperation } from '../emulator/operation.ts';
import { guestOn } from '../emulator/rmm/guest/guest.ts';
import { translate } from '../emulator/rmm/guest/memory.ts';
import { HOST_CALL_GPRS } from '../emulator/rmm/guest/rsi-calls.ts';
import { guestOperation, hostOperation } from './operations.ts';
import { entryResult, exitText, guestResult } from './results.ts';
import { callText, type Scribe } from './scribe.ts';
import { type CallRecord, type GuestRecord, guestWords, numeral } from './trace-file.ts';
import { address, type Given } from './value-text.ts';

const GUEST = '  < ';
const INTERRUPTS = ['irq', 'fiq', 'serror'];

/** One action of the realm. */
interface Action {
  readonly operation: MachineOperation;
  readonly given: readonly bigint[];
}

/** Writes an entry whose arguments are prepared; `host` writes a command of another PE. */
export function writeEntry(
  scribe: Scribe,
  call: CallRecord,
  given: readonly Given[],
  host: (call: CallRecord) => void,
): void {
  const operation = hostOperation('RMI_REC_ENTER');
  const { machine } = scribe;
  const place = scribe.reserve();
  const registers = scribe.registers(operation, given);
  scribe.perform(operation, given);
  const words = guestWords(call);
  const done = words.slice(0, words.length - (call.guest_left ?? 0));
  if (operation.conversation?.isRunning(machine, registers)) {
    resume(scribe, call, operation, registers, done);
    perform(scribe, call, done, host);
  }
  if (operation.conversation?.isRunning(machine, registers)) operation.conversation.interrupt(machine, registers);
  machine.store.commit();
  scribe.settle(place, callText(operation, given), entryResult(operation, call));
}

/** The realm of a recording never came back to what an exit interrupted; it does only where its first action is the same. */
function resume(
  scribe: Scribe,
  { guest = [] }: CallRecord,
  { conversation }: MachineOperation,
  registers: readonly number[],
  done: readonly string[][],
): void {
  const pending = conversation?.pending(scribe.machine, registers);
  if (!pending) return tellReturned(scribe, guest);
  const [first] = done[0] && done[0][0] !== 'host' ? actions(scribe, done[0]) : [];
  const same =
    first?.operation.name === pending.operation.name &&
    scribe.registers(first.operation, first.given).every((register, i) => register === pending.registers[i]);
  if (!same) act(scribe, { operation: guestOperation('virq'), given: [] }, undefined);
}

/** What became now of an action that ended the entry before; no statement of the language can ask for it. */
function tellReturned(scribe: Scribe, guest: readonly GuestRecord[]): void {
  const resumed = guest.find(({ when }) => when === 'resume');
  const outcome = resumed && returned(resumed);
  if (!resumed || outcome === undefined) return;
  const { name } = guestOperation((resumed.op ?? '').split(/\s+/)[0] ?? '');
  scribe.comment(`${name} of the entry before has now ${outcome}`, '  ');
}

function returned({ x, x5, injected }: GuestRecord): string | undefined {
  if (injected !== undefined) return `become an ${injected}`;
  if (x5 !== undefined) return `returned: X5 = ${address(BigInt(x5))}`;
  return x && `returned: ${x.map((value, i) => `X${i} = ${address(BigInt(value))}`).join(', ')}`;
}

function perform(scribe: Scribe, call: CallRecord, done: readonly string[][], host: (call: CallRecord) => void): void {
  const records = (call.guest ?? []).filter(({ when }) => when !== 'resume');
  done.forEach((words, i) => {
    const record = records[i];
    if (words[0] === 'host') {
      if (record?.call) host(record.call);
      return;
    }
    const all = actions(scribe, words);
    all.forEach((action, place) => {
      act(scribe, action, place < all.length - 1 ? undefined : outcome(call, words, action, record));
    });
  });
}

/** What came of an action: it exited if the recording has no result of it. */
function outcome(
  call: CallRecord,
  [name = '']: readonly string[],
  { operation }: Action,
  record: GuestRecord | undefined,
) {
  if (record === undefined || INTERRUPTS.includes(name)) return exitText(call);
  return guestResult(operation, record);
}

function act(scribe: Scribe, { operation, given }: Action, result: string | undefined): void {
  scribe.perform(operation, given);
  scribe.say(callText(operation, given), result, GUEST);
}

/** The actions that one recorded operation stands for. */
function actions(scribe: Scribe, [name = '', ...more]: readonly string[]): Action[] {
  const operation = guestOperation(name);
  const words = more.map((word) => BigInt.asUintN(64, numeral(word)));
  if (name !== 'host_call') return [{ operation, given: words.slice(0, operation.params.length) }];
  const [ipa = 0n, ...structure] = words;
  return [...hostCallStores(scribe, ipa, structure), { operation, given: [ipa] }];
}

const STRUCTURE_BYTES = 256;

/** The realm's stores that make RsiHostCall what it was, where the page is there: immediate, registers, zeros. */
function hostCallStores({ machine }: Scribe, ipa: bigint, [imm, ...gprs]: readonly bigint[]): Action[] {
  const guest = guestOn(machine.rmm);
  if (imm === undefined || ipa % BigInt(STRUCTURE_BYTES) !== 0n || !guest) return [];
  const found = translate(guest, Number(ipa), 'write');
  if (!('pa' in found)) return [];
  const { pages } = machine;
  const before = pages.bytes(found.pa);
  const write = guestOperation('store');
  return Array.from({ length: STRUCTURE_BYTES / 8 }, (_, i) => i * 8).flatMap((offset) => {
    const value = offset === 0 ? imm : (gprs[(offset - HOST_CALL_GPRS) / 8] ?? 0n);
    const old = pages.contents.value(before, (found.pa % 4096) + offset, 8);
    return value === old ? [] : [{ operation: write, given: [ipa + BigInt(offset), value] }];
  });
}
