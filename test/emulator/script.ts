// A few lines of calls in, the same lines with what came of them out: `NAME arg … {field: value} = RESULT output …`.
import {
  actionToRepeat,
  COMMANDS,
  endEntry,
  GUEST_OPERATIONS,
  isRunning,
  Machine,
  type MachineOptions,
  toRegister,
} from '../../server/src/emulator/index.ts';
import type { MachineOperation } from '../../server/src/emulator/operation.ts';
import { readExit } from '../../server/src/emulator/rmm/guest/exit.ts';
import { writeStructure } from '../../server/src/emulator/rmm/structures.ts';

/** 16 MiB at 2 GiB, like the machine of the recorded traces. */
export const SMALL: MachineOptions = { dram: { base: 0x8000_0000, size: 16 * 2 ** 20 } };

/**
 * Runs the lines on the machine, one step each. Empty lines and comments stay as they are. `let NAME = value` names a
 * number; `SECURE addr` gives a page to the Secure world; a record is written into the page that the structure's argument
 * points to, `word_0x80: value` at an offset; lines that begin with `<` are what the realm does in the entry above them. Behind ` = ` stands the result, then
 * the check that refused the call, or the valid outputs; an entry shows its exit.
 */
export function transcript(text: string, machine: Machine = new Machine(SMALL)): string {
  const script = new Script(machine);
  return text
    .split('\n')
    .map((line, i, lines) => script.line(line, lines.slice(i + 1)))
    .join('\n');
}

const isAction = (line: string) => line.trimStart().startsWith('<');
const isCall = (line: string) => line.trim() !== '' && !line.trimStart().startsWith('//');

export class Script {
  readonly machine: Machine;
  private readonly names = new Map<string, bigint>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Runs one line and gives it back with its result; `following` are the lines that may belong to an entry. */
  line(line: string, following: readonly string[] = []): string {
    const [call = ''] = line.split(/\s+= /);
    if (!isCall(line)) return line;
    const binding = /^let (\w+) = (\S+)$/.exec(line.trim());
    const secure = /^SECURE (\S+)$/.exec(line.trim());
    if (binding) this.names.set(binding[1] ?? '', this.value(binding[2] ?? '0'));
    else if (secure) this.machine.rmm.granules.setGpt(Number(this.value(secure[1] ?? '0')), 'SECURE');
    else return isAction(line) ? this.lineOfEntry(call) : `${call} = ${this.carryOut(call.trim(), following)}`;
    return line;
  }

  /** `NAME`, `NAME+number`, a number. */
  value(word: string): bigint {
    const [first = '0', ...more] = word.split('+');
    return more.reduce((sum, part) => sum + BigInt(part), this.names.get(first) ?? BigInt(first));
  }

  /** Results of the actions below an entry, which ran with it. */
  private readonly results: string[] = [];

  private lineOfEntry(call: string): string {
    return `${call} = ${this.results.shift()}`;
  }

  private carryOut(words: string, following: readonly string[]): string {
    const result = this.call(COMMANDS, words);
    if (!isRunning(this.machine)) return result;
    const actions = following.slice(0, following.findIndex((line) => !isAction(line)) >>> 0).filter(isAction);
    const again = actionToRepeat(this.machine);
    if (again) this.results.push(this.perform(again.operation, again.registers));
    for (const action of again ? actions.slice(1) : actions) {
      const [words = ''] = action.replace('<', '').split(/\s+= /);
      const isHost = words.trim().startsWith('host ');
      this.results.push(
        isHost ? this.call(COMMANDS, words.replace('host ', '').trim()) : this.call(GUEST_OPERATIONS, words.trim()),
      );
    }
    const x0 = endEntry(this.machine);
    this.machine.store.commit();
    if (x0 !== 0) return COMMANDS.get('RMI_REC_ENTER')?.form.text(x0) ?? '';
    return `RMI_SUCCESS ${this.exit(words)}`;
  }

  private exit(words: string): string {
    const {
      reason,
      reasonCode: _code,
      ...fields
    } = readExit(this.machine, Number(this.value(words.split(/\s+/)[2] ?? '0')));
    const shown = Object.entries(fields).flatMap(([name, value]) => {
      if (typeof value === 'bigint') return value === 0n ? [] : [`${name}:0x${value.toString(16)}`];
      return value.flatMap((register, i) => (register === 0n ? [] : [`x${i}:0x${register.toString(16)}`]));
    });
    return [reason, ...shown].join(' ');
  }

