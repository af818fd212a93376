// What the journal costs: bytes a step, a step back, and seeking over a million steps.
import { Machine } from '../../server/src/emulator/machine.ts';
import { delegate, step, undelegate } from './emulator.ts';
import { type Figure, seconds } from './figure.ts';

const STEPS = 1_000_000;
const BASE = 0x8000_0000;

/** A million steps over `granules` granules: delegated one after the other, then undelegated, and so on. */
function run(granules: number): Machine {
  const machine = new Machine();
  for (let i = 0; i < STEPS; i++) {
    const command = Math.floor(i / granules) % 2 === 0 ? delegate : undelegate;
    step(machine, command, [BASE + (i % granules) * 4096]);
  }
  return machine;
}

/** The longest of the seeks between the ends, the middle and some others, each the fastest of several times. */
function worstSeek({ store }: Machine): number {
  const places = [0, STEPS, 0, STEPS / 2, STEPS, 1, STEPS - 1, STEPS / 3, 0].map(Math.floor);
  const best = places.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 5; round++) {
    places.forEach((place, i) => {
      const begin = performance.now();
      store.seek(place);
      best[i] = Math.min(best[i] ?? 0, performance.now() - begin);
    });
  }
  return Math.max(...best.slice(1));
}

export async function measure(): Promise<Figure[]> {
  const few = run(1000);
  const bytes = few.store.journalBytes / STEPS;
  const backwards = 100_000;
  const back = seconds(() => {
    few.store.seek(STEPS);
    for (let i = 1; i <= backwards; i++) few.store.seek(STEPS - i);
  });
  const seekFew = worstSeek(few);
  const seekMany = worstSeek(run(STEPS));
  return [
    { name: 'journal: delegate', value: bytes, unit: 'bytes/step', target: 40, atMost: true },
    { name: 'step back', value: (back / backwards) * 1e6, unit: 'µs', target: 1, atMost: true },
    { name: 'seek, worst of 1,000,000 steps, 1,000 granules', value: seekFew, unit: 'ms', target: 5, atMost: true },
    {
      name: 'seek, worst of 1,000,000 steps, each its own granule',
      value: seekMany,
      unit: 'ms',
      target: 5,
      atMost: true,
    },
  ];
}
