// One entry of a realm translation table, packed into one number: output address, host attributes and state.

/** HIPAS and RIPAS of an entry in one word, as RMM 1.0 combines them (A5.5). */
export const ENTRY_STATES = [
  'NONE',
  'UNASSIGNED_EMPTY',
  'UNASSIGNED_RAM',
  'UNASSIGNED_DESTROYED',
  'ASSIGNED_EMPTY',
  'ASSIGNED_RAM',
  'ASSIGNED_DESTROYED',
  'UNASSIGNED_NS',
  'ASSIGNED_NS',
  'TABLE',
] as const;
export type EntryState = Exclude<(typeof ENTRY_STATES)[number], 'NONE'>;

/** RIPAS values in the ABI's numbering. */
export const RIPAS = ['EMPTY', 'RAM', 'DESTROYED'] as const;
export type Ripas = (typeof RIPAS)[number];

const numbers = Object.fromEntries(ENTRY_STATES.map((name, i) => [name, i])) as Record<EntryState, number>;

const { TABLE, ASSIGNED_NS } = numbers;
const STATE_MASK = 0xf;
const ATTRIBUTES_SHIFT = 4;
const LOW_BITS = 0xfff;

/** The bits of an unprotected descriptor that the host chooses besides the address: MemAttr[2:0] and S2AP. */
export const HOST_ATTRIBUTES = 0xdc;

/** `address` is page aligned and below 2^52; `attributes` are descriptor bits 7:0, of which only the host's are kept. */
export function packEntry(state: EntryState, address = 0, attributes = 0): number {
  return address + ((attributes & HOST_ATTRIBUTES) << ATTRIBUTES_SHIFT) + numbers[state];
}

export function entryState(entry: number): EntryState {
  return ENTRY_STATES[entry & STATE_MASK] as EntryState;
}

/** The output address, in bytes. */
export function entryAddress(entry: number): number {
  return entry - (entry & LOW_BITS);
}

/** The host's descriptor bits: MemAttr in 4:2, S2AP in 7:6. */
export function entryAttributes(entry: number): number {
  return (entry & LOW_BITS) >>> ATTRIBUTES_SHIFT;
}

/** An entry in the same state, with the same attributes, at another address. */
export function entryAt(entry: number, address: number): number {
  return address + (entry & LOW_BITS);
}

const table = (test: (state: string) => boolean) => Uint8Array.from(ENTRY_STATES, (state) => (test(state) ? 1 : 0));
const UNASSIGNED = table((state) => state.startsWith('UNASSIGNED_') && state !== 'UNASSIGNED_NS');
const ASSIGNED = table((state) => state.startsWith('ASSIGNED_') && state !== 'ASSIGNED_NS');
const LIVE = table((state) => state === 'TABLE' || state.startsWith('ASSIGNED_'));
const RIPAS_OF = Uint8Array.from(ENTRY_STATES, (state) =>
  Math.max(
    0,
    RIPAS.findIndex((ripas) => state.endsWith(`_${ripas}`)),
  ),
);

/** Protected, without a page. */
export const isUnassigned = (entry: number): boolean => UNASSIGNED[entry & STATE_MASK] === 1;
/** Protected, with a DATA granule or a block of them. */
export const isAssigned = (entry: number): boolean => ASSIGNED[entry & STATE_MASK] === 1;
export const isTable = (entry: number): boolean => (entry & STATE_MASK) === TABLE;
/** An entry is live while it stores an address. RMM 1.0, A5.5. */
export const isLive = (entry: number): boolean => LIVE[entry & STATE_MASK] === 1;
/** An unprotected mapping of a page or block of the host. */
export const isAssignedNs = (entry: number): boolean => (entry & STATE_MASK) === ASSIGNED_NS;
/** The RIPAS of an entry in the ABI's numbering. */
export const ripasNumber = (entry: number): number => RIPAS_OF[entry & STATE_MASK] as number;
/** The RIPAS of an entry; a TABLE has none, and an unprotected entry is reported as EMPTY. */
export const entryRipas = (entry: number): Ripas => RIPAS[ripasNumber(entry)] as Ripas;
