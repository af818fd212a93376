// Arguments and outputs of a call in the words that a scenario uses for them.
import {
  hex,
  isHandle,
  type OutputType,
  outputWord,
  type Parameter,
  registersOf,
  type Structure,
} from '../emulator/index.ts';
import { type Argument, type Expression, isInteger, type Value } from '../scenario/index.ts';

/** A value by its type: addresses in hexadecimal, levels in decimal, states by name. */
export function inWords(type: OutputType, value: number | bigint): string {
  return outputWord(type, Number(value)) ?? (type === 'level' ? String(value) : hex(value));
}

/** An argument as it was written where that is its value, and as its value where it is a name or had to be computed. */
export function writtenArgument(value: Expression, parameter: Parameter | undefined, register: number): string {
  if (saysItsValue(value.text, parameter?.flags) || isPlaceType(parameter)) return value.text.replace(/\s+/g, ' ');
  // A constant that no register holds exactly is shown as it was meant.
  const { constant } = value;
  const exact = constant !== undefined && isInteger(constant) ? constant : register;
  const type = parameter?.type ?? 'u64';
  return type === 'level' ? inWords(type, register) : hex(exact);
}

/** Handles and places are told by the names that they were given. */
const isPlaceType = (parameter: Parameter | undefined) =>
  parameter !== undefined && (isHandle(parameter.type) || registersOf(parameter.type) > 1);

/** The fields that are passed in a page, by the same rule. */
export function writtenStructure(
  { fields }: Extract<Argument, { kind: 'structure' }>,
  structure: Structure | undefined,
  evaluate: (expression: Expression) => Value,
): string {
  const texts = fields.map(({ name, value }) => {
    if (saysItsValue(value.text, structure?.fields[name]?.flags)) return `${name}: ${value.text}`;
    const result = evaluate(value);
    return `${name}: ${isInteger(result) ? small(result) : value.text}`;
  });
  return `{${texts.join(', ')}}`;
}

/** A number, or the name of a flag. */
const saysItsValue = (text: string, flags: Readonly<Record<string, number>> | undefined) =>
  /^\d\w*$/.test(text) || flags?.[text] !== undefined;

/** A count in decimal, an address in hexadecimal. */
const small = (value: number | bigint) => (value >= 0 && value < 4096 ? String(value) : hex(value));
