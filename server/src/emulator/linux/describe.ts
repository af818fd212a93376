// What a write to a cell of the kernel means to a reader: pages, their holders and what they are used for.

import type { Write } from '../../store/index.ts';
import { REALM_STATES } from '../arm-cca/host.ts';
import type { CellText } from '../describe.ts';
import { hex } from '../format.ts';
import { exitName, KVM_EXIT_MEMORY_FAULT, KVM_EXIT_MMIO } from '../kvm/exits.ts';
import { PRIVATE_HALF } from '../kvm/platform.ts';
import { MEMSLOT_INVALID, spteWritable } from '../kvm/vms.ts';
import type { Machine } from '../machine.ts';
import { pteWritable } from './address-spaces.ts';
import { arrayEntry, type KernelArray } from './array-entries.ts';
import { HWPOISON, LOCKED, OWNER_CACHE, STUCK, UPTODATE } from './folios.ts';
import type { RangeMaps } from './range-map.ts';

type Describe = (machine: Machine, row: number, column: string, write: Write) => CellText | undefined;

const OWNERS = ['free', 'anonymous', 'kernel', 'detached'];
/** What a folio is used for. */
export const ownerText = (owner: number): string => (owner >= OWNER_CACHE ? 'page cache' : (OWNERS[owner] ?? ''));

const FLAGS: readonly (readonly [number, string])[] = [
  [UPTODATE, 'uptodate'],
  [LOCKED, 'locked'],
  [HWPOISON, 'hwpoison'],
  [STUCK, 'stuck'],
];
/** The flags of a folio that a reader asks for, by name. */
export const folioFlags = (flags: number): string[] =>
  FLAGS.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name);
const flagsText = (flags: number) => folioFlags(flags).join(' ') || 'none';

/** Columns that say something of their own, and how their values are written. */
export const FOLIO_FIELDS: Readonly<Record<string, readonly [field: string, text: (value: number) => string]>> = {
  owner: ['used for', ownerText],
  order: ['folio order', String],
  mapcount: ['mapcount', String],
  gets: ['references', String],
  pins: ['pins', String],
  transient: ['lookup references', String],
  kvm: ['KVM references', String],
  leaked: ['leaked references', String],
  flags: ['folio flags', flagsText],
  private: ['private data', (value) => (value === 0 ? 'none' : 'attached')],
};

const folio: Describe = ({ linux }, row, column, { before, after }) => {
  const [field, text] = FOLIO_FIELDS[column] ?? [];
  if (!field || !text || (text(before) === text(after) && before !== after)) return undefined;
  const at = linux.folios.address(linux.folios.pfnAt(row));
  return { kind: 'frame', at, length: linux.pageSize, field, before: text(before), after: text(after) };
};

/** An entry of a page cache, of the page table of a process, or of stage 2. */
const node: Describe = (machine, row, _column, { cell, before, after }) => {
  const entry = arrayEntry(machine, cell - row, row);
  return entry && ENTRY_TEXTS[entry.array.kind](machine, entry.array, entry.index, [before, after]);
};

type EntryText = (
  machine: Machine,
  array: KernelArray,
  index: number,
  values: readonly [number, number],
) => CellText | undefined;

const words = (values: readonly [number, number], text: (value: number) => string) => ({
  before: text(values[0]),
  after: text(values[1]),
});

