// How long an edit waits for its diagnostics: from sending didChange to publishDiagnostics, over stdio, with the bundle.
import { BUNDLE, Client } from '../lsp/client.ts';
import type { Figure } from './figure.ts';

/** Lines of a scenario, and how many edits of it are counted in each of the rounds. */
const SIZES = [
  { of: '1,000 lines', lines: 1_000, edits: 200, rounds: 4 },
  // Blank lines and closing braces are no statements.
  { of: '10,000 statements', lines: 12_515, edits: 40, rounds: 2 },
] as const;
/** Edits before counting begins: a person has typed some words before looking at the clock. */
const WARM_UP = 30;
/** Milliseconds in which a server that nobody asks for anything has warmed up. */
const REST = 2000;
const URI = 'file:///bench/keystroke.cocoscn';

const HEAD = `// A realm is given memory page by page, and the pages are taken back.
scenario "bench: a thousand lines"
model    "rmm/1.0"
platform cca

let RD = 0x8800_0000
let RTT0 = 0x8800_2000

RMI_GRANULE_DELEGATE(RD)
RMI_GRANULE_DELEGATE(RTT0 +: 8K)
RMI_REALM_CREATE(RD, {s2sz: 40, rtt_level_start: 1, rtt_num_start: 2, rtt_base: RTT0, hash_algo: RMI_HASH_SHA_256, vmid: 1})
`;

function part(n: number): string {
  const page = `0x8900_0000 + ${n * 16}K`;
  return `let DST${n} = ${page}             // page ${n}
RMI_GRANULE_DELEGATE(DST${n} +: 16K)
expect granule(DST${n} +: 16K) is DELEGATED
RMI_DATA_CREATE(RD, DST${n}, 0x0, DST${n}, RMI_MEASURE_CONTENT)    = RMI_ERROR_INPUT
RMI_DATA_CREATE(RD, DST${n}, 0x0, 0xa000_0000, 0)                  = RMI_ERROR_RTT(1)
for x in DST${n} +: 16K step 4K {
  RMI_GRANULE_UNDELEGATE(x)
}
expect granule(DST${n}) is UNDELEGATED

`;
}

/** Calls, ranges, loops, failures that are expected, expectations: about four thousand steps. */
export function scenario(lines = 1000): string {
  const parts = Math.floor((lines + 1 - HEAD.split('\n').length) / (part(0).split('\n').length - 1));
  return HEAD + Array.from({ length: parts }, (_, n) => part(n)).join('');
}

export async function measure(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of SIZES) figures.push(...(await measureSize(size)));
  return figures;
}

async function measureSize({ of, lines, edits, rounds }: (typeof SIZES)[number]): Promise<Figure[]> {
  const client = new Client(BUNDLE);
  await client.initialize();
  const text = scenario(lines);
  const cold = await opening(client, URI, text);
  const kinds: Edited[] = [];
  const document = { version: 1 };
  for (const kind of KINDS) {
    kinds.push({ kind, times: await bestOf(rounds, edits, typist(client, document, text, kind)) });
  }
  const warm: number[] = [];
  for (let n = 0; n < rounds; n++) warm.push(await opening(client, `file:///bench/warm${n}.cocoscn`, text));
  await client.stop();
  const rested = await openingAfter(REST, text);
  return [
    { name: `opening ${of} to diagnostics, new process`, value: cold, unit: 'ms', target: 150, atMost: true },
    {
      name: `opening ${of} to diagnostics, some seconds after the start`,
      value: rested,
      unit: 'ms',
      target: 150,
      atMost: true,
    },
    {
      name: `opening ${of} to diagnostics, after other work`,
      value: Math.min(...warm),
      unit: 'ms',
      target: 150,
      atMost: true,
    },
    ...kinds.flatMap(({ kind, times }): Figure[] => {
      const name = `keystroke to diagnostics over stdio, ${of}, ${kind.name}`;
      return [
        { name: `${name}, p50`, value: share(times, 0.5), unit: 'ms' },
        { name: `${name}, p95`, value: share(times, 0.95), unit: 'ms', target: 16, atMost: true },
      ];
    }),
  ];
}

interface Edited {
  readonly kind: Kind;
  /** Milliseconds, sorted. */
  readonly times: readonly number[];
}

/** The same as the first file of a server that has been there for some time. */
async function openingAfter(rest: number, text: string): Promise<number> {
  const client = new Client(BUNDLE);
  await client.initialize();
  await new Promise((resolve) => setTimeout(resolve, rest));
  const taken = await opening(client, URI, text);
  await client.stop();
  return taken;
}

/** Milliseconds until a text without problems is known to have none. */
async function opening(client: Client, uri: string, text: string): Promise<number> {
  const opened = performance.now();
  await client.open(uri, text);
  const clean = await client.diagnostics(uri, 1);
  const taken = performance.now() - opened;
  if (clean.length > 0) throw new Error(`the scenario has problems: ${String(clean[0]?.message)}`);
  return taken;
}

/** The best of some rounds, so that other work on the machine counts less. */
async function bestOf(rounds: number, edits: number, type: () => Promise<number>): Promise<readonly number[]> {
  for (let edit = 0; edit < WARM_UP; edit++) await type();
  let best: number[] = [Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    const times: number[] = [];
    for (let edit = 0; edit < edits; edit++) times.push(await type());
    times.sort((a, b) => a - b);
    if (share(times, 0.95) < share(best, 0.95)) best = times;
  }
  return best;
}

/** What is typed behind the first line of the second half that begins with `word`, and taken back by the next edit. */
interface Kind {
  readonly name: string;
  readonly word: string;
  readonly typed: string;
  /** Whether the scenario is wrong then. */
  readonly isWrong: boolean;
}

const KINDS: readonly Kind[] = [
  { name: 'in a name', word: 'expect granule(DST', typed: 'x', isWrong: true },
  { name: 'a new line', word: 'expect granule(', typed: '\n', isWrong: false },
  // One page stays delegated from there on: all that follows begins in another state.
  { name: 'in a call', word: '  RMI_GRANULE_UNDELEGATE(x', typed: ' & 0', isWrong: true },
];

const share = (sorted: readonly number[], part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;

/** Makes an edit, or takes it back. Answers with the milliseconds until the diagnostics of that version came. */
function typist(
  client: Client,
  document: { version: number },
  text: string,
  { word, typed: character, isWrong }: Kind,
): () => Promise<number> {
  const lines = text.split('\n');
  const line = lines.findIndex((each, i) => i > lines.length / 2 && each.startsWith(word));
  const start = { line, character: word.length };
  const behind =
    character === '\n' ? { line: line + 1, character: 0 } : { line, character: word.length + character.length };
  return async () => {
    const version = ++document.version;
    const typed = version % 2 === 0;
    const end = typed ? start : behind;
    client.published.length = 0;
    const begin = performance.now();
    await client.change(URI, version, typed ? character : '', { start, end });
    const found = await client.diagnostics(URI, version);
    const taken = performance.now() - begin;
    if (found.length > 0 !== (typed && isWrong)) throw new Error(`version ${version} has ${found.length} problems`);
    return taken;
  };
}
