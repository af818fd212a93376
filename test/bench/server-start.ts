// How long the language server takes from the start of its process to its answer to `initialize`.
import { BUNDLE, Client } from '../lsp/client.ts';
import type { Figure } from './figure.ts';

const ROUNDS = 15;

/** The median of fresh processes of the bundle. */
export async function measure(): Promise<Figure[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    const client = new Client(BUNDLE);
    await client.initialize();
    times.push(performance.now() - begin);
    await client.stop();
  }
  times.sort((a, b) => a - b);
  const value = times[ROUNDS >> 1] ?? Number.NaN;
  return [{ name: 'server: process start to initialize response', value, unit: 'ms', target: 200, atMost: true }];
}