const ENTRY_TEXTS: Readonly<Record<KernelArray['kind'], EntryText>> = {
  'page cache': ({ linux }, { row }, index, values) => {
    const head = values[1] || values[0];
    const pages = linux.folios.head(head) === head ? linux.folios.pageCount(head) : 1;
    return {
      kind: 'gmem',
      object: row,
      at: index * linux.pageSize,
      length: pages * linux.pageSize,
      field: 'page',
      ...words(values, (pfn) => (pfn === 0 ? 'absent' : 'present')),
    };
  },
  'page table': ({ linux }, { row }, page, values) => {
    const mapping = mappingAt(linux.spaces, row, page);
    if (mapping === 0) return undefined;
    return {
      kind: 'mapping',
      object: mapping,
      at: page * linux.pageSize - linux.spaces.address(mapping),
      length: linux.pageSize,
      field: 'page table entry',
      ...words(values, (pte) => (pte === 0 ? 'not mapped' : pteWritable(pte) ? 'mapped' : 'mapped read-only')),
    };
  },
  'stage 2': ({ linux }, { row, half }, gfn, values) => ({
    kind: 'gpa',
    object: row,
    at: gfn * linux.pageSize,
    length: linux.pageSize,
    field: half === PRIVATE_HALF ? 'stage 2, private half' : 'stage 2',
    ...words(values, (spte) => (spte === 0 ? 'unmapped' : spteWritable(spte) ? 'mapped' : 'mapped read-only')),
  }),
  // What is pinned is told by the folio's own counts.
  pin: () => undefined,
};

/** The mapping that a page of a process belongs to, also while it is taken away; addresses are never given out twice. */
function mappingAt(spaces: Machine['linux']['spaces'], process: number, page: number): number {
  const found = spaces.find(process, page);
  if (found !== 0) return found;
  const { mappings } = spaces;
  for (let row = 1; row <= mappings.last; row++) {
    const offset = page - mappings.get(row, 'start');
    if (mappings.get(row, 'process') === process && offset >= 0 && offset < mappings.get(row, 'pages')) return row;
  }
  return 0;
}

/** How a range map differs from another: from where to where, and the values on both sides if there is one each. */
function differenceOf(maps: RangeMaps, before: number, after: number, end: number, text: (value: number) => string) {
  let first = -1;
  let last = 0;
  const found: readonly [Set<string>, Set<string>] = [new Set(), new Set()];
  maps.each(after, 0, end, (from, to, value) => {
    maps.each(before, from, to, (a, b, old) => {
      if (old === value) return;
      if (first < 0) first = a;
      last = b;
      found[0].add(text(old));
      found[1].add(text(value));
    });
  });
  if (first < 0) return undefined;
  const [olds, news] = found;
  return { first, pages: last - first, before: [...olds].join(' and '), after: [...news].join(' and ') };
}

/** Of a value of an attribute map. */
export const attributeText = (value: number): string => (value === 0 ? 'shared' : 'private');
/** Of a value of a map of memslots. */
export const bindingText =
  (vms: Machine['linux']['vms']) =>
  (value: number): string =>
    value === 0 ? 'none' : `memslot ${vms.slotNumber(value - 1)}`;

const inode: Describe = ({ linux }, row, column, { before, after }) => {
  const { gmem, pageSize } = linux;
  const place = { kind: 'gmem', object: row } as const;
  if (column === 'size') {
    const bytes = (pages: number) => (pages === 0 ? 'none' : `${pages} page${pages === 1 ? '' : 's'}`);
    return { ...place, at: 0, whole: true, field: 'size', before: bytes(before), after: bytes(after) };
  }
  if (column !== 'attributes') return undefined;
  const found = differenceOf(gmem.ranges, before, after, gmem.inodes.get(row, 'size'), attributeText);
  if (!found) return undefined;
  const range = { at: found.first * pageSize, length: found.pages * pageSize };
  return { ...place, ...range, field: 'attribute', before: found.before, after: found.after };
};

const file: Describe = ({ linux }, row, column, { before, after }) => {
  if (column !== 'bindings') return undefined;
  const object = linux.gmem.files.get(row, 'inode');
  const end = linux.gmem.inodes.get(object, 'size');
  const found = differenceOf(linux.gmem.ranges, before, after, end, bindingText(linux.vms));
  if (!found) return undefined;
  const range = { at: found.first * linux.pageSize, length: found.pages * linux.pageSize };
  return { kind: 'gmem', object, ...range, field: 'memslot', before: found.before, after: found.after };
};

