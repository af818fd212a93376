// What an operation is to everyone who only wants to read about it: names, parameters, results, checks, source.

/** What a parameter or an output means, and so which expressions fit it. Addresses are bytes. */
export type ValueType =
  | 'pa'
  | 'ipa'
  | 'level'
  | 'u64'
  /** 64 bits that are kept exactly: data and registers of a realm, as a number of the machine's `words`. */
  | 'word'
  | 'flags'
  | 'structure'
  /** A realm: the PA of its descriptor, or the VM that it belongs to. */
  | 'rd'
  | HandleType
  | PlaceType
  /** Base and length in bytes, of whatever address space the operation means. */
  | 'range';

/** Things that an operation makes and a name stands for; the register is the row of its table. */
export type HandleType = 'vm' | 'vcpu' | 'gmem' | 'mapping' | 'pin';

/** `gm[off]`, `m[off]`, and with a length `gm[off +: len]`. */
export type PlaceType = 'gmem_at' | 'gmem_range' | 'mapping_at' | 'mapping_range';

/** For each type: the registers that an argument fills, and its name for readers. */
const TYPES: Readonly<Record<ValueType, readonly [registers: number, text: string]>> = {
  pa: [1, 'physical address'],
  ipa: [1, 'IPA'],
  level: [1, 'RTT level'],
  u64: [1, '64 bits'],
  word: [1, '64 bits'],
  flags: [1, 'flags'],
  structure: [1, 'structure'],
  rd: [1, 'realm descriptor or VM'],
  vm: [1, 'VM'],
  vcpu: [1, 'vCPU'],
  gmem: [1, 'guest_memfd'],
  mapping: [1, 'mapping'],
  pin: [1, 'pin'],
  gmem_at: [2, 'guest_memfd offset'],
  gmem_range: [3, 'guest_memfd range'],
  mapping_at: [2, 'mapping offset'],
  mapping_range: [3, 'mapping range'],
  range: [2, 'range'],
};

/** Registers that an argument of this type fills: a place is a handle and a byte offset, a range of them has a length too. */
export const registersOf = (type: ValueType): number => TYPES[type][0];
/** Whether values of this type are rows of a table, which no reader knows by number. */
export const isHandle = (type: OutputType): boolean => ['vm', 'vcpu', 'gmem', 'mapping', 'pin'].includes(type);
/** `physical address`, `guest_memfd offset`. */
export const typeText = (type: ValueType): string => TYPES[type][1];

export interface Parameter {
  readonly name: string;
  readonly type: ValueType;
  readonly text: string;
  /** May be left out; its registers then are `initial`, or zeros. */
  readonly optional?: true;
  readonly initial?: readonly number[];
  /** For `flags`: the names of its values. */
  readonly flags?: Readonly<Record<string, number>>;
  /** For `structure`: the argument is the PA of a page, or the fields to write into one. */
  readonly structure?: Structure;
}

/** A structure that the host passes in a page. Offsets and sizes are bytes. */
export interface Structure {
  readonly name: string;
  readonly fields: Readonly<Record<string, StructureField>>;
}

export interface StructureField {
  readonly offset: number;
  readonly size: number;
  readonly text: string;
  /** The value where the scenario names none. */
  readonly initial?: number;
  /** For a field of repeated bytes: the one byte given fills all `size` of them. */
  readonly fill?: true;
  /** For a field of several 64-bit words: the one value given is the first, each next one is `stride` more. */
  readonly stride?: number;
  readonly flags?: Readonly<Record<string, number>>;
}

/** Outputs that are one of a list of names, in the ABI's numbering. */
export const OUTPUT_WORDS = {
  state: ['UNASSIGNED', 'ASSIGNED', 'TABLE'],
  ripas: ['EMPTY', 'RAM', 'DESTROYED'],
  exit_reason: [
    'RMI_EXIT_SYNC',
    'RMI_EXIT_IRQ',
    'RMI_EXIT_FIQ',
    'RMI_EXIT_PSCI',
    'RMI_EXIT_RIPAS_CHANGE',
    'RMI_EXIT_HOST_CALL',
    'RMI_EXIT_SERROR',
  ],
} as const;

export type OutputType = ValueType | keyof typeof OUTPUT_WORDS;

/** The name of an output value, if values of its type have names. */
export const outputWord = (type: OutputType, value: number): string | undefined =>
  type in OUTPUT_WORDS ? OUTPUT_WORDS[type as keyof typeof OUTPUT_WORDS][value] : undefined;

export interface Output {
  readonly name: string;
  readonly type: OutputType;
  /** `SUCCESS`: valid only then. `always`: the value has a meaning for every status. */
  readonly valid: 'SUCCESS' | 'always';
  readonly text: string;
  /** For `flags`: the names of its values. */
  readonly flags?: Readonly<Record<string, number>>;
}

/** One failure condition: `text` says what must hold. */
export interface CheckText {
  readonly id: string;
  readonly text: string;
  /** The status as documentation writes it: `RMI_ERROR_RTT(walk level)`. */
  readonly statusText: string;
  /** The models where the check is made; everywhere if absent. */
  readonly only?: string;
}

/** An operation as everything above the machine sees it: completion, hover, checker, reference and the run. */
export interface Operation {
  readonly name: string;
  /** Who carries it out: `RMM`, `host`. */
  readonly actor: string;
  /** The first model that has it. */
  readonly since: string;
  /** The models that have it, where those are not all from `since` on. */
  readonly models?: readonly string[];
  /** One sentence. */
  readonly summary: string;
  /** Where it is specified. */
  readonly reference: string;
  readonly params: readonly Parameter[];
  readonly outputs: readonly Output[];
  /** Names of the statuses it may return. */
  readonly results: readonly string[];
  readonly checks: readonly CheckText[];
  /** What it does when all checks hold, one line each. */
  readonly effects: readonly string[];
  /** Where models differ, one line each. */
  readonly differences: readonly string[];
}
