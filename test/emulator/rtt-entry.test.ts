// An entry in one number gives back what was put in, for every state, address and attribute.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ENTRY_STATES,
  type EntryState,
  entryAddress,
  entryAt,
  entryAttributes,
  entryRipas,
  entryState,
  HOST_ATTRIBUTES,
  isAssigned,
  isLive,
  isTable,
  isUnassigned,
  packEntry,
} from '../../server/src/emulator/rmm/rtt-entry.ts';

const states = ENTRY_STATES.filter((state): state is EntryState => state !== 'NONE');
const address = fc
  .nat(2 ** 31 - 1)
  .map((page) => page * 512 * 4096)
  .filter((pa) => pa < 2 ** 52);
const page = fc.maxSafeInteger().map((n) => (Math.abs(n) % 2 ** 40) * 4096);

test('state, address and host attributes come back', () => {
  fc.assert(
    fc.property(fc.constantFrom(...states), fc.oneof(address, page), fc.nat(0xff), (state, pa, bits) => {
      const entry = packEntry(state, pa, bits);
      expect([entryState(entry), entryAddress(entry), entryAttributes(entry)]).toEqual([
        state,
        pa,
        bits & HOST_ATTRIBUTES,
      ]);
      expect(Number.isSafeInteger(entry) && entry <= 2 ** 52).toBe(true);
      expect(entryAddress(entryAt(entry, 0x5000))).toBe(0x5000);
      expect(entryState(entryAt(entry, 0x5000))).toBe(state);
    }),
  );
});

test('what each state is', () => {
  const rows = states.map((state) => {
    const entry = packEntry(state, 0x8000_0000);
    const is = [
      isUnassigned(entry) && 'unassigned',
      isAssigned(entry) && 'assigned',
      isTable(entry) && 'table',
      isLive(entry) && 'live',
    ];
    return `${state}: ${[...is.filter(Boolean), entryRipas(entry)].join(' ')}`;
  });
  expect(rows).toEqual([
    'UNASSIGNED_EMPTY: unassigned EMPTY',
    'UNASSIGNED_RAM: unassigned RAM',
    'UNASSIGNED_DESTROYED: unassigned DESTROYED',
    'ASSIGNED_EMPTY: assigned live EMPTY',
    'ASSIGNED_RAM: assigned live RAM',
    'ASSIGNED_DESTROYED: assigned live DESTROYED',
    'UNASSIGNED_NS: EMPTY',
    'ASSIGNED_NS: live EMPTY',
    'TABLE: table live EMPTY',
  ]);
});
