// What an operation is to everyone who only wants to read about it: names, parameters, results, checks, source.

/** What a parameter or an output means, and so which expressions fit it. Addresses are bytes. */
export type ValueType = 'pa' | 'ipa' | 'level' | 'u64' | 'flags' | 'structure';

export interface Parameter {
  readonly name: string;
  readonly type: ValueType;
  readonly text: string;
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
  readonly flags?: Readonly<Record<string, number>>;
}

export interface Output {
  readonly name: string;
  readonly type: ValueType | 'state' | 'ripas';
  /** `SUCCESS`: valid only then. `always`: the value has a meaning for every status. */
  readonly valid: 'SUCCESS' | 'always';
  readonly text: string;
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
