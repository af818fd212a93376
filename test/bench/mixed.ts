// A million mixed calls in one run: what they take in time and memory, and seeking, comparing and going back over them.
import type { Machine } from '../../server/src/emulator/machine.ts';
import type { RmiCommand } from '../../server/src/emulator/rmm/command.ts';
import { byName, delegate, RD, realm } from './emulator.ts';
import type { Figure } from './figure.ts';

const CALLS = 1_000_000;
const POOL = 0x9000_0000;
/** Pages that the realm's last table has. */
const PAGES = 512;

const undelegated = byName('RMI_GRANULE_UNDELEGATE');
const create = byName('RMI_DATA_CREATE_UNKNOWN');
const readEntry = byName('RMI_RTT_READ_ENTRY');
const destroy = byName('RMI_DATA_DESTROY');

const timed = (run: () => void): number => {
  const begin = performance.now();
  run();
  return performance.now() - begin;
};

/** The life of one page after another, in a scattered order: seven calls each, one of them refused. */
function live({ rmm, store }: Machine): void {
  let calls = 0;
  const call = (command: RmiCommand, registers: readonly number[]) => {
    if (calls++ >= CALLS) return;
    command.call(rmm, registers);
    store.commit();
  };
  for (let i = 0; calls < CALLS; i++) {
    const page = (i * 79) % PAGES;
    const pa = POOL + page * 4096;
    call(delegate, [pa]);
    call(create, [RD, pa, page * 4096]);
    call(undelegated, [pa]); // refused: the granule is DATA
    call(readEntry, [RD, page * 4096, 3]);
    call(destroy, [RD, page * 4096]);
    call(readEntry, [RD, page * 4096, 3]);
    call(undelegated, [pa]);
  }
}

export async function measure(): Promise<Figure[]> {
  const machine = realm();
  const first = machine.store.now;
  const calls = timed(() => live(machine));
  const { store } = machine;
  const end = store.hash;
  // The best of three, as elsewhere: the first one is compiled while it runs.
  const seeks = [1, 2, 3].map(() => {
    store.seek(first + CALLS);
    return timed(() => store.seek(first + CALLS / 2));
  });
  const seek = Math.min(...seeks);
  const diff = timed(() => void store.diff(first + CALLS / 4, first + (3 * CALLS) / 4));
  const back = timed(() => store.seek(first + CALLS));
  if (store.hash !== end) throw new Error('the state is not what it was before going back');
  return [
    { name: 'mixed: 1,000,000 calls', value: CALLS / (calls / 1000), unit: 'calls/s' },
    { name: 'mixed: seek to the middle', value: seek, unit: 'ms', target: 5, atMost: true },
    { name: 'mixed: diff of two moments 500,000 calls apart', value: diff, unit: 'ms' },
    { name: 'mixed: back to the end', value: back, unit: 'ms', target: 5, atMost: true },
    { name: 'mixed: memory of the history', value: store.journalBytes / 2 ** 20, unit: 'MB' },
    { name: 'mixed: memory of the process at the end', value: process.memoryUsage().rss / 2 ** 20, unit: 'MB' },
  ];
}