  private call(operations: ReadonlyMap<string, MachineOperation>, words: string): string {
    const [, name = '', rest = '', record] = /^(\S+)([^{]*)(\{.*\})?$/.exec(words) ?? [];
    const operation = operations.get(name);
    if (!operation) throw new Error(`no operation ${name}`);
    const args = rest.split(' ').filter((word) => word !== '');
    const needed = operation.params.filter(({ optional }) => !optional).length;
    if (args.length < needed || args.length > operation.params.length) throw new Error(`arguments of ${name}`);
    const registers = operation.params.map(({ type }, i) =>
      toRegister(this.value(args[i] ?? '0'), type, this.machine.pages.words),
    );
    if (record) this.write(operation, registers, record);
    return this.perform(operation, registers);
  }

  private perform(operation: MachineOperation, registers: readonly number[]): string {
    const refused = operation.refusal(this.machine, registers);
    const code = operation.call(this.machine, registers);
    this.machine.store.commit();
    const shown = refused
      ? [refused.check.id]
      : operation.form.succeeded(code)
        ? this.outputs(operation, registers)
        : [];
    return [operation.form.text(code), ...shown].join(' ').trim();
  }

  private outputs(operation: MachineOperation, registers: readonly number[]): string[] {
    if (operation.conversation) return [];
    const values = operation.readOutputs(this.machine, registers);
    return values.map((value) => (value < 10 ? `${value}` : `0x${value.toString(16)}`));
  }

  private write({ params }: MachineOperation, registers: readonly number[], record: string): void {
    const pointer = params.findIndex(({ structure }) => structure !== undefined);
    const structure = params[pointer]?.structure;
    const address = registers[pointer];
    if (!structure || address === undefined) throw new Error('no parameter is a structure');
    const { pages } = this.machine;
    if (!pages.has(address)) return;
    const fields = [...record.matchAll(/(\w+): ([\w+]+)/g)].map(
      ([, name = '', value = '0']) => [name, this.value(value)] as const,
    );
    const words = fields.filter(([name]) => name.startsWith('word_'));
    const page = writeStructure(structure, pages.contents, Object.fromEntries(fields));
    const at = words.map(([name, value]): [number, bigint] => [Number(name.slice('word_'.length)), value]);
    pages.setBytes(address, pages.contents.rewritten(page, 0, 0, at));
  }
}

/** Lines that make a realm at RD with IPA width 40, two start tables at level 1 and the tables to describe [0, 2 MiB) by pages. */
export const REALM = `
let RD = 0x80000000
let PARAMS = 0x80f00000
let RUN = 0x80f01000
let RTT1 = 0x80002000
let RTT2 = 0x80004000
let RTT3 = 0x80005000
let DATA = 0x80006000
RMI_GRANULE_DELEGATE RD
RMI_GRANULE_DELEGATE 0x80002000
RMI_GRANULE_DELEGATE 0x80003000
RMI_GRANULE_DELEGATE RTT2
RMI_GRANULE_DELEGATE RTT3
RMI_GRANULE_DELEGATE DATA
RMI_REALM_CREATE RD PARAMS {s2sz: 40, rtt_level_start: 1, rtt_num_start: 2, rtt_base: RTT1}
RMI_RTT_CREATE RD RTT2 0 2
RMI_RTT_CREATE RD RTT3 0 3
`;

const delegated = (first: string, count: number) =>
  Array.from({ length: count }, (_, i) => `RMI_GRANULE_DELEGATE ${first}+${4096 * i}`).join('\n');

/** A REC at `name` with the MPIDR and auxiliary granules behind it. */
export const rec = (name: string, address: string, mpidr: number, flags = 1): string => `
let ${name} = ${address}
${delegated(name, 17)}
RMI_REC_CREATE RD ${name} PARAMS {flags: ${flags}, mpidr: ${mpidr}, pc: 0x1000, aux: ${name}+4096}
`;

/** Runs the lines after others that prepare, and gives back only the lines themselves. */
export function transcriptAfter(before: string, text: string, options: MachineOptions = SMALL): string {
  const machine = new Machine(options);
  const whole = transcript(before + text, machine);
  return whole
    .split('\n')
    .slice(before.split('\n').length - 1)
    .join('\n')
    .replace(/^/, '');
}

export const realmTranscript = (text: string, options: MachineOptions = SMALL): string =>
  `\n${transcriptAfter(REALM, text.replace(/^\n/, ''), options)}`;
