// Structures that the host of a recording wrote before a call: as a record, or store by store in the page of the recording.

import type { Structure } from '../emulator/definition.ts';
import { GRANULE } from '../emulator/memory/pages.ts';
import { RMI_REALM_PARAMS, RMI_REC_PARAMS, RMI_REC_RUN, writeStructure } from '../emulator/rmm/structures.ts';
import { hostOperation } from './operations.ts';
import { callText, type Lead, type Scribe } from './scribe.ts';
import { argumentsOf, type CallRecord, numeral } from './trace-file.ts';
import type { Fields, Given } from './value-text.ts';

/** A structure that a call passes: which argument points to it, and the words that its fields do not cover. */
interface Passed {
  readonly argument: number;
  readonly structure: Structure;
  readonly fields: Fields;
  readonly words: readonly (readonly [offset: number, value: bigint])[];
}

/** Short names of recordings. */
const REALM_NAMES: Readonly<Record<string, string>> = {
  algo: 'hash_algo',
  sl: 'rtt_level_start',
  num: 'rtt_num_start',
};

const LIST_REGISTERS = 0x308;
const AUX = 0x808;
const MOST_AUX = 16;

/** Column where the names of fields stand, unless the store is longer. */
const COMMENT_COLUMN = 38;

function passedBy({ fn, params }: CallRecord): Passed | undefined {
  const values = Object.entries(params ?? {}).map(([name, value]) => [name, numeral(value)] as const);
  if (fn === 'realm_create' && params) {
    const fields = Object.fromEntries(values.map(([name, value]) => [REALM_NAMES[name] ?? name, value]));
    return { argument: 1, structure: RMI_REALM_PARAMS, fields, words: [] };
  }
  if (fn === 'rec_create' && params) return recParams(`${params.aux ?? ''}`, values);
  if (fn !== 'rec_enter') return undefined;
  // The first list register is a field of the structure, the others are words behind it.
  const words = values.flatMap(([name, value]) => {
    const register = Number(/^lr(\d+)$/.exec(name)?.[1] ?? -1);
    return register > 0 ? [[LIST_REGISTERS + 8 * register, value] as const] : [];
  });
  const fields = values.flatMap(([name, value]) =>
    name === 'lr0' ? [['gicv3_lrs', value] as const] : /^lr\d/.test(name) ? [] : [[name, value] as const],
  );
  return { argument: 1, structure: RMI_REC_RUN, fields: { flags: 0n, ...Object.fromEntries(fields) }, words };
}

/** `aux` is `@base` for consecutive granules, which a record can say, or a list. */
function recParams(aux: string, values: readonly (readonly [string, bigint])[]): Passed {
  const others = Object.fromEntries(values.filter(([name]) => name !== 'aux'));
  const list = aux.startsWith('@') ? undefined : aux.split(',').map(numeral);
  const base = list ? (list[0] ?? 0n) : numeral(aux.slice(1));
  const all = Array.from({ length: MOST_AUX }, (_, i) => (list ? (list[i] ?? 0n) : base + BigInt(GRANULE * i)));
  const isConsecutive = all.every((value, i) => value === base + BigInt(GRANULE * i));
  return {
    argument: 2,
    structure: RMI_REC_PARAMS,
    fields: { flags: 0n, ...others, aux: base },
    words: isConsecutive ? [] : all.map((value, i) => [AUX + 8 * i, value] as const),
  };
}

/** Writes what the host prepared, and gives the arguments of the call. `isPrivate`: nothing else looks at the page. */
export function prepared(
  scribe: Scribe,
  call: CallRecord,
  isPrivate: (page: number) => boolean,
  lead: Lead,
): readonly Given[] {
  const args = argumentsOf(call);
  if (call.fn === 'data_create') fillSource(scribe, call, args[3] ?? 0n, lead);
  const passed = passedBy(call);
  const page = args[passed?.argument ?? 0];
  if (!passed || page === undefined) return args;
  if (!scribe.isHostPage(Number(page))) {
    if (call.params) scribe.comment('the host could not write its parameters: the page is not its own');
    return args;
  }
  const asRecord = passed.words.length === 0 && isPrivate(Number(page)) && isPrivate(scribe.structurePage);
  if (asRecord) return args.map((arg, i) => (i === passed.argument ? passed.fields : arg));
  writeWords(scribe, passed, page, lead);
  return args;
}

/** Fills a source page, unless it is full of that byte already. */
function fillSource(scribe: Scribe, { params }: CallRecord, page: bigint, lead: Lead): void {
  if (params?.fill !== undefined) fill(scribe, page, numeral(params.fill), lead);
}

/** Fills a page of the host; what is not the host's stays as it is. */
export function fill(scribe: Scribe, page: bigint, byte: bigint, lead: Lead = ''): void {
  const { pages } = scribe.machine;
  const at = Number(page);
  if (!scribe.isHostPage(at)) return scribe.comment('the host could not fill the page: it is not its own');
  if (pages.bytes(at) !== pages.contents.filled(Number(byte & 0xffn)))
    store(scribe, 'memset', [page, byte & 0xffn], lead);
}

function store(scribe: Scribe, name: 'write' | 'memset', given: readonly bigint[], lead: Lead, comment = ''): void {
  const operation = hostOperation(name);
  scribe.perform(operation, given);
  scribe.say(callText(operation, given).padEnd(comment === '' ? 0 : COMMENT_COLUMN) + comment, undefined, lead);
}

/** The structure word by word, each with the name of the field that begins there. */
function writeWords(scribe: Scribe, { structure, fields, words }: Passed, page: bigint, lead: Lead): void {
  const { pages } = scribe.machine;
  const { contents } = pages;
  const wanted = contents.rewritten(writeStructure(structure, contents, fields), 0, 0, words);
  const at = Number(page);
  if (pages.bytes(at) === wanted) return;
  if (pages.bytes(at) !== contents.filled(0)) store(scribe, 'memset', [page, 0n], lead);
  for (let offset = 0; offset < GRANULE; offset += 8) {
    const value = contents.value(wanted, offset, 8);
    if (value === 0n) continue;
    const field = Object.entries(structure.fields).find(([, found]) => found.offset === offset);
    store(scribe, 'write', [page + BigInt(offset), value], lead, field ? ` // ${field[0]}` : '');
  }
}
