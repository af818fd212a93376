// What a write to a cell of the kernel means to a reader: pages, their holders and what they are used for.
import type { Write } from '../../store/index.ts';
import type { CellText } from '../describe.ts';
import type { Machine } from '../machine.ts';
import { HWPOISON, LOCKED, OWNER_CACHE, STUCK, UPTODATE } from './folios.ts';

type Describe = (machine: Machine, row: number, column: string, write: Write) => CellText | undefined;

const OWNERS = ['free', 'anonymous', 'kernel', 'detached'];
const ownerText = (owner: number) =>
  owner >= OWNER_CACHE ? `pagecache of inode ${owner - OWNER_CACHE}` : (OWNERS[owner] ?? '');

const FLAGS: readonly (readonly [number, string])[] = [
  [UPTODATE, 'uptodate'],
  [LOCKED, 'locked'],
  [HWPOISON, 'hwpoison'],
  [STUCK, 'stuck'],
];
const flagsText = (flags: number) =>
  FLAGS.filter(([flag]) => (flags & flag) !== 0)
    .map(([, name]) => name)
    .join(' ') || 'none';

/** Columns that say something of their own, and how their values are written. */
const FIELDS: Readonly<Record<string, readonly [field: string, text: (value: number) => string]>> = {
  owner: ['used for', ownerText],
  order: ['folio order', String],
  mapcount: ['mapcount', String],
  gets: ['references', String],
  pins: ['pins', String],
  kvm: ['KVM references', String],
  leaked: ['leaked references', String],
  flags: ['folio flags', flagsText],
};

const folio: Describe = ({ linux }, row, column, { before, after }) => {
  const field = FIELDS[column];
  if (!field) return undefined;
  const [name, text] = field;
  return {
    kind: 'frame',
    at: linux.folios.address(linux.folios.pfnAt(row)),
    field: name,
    before: text(before),
    after: text(after),
  };
};

/** By table. */
export const LINUX_DESCRIPTIONS: Readonly<Record<string, Describe>> = { folio };
