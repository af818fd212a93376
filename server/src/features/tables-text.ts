// Entries of translation tables in words: states with their families, address ranges, and what an access does.
import { hex, type Machine, size } from '../emulator/index.ts';
import { type EntryState, entryAddress, entryAttributes, entryState, isTable } from '../emulator/rmm/rtt-entry.ts';
import { span } from '../emulator/rmm/rtts.ts';
import type { Family, Value } from './panel-model.ts';

const FAMILY: Readonly<Record<EntryState, Family>> = {
  UNASSIGNED_EMPTY: 'absent',
  UNASSIGNED_RAM: 'vacant',
  UNASSIGNED_DESTROYED: 'lost',
  ASSIGNED_EMPTY: 'transition',
  ASSIGNED_RAM: 'private',
  ASSIGNED_DESTROYED: 'transition',
  UNASSIGNED_NS: 'absent',
  ASSIGNED_NS: 'shared',
  TABLE: 'firmware',
};

const RIPAS_SUFFIX = /_(EMPTY|RAM|DESTROYED)$/;

/** `ASSIGNED RAM`, `UNASSIGNED_NS`: HIPAS and RIPAS as two words. */
export const stateOf = (entry: number): Value => ({
  text: entryState(entry).replace(RIPAS_SUFFIX, ' $1'),
  family: FAMILY[entryState(entry)],
});

export const NONE = '–';

const GIB = 2 ** 30;

/** Whole gigabytes as `2G`, any other address in hexadecimal. */
export const ipaText = (ipa: number): string => (ipa % GIB === 0 ? size(ipa) : hex(ipa));

/** `2G +: 1G`, as the language writes ranges; a single page is named by its address alone. */
export function rangeText(ipa: number, count: number, level: number): string {
  if (count === 1 && level === 3) return hex(ipa);
  return `${ipaText(ipa)} +: ${size(count * span(level))}`;
}

export const entryText = (level: number, first: number, count = 1): string =>
  `L${level}[${count === 1 ? first : `${first} .. ${first + count}`}]`;

/** What an entry stores; `count` of them that continue each other. */
export function outputText(entry: number, count: number, level: number): string {
  const address = entryAddress(entry);
  if (isTable(entry)) return `RTT ${hex(address)}`;
  if (address === 0 && !entryState(entry).startsWith('ASSIGNED')) return NONE;
  return count === 1 ? hex(address) : `${hex(address)} +: ${size(count * span(level))}`;
}

/** Live entries of the table that a TABLE entry leads to. */
export const liveBelow = ({ rmm }: Machine, entry: number): number =>
  rmm.rtts.liveCount(rmm.granules.row(entryAddress(entry)));

const S2AP_SHIFT = 6;
const S2AP: readonly string[] = [
  'neither reads nor writes: permission fault, REC exit',
  'reads; a write is a permission fault, REC exit',
  'writes; a read is a permission fault, REC exit',
  'reads and writes the host’s page',
];

/** What a data access by the realm meets at the entry where its walk ends; `address` is the page. RMM 1.0, A4 and A5. */
export function accessText({ rmm, pages }: Machine, entry: number, address: number): string {
  const state = entryState(entry);
  switch (state) {
    case 'UNASSIGNED_EMPTY':
    case 'ASSIGNED_EMPTY':
      return 'synchronous external abort in the realm, no REC exit';
    case 'UNASSIGNED_RAM':
      return 'REC exit, data abort: the host has to provide a page';
    case 'ASSIGNED_RAM':
      return 'reads and writes the realm’s page';
    case 'UNASSIGNED_DESTROYED':
    case 'ASSIGNED_DESTROYED':
      return 'REC exit, data abort, until the realm sets the RIPAS';
    case 'UNASSIGNED_NS':
      return 'REC exit, data abort that the host may emulate';
    case 'ASSIGNED_NS':
      if (pages.has(address) && rmm.granules.gpt(address) !== 'NS')
        return 'granule protection fault: the page is not NS';
      return S2AP[entryAttributes(entry) >>> S2AP_SHIFT] ?? NONE;
    case 'TABLE':
      return NONE;
  }
}
