// A few lines of calls in, the same lines with what came of them out: `NAME arg … {field: value} = RESULT output …`.
import { Machine, type MachineOptions, OPERATIONS, toRegister } from '../../server/src/emulator/index.ts';
import type { MachineOperation } from '../../server/src/emulator/operation.ts';
import { writeStructure } from '../../server/src/emulator/rmm/structures.ts';

/** 16 MiB at 2 GiB, like the machine of the recorded traces. */
export const SMALL: MachineOptions = { dram: { base: 0x8000_0000, size: 16 * 2 ** 20 } };

/**
 * Runs the lines on the machine, one step each. Empty lines and comments stay as they are; `let NAME = value` names a number;
 * a record is written into the page that the last argument points to; ` = …` is dropped and replaced by the real result,
 * followed by the check that refused the call, or by the outputs that are valid.
 */
export function transcript(text: string, machine: Machine = new Machine(SMALL)): string {
  const names = new Map<string, bigint>();
  return text
    .split('\n')
    .map((line) => {
      const [call = ''] = line.split(/\s+= /);
      const words = call.trim();
      if (words === '' || words.startsWith('//')) return line;
      const binding = /^let (\w+) = (\S+)$/.exec(line.trim());
      if (!binding) return `${call} = ${carryOut(machine, words, names)}`;
      names.set(binding[1] ?? '', BigInt(binding[2] ?? 0));
      return line;
    })
    .join('\n');
}

function carryOut(machine: Machine, words: string, names: ReadonlyMap<string, bigint>): string {
  const [, name = '', rest = '', record] = /^(\S+)([^{]*)(\{.*\})?$/.exec(words) ?? [];
  const operation = OPERATIONS.get(name);
  if (!operation) throw new Error(`no operation ${name}`);
  const numberOf = (word: string) => names.get(word) ?? BigInt(word);
  const args = rest.split(' ').filter((word) => word !== '');
  if (args.length !== operation.params.length) throw new Error(`${name} takes ${operation.params.length} arguments`);
  const registers = operation.params.map(({ type }, i) => toRegister(numberOf(args[i] ?? '0'), type));
  if (record) writeRecord(machine, operation, registers, record, numberOf);
  const refused = operation.refusal(machine, registers);
  const code = operation.call(machine, registers);
  machine.store.commit();
  return [operation.form.text(code), refused ? refused.check.id : outputs(machine, operation)].join(' ').trim();
}

function outputs(machine: Machine, operation: MachineOperation): string {
  return operation
    .readOutputs(machine)
    .map((value) => (value < 10 ? `${value}` : `0x${value.toString(16)}`))
    .join(' ');
}

function writeRecord(
  machine: Machine,
  { params }: MachineOperation,
  registers: readonly number[],
  record: string,
  numberOf: (word: string) => bigint,
): void {
  const at = params.findIndex(({ structure }) => structure !== undefined);
  const structure = params[at]?.structure;
  const address = registers[at];
  if (!structure || address === undefined) throw new Error('no parameter is a structure');
  const fields = [...record.matchAll(/(\w+): (\w+)/g)].map(([, name = '', value = '0']) => [name, numberOf(value)]);
  machine.pages.setBytes(address, writeStructure(structure, machine.pages.contents, Object.fromEntries(fields)));
}

/** Lines that make a realm at RD with IPA width 40, two start tables at level 1 and the tables to describe [0, 2 MiB) by pages. */
export const REALM = `
let RD = 0x80000000
let PARAMS = 0x80f00000
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

/** Runs the lines after those of REALM, and gives back only the lines themselves. */
export function realmTranscript(text: string, options: MachineOptions = SMALL): string {
  const whole = transcript(REALM + text, new Machine(options));
  return whole.slice(transcript(REALM, new Machine(options)).length);
}
