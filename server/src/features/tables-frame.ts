// Where a page of physical memory stands in a realm's translation tables: mapped by an entry, or as one of the tables.
import type { Machine } from '../emulator/index.ts';
import { entryAddress, isLive, isTable } from '../emulator/rmm/rtt-entry.ts';
import { ENTRIES, span } from '../emulator/rmm/rtts.ts';
import { startTables } from './tables-entries.ts';

/** The IPA that is translated to the page at `pa`, or the first one of the table that the page is. `realm` is the row of the RD. */
export function ipaOfFrame(machine: Machine, realm: number, pa: number): number | undefined {
  const { rmm, pages } = machine;
  const start = startTables(machine, realm);
  const tables = Array.from({ length: rmm.realms.get(realm, 'rtt_num_start') }, (_, i) => start.rtt + i);
  for (let rtt = tables.pop(); rtt !== undefined; rtt = tables.pop()) {
    const first = rmm.rtts.ipa(rtt);
    if (pages.address(rtt) === pa) return first;
    const size = span(rmm.rtts.level(rtt));
    // Entries that nobody wrote only store addresses where the table was unfolded from a block.
    const continues = isLive(rmm.rtts.untouched(rtt, 0));
    for (let index = 0; index < ENTRIES; index++) {
      const written = rmm.rtts.entries.get(rtt * ENTRIES + index, 0);
      const entry = written === 0 && continues ? rmm.rtts.untouched(rtt, index) : written;
      if (isTable(entry)) tables.push(rmm.granules.row(entryAddress(entry)));
      else if (isLive(entry)) {
        const offset = pa - entryAddress(entry);
        if (offset >= 0 && offset < size) return first + index * size + offset;
      }
    }
  }
  return undefined;
}
