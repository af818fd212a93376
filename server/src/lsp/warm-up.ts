// What makes the first files open as fast as those after them. The engine compiles what it has run often, so the usual calls are
// run before anybody waits: once while the client still starts, and again and again while no scenario is open.
import { analyse, finish } from '../features/analysis.ts';

const resolver = () => ({ problem: 'nothing is included here' });

/** Milliseconds of work while nobody waits; after that a long file opens about twice as fast. */
const BUDGET = 1000;
/** Milliseconds after which nothing more is opened at the start: what is, is not to be kept waiting. */
const START = 200;

const PARTS = 10;
const part = (n: number) => `
let D${n} = 0x8900_0000 + ${n * 16}K
RMI_GRANULE_DELEGATE(D${n} +: 16K)
expect granule(D${n} +: 16K) is DELEGATED
RMI_DATA_CREATE(RD, D${n}, 0x0, D${n}, RMI_MEASURE_CONTENT) = RMI_ERROR_INPUT
RMI_DATA_CREATE_UNKNOWN(RD, D${n}, 0x0) = RMI_ERROR_RTT(1)
for x in D${n} +: 16K step 4K {
  RMI_GRANULE_UNDELEGATE(x)
}`;
export const WARM_UP = `scenario ""
let RD = 0x8800_0000
RMI_GRANULE_DELEGATE(RD)
RMI_GRANULE_DELEGATE(RD + 8K +: 8K)
RMI_REALM_CREATE(RD, {s2sz: 40, rtt_num_start: 2, rtt_base: RD + 8K})
${Array.from({ length: PARTS }, (_, n) => part(n)).join('\n')}
`;

/** What is made once, at the first scenario. */
export function warmUp(): void {
  finish(analyse('', 'scenario ""\nRMI_VERSION(0x1_0000)\n', resolver));
}

/** Goes on a few milliseconds at a time, so that messages are answered in between, until `isWanted` says that somebody waits. */
export function warmUpWhile(isWanted: () => boolean): void {
  let spent = 0;
  const round = () => {
    if (spent >= BUDGET || !isWanted()) return;
    const begin = performance.now();
    finish(analyse('', WARM_UP, resolver));
    spent += performance.now() - begin;
    setImmediate(round);
  };
  setTimeout(round, START).unref();
}
