// An IPA taken apart into the bits that each level looks at, and where its walk ends.
import { hex, type Machine } from '../emulator/index.ts';
import { entryAddress, entryState, isLive } from '../emulator/rmm/rtt-entry.ts';
import { PAGE_LEVEL, span, type Walk } from '../emulator/rmm/rtts.ts';
import type { PlaceNames } from './moment-names.ts';
import { indexOf, startTables } from './tables-entries.ts';
import type { AddressPart, Walked } from './tables-model.ts';
import { addressText } from './tables-names.ts';
import { accessText, entryText, stateOf } from './tables-text.ts';

const PAGE_BITS = 12;
const LEVEL_BITS = 9;

const lowBit = (level: number): number => PAGE_BITS + LEVEL_BITS * (PAGE_LEVEL - level);

function walkTo({ rmm }: Machine, realm: number, ipa: number): Walk {
  return rmm.rtts.walk(realm, ipa, PAGE_LEVEL, { rtt: 0, level: 0, index: 0, entry: 0 });
}

/** Bits `high` to `low` of an address as binary digits; exact, as addresses stay below 2^52. */
function digits(address: number, high: number, low: number): string {
  const value = Math.floor(address / 2 ** low) % 2 ** (high - low + 1);
  return value.toString(2).padStart(high - low + 1, '0');
}

const bitsText = (high: number, low: number): string => (high === low ? String(high) : `${high}..${low}`);

/** The top bit says which half; then the index of each level, then the place in the page. */
export function partsOf(machine: Machine, realm: number, ipa: number): AddressPart[] {
  const top = machine.rmm.realms.ipaWidth(realm) - 1;
  const start = startTables(machine, realm);
  const reached = walkTo(machine, realm, ipa).level;
  const upper = ipa >= 2 ** top;
  const half = upper ? 'unprotected half' : 'protected half';
  const parts: AddressPart[] = [];
  let high = top;
  if (lowBit(start.level) < top) {
    parts.push({ bits: String(top), digits: upper ? '1' : '0', text: upper ? '1' : '0', note: half, used: true });
    high = top - 1;
  }
  for (let { level } = start; level <= PAGE_LEVEL; level++) {
    const low = lowBit(level);
    const index = level === start.level ? indexOf(start, ipa) : Math.floor(ipa / span(level)) % 512;
    parts.push({
      bits: bitsText(high, low),
      digits: digits(ipa, high, low),
      text: entryText(level, index),
      note: high === top ? half : '',
      used: level <= reached,
    });
    high = low - 1;
  }
  const offset = ipa % 4096;
  const text = `0x${offset.toString(16).padStart(3, '0')}`;
  return [...parts, { bits: bitsText(PAGE_BITS - 1, 0), digits: '', text, note: 'in the page', used: true }];
}

export function walkedOf(machine: Machine, realm: number, ipa: number, names: PlaceNames): Walked {
  const name = names.name(ipa, 'ipa');
  const { entry, level, index, rtt } = walkTo(machine, realm, ipa);
  const start = startTables(machine, realm);
  const first = level === start.level ? (rtt - start.rtt) * 512 : 0;
  const top = machine.rmm.realms.ipaWidth(realm) - 1;
  const upper = ipa >= 2 ** top;
  const address = entryAddress(entry) + (ipa % span(level));
  return {
    ipa,
    text: hex(ipa),
    ...(name === undefined ? {} : { name }),
    half: upper ? 'unprotected' : 'protected',
    bit: `bit ${top} ${upper ? 'set' : 'clear'}`,
    level,
    entry: entryText(level, first + index),
    state: stateOf(entry),
    ...(isLive(entry) && entryState(entry) !== 'TABLE' ? { output: addressText(names, address, 'pa') } : {}),
    access: accessText(machine, entry, address),
  };
}
