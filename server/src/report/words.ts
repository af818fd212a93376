// Arguments and outputs of a call in the words that a scenario uses for them.
import { hex, type Parameter, type ValueType } from '../emulator/index.ts';
import { type Argument, isInteger } from '../scenario/index.ts';

const STATES = ['UNASSIGNED', 'ASSIGNED', 'TABLE'];
const RIPAS = ['EMPTY', 'RAM', 'DESTROYED'];

/** A value by its type: addresses in hexadecimal, levels in decimal, states by name. */
export function inWords(type: ValueType | 'state' | 'ripas', value: number): string {
  switch (type) {
    case 'level':
      return String(value);
    case 'state':
      return STATES[value] ?? String(value);
    case 'ripas':
      return RIPAS[value] ?? String(value);
    case 'pa':
    case 'ipa':
    case 'u64':
    case 'flags':
    case 'structure':
      return hex(value);
  }
}

/** An argument as it was written where that says its value, and as its value where it had to be computed. */
export function writtenArgument(arg: Argument, parameter: Parameter | undefined, register: number): string {
  if (arg.kind === 'structure') {
    const fields = arg.fields.map(({ name, value }) => `${name}: ${plain(value.text)}`);
    return `{${fields.join(', ')}}`;
  }
  const { text } = arg.value;
  const isAddress = parameter?.type === 'pa' || parameter?.type === 'ipa' || parameter?.type === 'structure';
  const { constant } = arg.value;
  if (!isAddress && constant !== undefined) return plain(text);
  // A value that no register holds exactly is shown as it was meant.
  if (constant !== undefined && isInteger(constant)) return hex(constant);
  return inWords(parameter?.type ?? 'u64', register);
}

const plain = (text: string) => text.replace(/\s+/g, ' ');