const vm: Describe = ({ linux }, row, column, { before, after }) => {
  const { vms, pageSize } = linux;
  const place = { kind: 'gpa', object: row } as const;
  if (column === 'dead' || column === 'bugged') {
    const state = (value: number) => (value === 0 ? 'usable' : column);
    return { ...place, at: 0, whole: true, field: 'VM', before: state(before), after: state(after) };
  }
  if (column === 'state' && linux.platformOf(row).name === 'cca') {
    const state = (value: number) => REALM_STATES[value] ?? '';
    return { ...place, at: 0, whole: true, field: 'realm', before: state(before), after: state(after) };
  }
  if (column !== 'attributes' && column !== 'slots 0' && column !== 'slots 1') return undefined;
  const isAttribute = column === 'attributes';
  const text = isAttribute ? attributeText : bindingText(vms);
  const found = differenceOf(vms.ranges, before, after, vms.end, text);
  if (!found) return undefined;
  const range = { at: found.first * pageSize, length: found.pages * pageSize };
  const field = isAttribute ? 'attribute' : 'memslot';
  return { ...place, ...range, field, before: found.before, after: found.after };
};

/** A memslot that is being deleted or moved serves nobody meanwhile. */
const memslot: Describe = ({ linux }, row, column, { before, after }) => {
  const state = (flags: number) => ((flags & MEMSLOT_INVALID) === 0 ? 'valid' : 'invalid');
  if (column !== 'flags' || state(before) === state(after)) return undefined;
  const { vms, pageSize } = linux;
  const at = vms.slots.get(row, 'base') * pageSize;
  const length = vms.slots.get(row, 'pages') * pageSize;
  const field = `memslot ${vms.slotNumber(row)}`;
  return { kind: 'gpa', object: vms.vmOfSlot(row), at, length, field, before: state(before), after: state(after) };
};

/** Pages of a mapping that are not unmapped again. */
const mapping: Describe = (_machine, row, column, { before, after }) => {
  if (column !== 'pages left') return undefined;
  const pages = (count: number) => (count === 0 ? 'none' : `${count} page${count === 1 ? '' : 's'}`);
  const place = { kind: 'mapping', object: row, at: 0, whole: true } as const;
  return { ...place, field: 'mapping', before: pages(before), after: pages(after) };
};

/** Counters of the whole kernel that say that something went wrong. */
const COUNTERS: Readonly<Record<string, readonly [field: string, text: (value: number) => string]>> = {
  warnings: ['warnings of', String],
  leaks: ['leaked pages of', String],
  crashed: ['kernel of', (value) => (value === 0 ? 'running' : 'crashed')],
};

const kernelLog: Describe = (_machine, _row, column, { before, after }) => {
  const [field, text] = COUNTERS[column] ?? [];
  if (!field || !text) return undefined;
  return { kind: 'host', at: 0, whole: true, field, before: text(before), after: text(after) };
};

/** How KVM_RUN ended, or is about to; the address belongs to the exits that have one. */
const vcpu: Describe = ({ linux }, row, column, { before, after }) => {
  if (column !== 'exit reason') return undefined;
  const name = (reason: number) => (reason === 0 ? 'none' : (exitName(reason) ?? String(reason)));
  const hasGpa = after === KVM_EXIT_MEMORY_FAULT || after === KVM_EXIT_MMIO;
  const gpa = hasGpa ? ` at ${hex(linux.vms.vcpus.get(row, 'gpa'))}` : '';
  return {
    kind: 'vcpu',
    object: row,
    at: 0,
    whole: true,
    field: 'exit',
    before: name(before),
    after: name(after) + gpa,
  };
};

/** The pages that a pin holds, from when all are held to when the first is given back. */
const pin: Describe = ({ linux }, row, column, { before, after }) => {
  if (column !== 'held') return undefined;
  const count = linux.pins.rows.get(row, 'count');
  const text = (held: number) => (held === 0 ? 'none' : `${count} page${count === 1 ? '' : 's'}`);
  return { kind: 'pin', object: row, at: 0, whole: true, field: 'held by', before: text(before), after: text(after) };
};

/** By table. */
export const LINUX_DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  folio,
  'xarray node': node,
  inode,
  'gmem file': file,
  vm,
  memslot,
  mapping,
  'kernel log': kernelLog,
  vcpu,
  pin,
};
