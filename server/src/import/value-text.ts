// How numbers, arguments and outputs are written in an imported scenario.
import type { OutputType, Parameter, Structure, StructureField } from '../emulator/definition.ts';
import { outputWord } from '../emulator/definition.ts';
import { hex, size } from '../emulator/format.ts';

/** The fields of a structure that the host passes in a page, by name. */
export type Fields = Readonly<Record<string, bigint>>;

/** An argument: a number of 64 bits, or the fields of a structure. */
export type Given = bigint | Fields;

const GRANULE = 4096n;
/** Numbers up to here are plain decimals where they are no addresses. */
const SMALL = 9n;

export const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

/** `0x8000_0000`, 64 bits. */
export const address = (value: bigint): string => hex(unsigned(value));

const number = (value: bigint) => (value <= SMALL ? `${value}` : hex(value));

/** `0x8000_0000 +: 96K`, or the address alone for one page. */
export const pages = (base: bigint, count: bigint): string =>
  count === 1n ? address(base) : `${address(base)} +: ${size(Number(count * GRANULE))}`;

/** A value of named flags: one name, names joined by `|`, or the number. */
function flags(value: bigint, names: Readonly<Record<string, number>>): string {
  const known = Object.entries(names).map(([name, bits]) => [name, unsigned(BigInt(bits))] as const);
  const exact = known.find(([, bits]) => bits === value);
  if (exact) return exact[0];
  const set = known.filter(([, bits]) => bits !== 0n && (value & bits) === bits);
  const sum = set.reduce((all, [, bits]) => all | bits, 0n);
  return set.length > 0 && sum === value ? set.map(([name]) => name).join(' | ') : number(value);
}

/** An argument as the language writes it. */
export function argumentText(given: Given, { type, flags: names, structure }: Parameter): string {
  if (typeof given === 'object') return recordText(given, structure);
  const value = unsigned(given);
  if (names) return flags(value, names);
  switch (type) {
    case 'pa':
    case 'ipa':
    case 'rd':
    case 'structure':
      return hex(value);
    case 'level': {
      const level = BigInt.asIntN(64, value);
      return level >= -SMALL && level <= SMALL ? `${level}` : hex(value);
    }
    default:
      return number(value);
  }
}

/** `{s2sz: 40, vmid: 1}`; fields that have their initial values are left out. */
function recordText(fields: Fields, structure: Structure | undefined): string {
  const all = Object.entries(fields);
  const told = all.filter(([name, value]) => value !== BigInt(structure?.fields[name]?.initial ?? 0));
  const shown = told.length > 0 ? told : all.slice(0, 1);
  const texts = shown.map(([name, value]) => `${name}: ${fieldText(name, value, structure?.fields[name])}`);
  return `{${texts.join(', ')}}`;
}

const DECIMAL = /^(s2sz|vmid|num_|rtt_level|rtt_num|sve_vl|pmu_num)/;

function fieldText(name: string, given: bigint, field: StructureField | undefined): string {
  const value = unsigned(given);
  if (field?.flags) return flags(value, field.flags);
  return DECIMAL.test(name) && value < 0x1_0000n ? `${value}` : number(value);
}

/** An output as it may stand in the braces behind a result. */
export function outputText(value: bigint, type: OutputType): string {
  const word = value < 16n ? outputWord(type, Number(value)) : undefined;
  if (word !== undefined) return word;
  return type === 'pa' || type === 'ipa' ? hex(value) : number(value);
}
