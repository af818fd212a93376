// What a value stands for, so that an IPA does not pass where a physical address is wanted.
import type { Site } from './source.ts';

/** `number` is a bare number, which fits everywhere; `word` is a state or a digest; `unknown` follows an error. */
export type Kind = 'number' | 'pa' | 'ipa' | 'bool' | 'word' | 'unknown';

export const KIND_TEXT: Readonly<Record<Kind, string>> = {
  number: 'a number',
  pa: 'a physical address',
  ipa: 'an intermediate physical address (IPA)',
  bool: 'a truth value',
  word: 'a state',
  unknown: 'unknown',
};

/**
 * A name for a bare number takes the kind of its first use as an address: `let GPA = 0x8000_0000` is an IPA from the call
 * on that takes it as one, and passing it where a PA is wanted afterwards is an error.
 */
export interface Use {
  readonly kind: 'pa' | 'ipa';
  readonly site: Site;
  /** The operation and its parameter. */
  readonly by: string;
}
