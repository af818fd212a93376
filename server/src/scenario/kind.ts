// What a value stands for, so that an IPA does not pass where a physical address is wanted, nor a VM where a file is.
import type { Span } from '../../../grammar/src/index.ts';
import type { ValueType } from '../emulator/index.ts';
import type { Site } from './source.ts';

/**
 * `number` is a bare number, which fits every address; `word` is a state or a digest; `unknown` follows an error. The others
 * are handles, and places in what a handle stands for.
 */
export type Kind =
  | 'number'
  | 'pa'
  | 'ipa'
  | 'bool'
  | 'word'
  | 'unknown'
  | 'vm'
  | 'vcpu'
  | 'gmem'
  | 'mapping'
  | 'pin'
  | 'gmem_at'
  | 'mapping_at';

export const KIND_TEXT: Readonly<Record<Kind, string>> = {
  number: 'a number',
  pa: 'a physical address',
  ipa: 'an IPA',
  bool: 'a truth value',
  word: 'a word',
  unknown: 'unknown',
  vm: 'a VM',
  vcpu: 'a vCPU',
  gmem: 'a guest_memfd',
  mapping: 'a mapping',
  pin: 'a pin',
  gmem_at: 'a place in a guest_memfd',
  mapping_at: 'a place in a mapping',
};

/** The kinds that fit a parameter of each type; the first names what is wanted. */
const FITTING: Readonly<Record<ValueType, readonly Kind[]>> = {
  pa: ['pa', 'number'],
  ipa: ['ipa', 'number'],
  level: ['number'],
  u64: ['number', 'pa', 'ipa'],
  flags: ['number'],
  word: ['number', 'pa', 'ipa'],
  structure: ['pa', 'number'],
  rd: ['pa', 'number', 'vm'],
  vm: ['vm'],
  vcpu: ['vcpu'],
  gmem: ['gmem'],
  mapping: ['mapping'],
  pin: ['pin'],
  gmem_at: ['gmem_at', 'gmem'],
  gmem_range: ['gmem_at', 'gmem'],
  mapping_at: ['mapping_at', 'mapping', 'number'],
  mapping_range: ['mapping_at', 'mapping'],
  range: ['number', 'ipa', 'pa'],
};

export const fits = (kind: Kind, type: ValueType): boolean => FITTING[type].includes(kind);
export const wantedText = (type: ValueType): string => KIND_TEXT[FITTING[type][0] as Kind];

/** The kind of what an output of this type is bound to. */
export const kindOfType = (type: string): Kind =>
  type in KIND_TEXT && type !== 'bool' && type !== 'word' ? (type as Kind) : 'number';

/**
 * A name for a bare number takes the kind of its first use as an address: `let GPA = 0x8000_0000` is an IPA from the call
 * on that takes it as one, and passing it where a PA is wanted afterwards is an error.
 */
export interface Use {
  readonly kind: 'pa' | 'ipa';
  readonly site: Site;
  /** The operation and its parameter. */
  readonly by: string;
  /** The statement of the file that used it. */
  readonly statement: Span;
}
