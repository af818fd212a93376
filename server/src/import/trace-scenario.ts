// From a recorded sequence of RMI calls to a scenario that makes the same calls and expects what was recorded.
import type { MachineOptions } from '../emulator/machine.ts';
import type { MachineOperation } from '../emulator/operation.ts';
import { granuleExpectations, realmExpectations, recExpectations } from './debug-records.ts';
import { writeEntry } from './entry.ts';
import { ImportError } from './import-error.ts';
import { privatePages } from './looked-at.ts';
import { isMacro, writeMacro } from './macros.ts';
import { hostOperation, isRmiCommand } from './operations.ts';
import { fill, prepared } from './parameters.ts';
import { resultText, statusText } from './results.ts';
import { callText, type Lead, Scribe } from './scribe.ts';
import { argumentsOf, type CallRecord, type Sequence } from './trace-file.ts';
import { address } from './value-text.ts';

/** The machine that traces of setup "std1" were recorded on. */
const STD1 = { dram: { base: 0x8000_0000, size: 16 * 2 ** 20 }, rmm: 'rmm/1.0-tf' } as const satisfies MachineOptions;

/** The text of the scenario; `origin` is the name of the file. `ImportError` for calls that are not known. */
export function scenarioOf(sequence: Sequence, origin: string): string {
  try {
    return new Writer(sequence).write(origin);
  } catch (error) {
    // BigInt's complaint about a text that is no number.
    if (error instanceof SyntaxError)
      throw new ImportError(`is no trace: in sequence ${sequence.id}, ${error.message}`);
    throw error;
  }
}

class Writer {
  private readonly sequence: Sequence;
  private readonly scribe = new Scribe(STD1);
  private readonly isPrivate: (page: number) => boolean;
  private readonly quirks: ReadonlyMap<number, string>;

  constructor(sequence: Sequence) {
    this.sequence = sequence;
    this.isPrivate = privatePages(sequence);
    this.quirks = new Map(sequence.quirks?.map(([name, index]) => [index, name]));
  }

  write(origin: string): string {
    const { scribe, sequence } = this;
    scribe.comment(`Imported from ${origin}, sequence ${sequence.id}: RMI calls as an RMM answered them.`);
    scribe.line(`scenario "recorded RMI calls: ${sequence.id.replace(/["\\]|\p{Cc}/gu, ' ')}"`);
    scribe.line('model    "rmm/1.0-tf"');
    scribe.line('platform cca');
    scribe.line('memory   0x8000_0000 +: 16M');
    scribe.line('');
    for (const [index, call] of sequence.calls.entries()) this.call(call, index);
    if (sequence.crash_call !== undefined)
      scribe.comment(`The recorded RMM ended in this call: ${sequence.crash_call}`);
    return scribe.text;
  }

  private call(call: CallRecord, index: number): void {
    const { scribe } = this;
    if (call.label !== undefined) scribe.comment(call.label);
    const quirk = this.quirks.get(index);
    if (quirk !== undefined) scribe.comment(`The recorded RMM is known to deviate here: ${quirk}`);
    if (isMacro(call.fn)) return writeMacro(scribe, call);
    switch (call.fn) {
      case 'raw':
        return this.byNumber(call);
      case 'ns_fill': {
        const [page = 0n, byte = 0n] = argumentsOf(call);
        return fill(scribe, page, byte);
      }
      case 'dbg_dump':
        return this.expectations(granuleExpectations(call, STD1.dram));
      case 'dbg_rd':
        return this.expectations(realmExpectations(call));
      case 'dbg_rec':
        return this.expectations(recExpectations(call));
      case 'dbg_granule':
        return undefined;
      default:
        return this.command(call, '', quirk !== undefined);
    }
  }

  private expectations(lines: readonly string[]): void {
    for (const line of lines) this.scribe.line(line);
  }

  private byNumber(call: CallRecord): void {
    const operation = hostOperation('SMC');
    const given = argumentsOf(call);
    while (given.length > 1 && given.at(-1) === 0n) given.pop();
    this.scribe.perform(operation, given);
    this.scribe.say(callText(operation, given), address(BigInt(call.ret ?? 0)));
  }

  /** An RMI command, or a command of another PE during an entry. */
  private command(call: CallRecord, lead: Lead, isQuirk: boolean): void {
    const { scribe } = this;
    const name = `RMI_${call.fn.toUpperCase()}`;
    if (!isRmiCommand(name))
      throw new ImportError(`the sequence ${this.sequence.id} calls "${call.fn}", which is not known`);
    const operation = hostOperation(name);
    const given = prepared(scribe, call, this.isPrivate, lead);
    if (call.fn === 'rec_enter' && lead === '') {
      return writeEntry(scribe, call, given, (inner) => this.command(inner, '  > ', false));
    }
    const code = scribe.perform(operation, given);
    const recorded = resultText(operation, call);
    scribe.say(callText(operation, given), isQuirk ? this.answered(call, name, code, recorded) : recorded, lead);
    if (call.fn === 'rec_enter' && code === 0) this.endNested(operation, scribe.registers(operation, given));
  }

  /** Where the recorded RMM deviates and this model does not, what this model answers. */
  private answered(call: CallRecord, name: string, code: number, recorded: string | undefined): string | undefined {
    const { form } = hostOperation(name);
    if (code === form.code(call.status ?? '', call.index ?? 0)) return recorded;
    this.scribe.comment(`recorded: ${statusText(hostOperation(name), call.status ?? '*', call.index)}`);
    return form.text(code);
  }

  /** A REC that another PE enters meanwhile does what is pending, and nothing more until an interrupt. */
  private endNested(operation: MachineOperation, registers: readonly number[]): void {
    const { machine } = this.scribe;
    const { conversation } = operation;
    const pending = conversation?.isRunning(machine, registers) && conversation.pending(machine, registers);
    if (pending) pending.operation.call(machine, pending.registers);
    if (conversation?.isRunning(machine, registers)) conversation.interrupt(machine, registers);
    machine.store.commit();
  }
}
