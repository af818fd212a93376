// Moments of a small realm without a host kernel: the RMM's granules alone, as `cocoscn` samples make them.
import type {
  Change,
  Family,
  Moment,
  Place,
  Places,
  Run,
  Runs,
  Step,
  Strip,
  Value,
} from '../../server/src/features/panel-model.ts';

const K = 1024;
const FILE = '/samples/04-destructive-conversion.cocoscn';

export function frame(at: number): Place {
  return { kind: 'frame', object: 'granules', at };
}

const undelegated: Value = { text: 'UNDELEGATED', family: 'host' };
const delegated: Value = { text: 'DELEGATED', family: 'transition' };
const data: Value = { text: 'DATA', family: 'private' };
const rd: Value = { text: 'RD', family: 'firmware' };
const rtt: Value = { text: 'RTT', family: 'firmware' };
const assignedRam: Value = { text: 'ASSIGNED RAM', family: 'private' };
const unassignedDestroyed: Value = { text: 'UNASSIGNED DESTROYED', family: 'lost' };

const RD = 0x8800_0000;
const RTT0 = 0x8800_1000;
const DST = 0x8810_0000;

const noPages: Readonly<Record<Family, number>> = {
  host: 0,
  transition: 0,
  private: 0,
  shared: 0,
  firmware: 0,
  leaked: 0,
  absent: 0,
  vacant: 0,
  lost: 0,
};

const realmStrips: readonly Strip[] = [
  {
    object: 'granules',
    title: 'RD 0x8800_0000',
    unit: 4 * K,
    cells: [{ at: RD, text: 'RD', state: rd, count: 1 }],
    more: 0,
  },
  {
    object: 'granules',
    title: 'RTT0 0x8800_1000',
    unit: 4 * K,
    cells: [{ at: RTT0, text: 'RTT0', state: rtt, count: 4, detail: 'GPT REALM' }],
    more: 0,
  },
];

/** DST: 16 granules; the fifth is the one the steps are about. */
function dst(fifth: Value, mark: 'changed' | 'refused' | undefined): Strip {
  const marked = mark === undefined ? {} : { mark };
  return {
    object: 'granules',
    title: 'DST 0x8810_0000, 64K',
    unit: 4 * K,
    cells: [
      { at: DST, text: 'DST', state: data, detail: 'GPT REALM, RTT level 3 ASSIGNED RAM', count: 4 },
      { at: DST + 16 * K, text: 'DST + 16K', state: fifth, detail: 'GPT REALM', count: 1, ...marked },
      { at: DST + 20 * K, text: 'DST + 20K', state: delegated, detail: 'GPT REALM', count: 2 },
      { at: DST + 28 * K, text: 'DST + 28K', state: undelegated, detail: 'GPT NS', count: 9 },
    ],
    more: 0,
  };
}

const rest: Strip = {
  object: 'granules',
  title: 'other memory 0x8820_0000, 6M',
  unit: 4 * K,
  cells: [
    { at: 0x8820_0000, state: undelegated, count: 1024 },
    { at: 0x8860_0000, state: { text: 'DELEGATED, leaked', family: 'leaked' }, count: 1 },
    { at: 0x8860_1000, state: undelegated, count: 511 },
  ],
  more: 0,
};

const destroy: Step = {
  n: 49,
  actor: 'RMM',
  depth: 1,
  call: 'RMI_DATA_DESTROY(RD, IPA + 16K)',
  result: 'RMI_SUCCESS',
  status: 'ok',
  why: 'as line 25 expects',
  source: { path: FILE, line: 25 },
};

const undelegate: Step = {
  n: 50,
  actor: 'RMM',
  depth: 1,
  call: 'RMI_GRANULE_UNDELEGATE(DST + 16K)',
  result: 'RMI_ERROR_INPUT',
  status: 'expected',
  why: 'refused, as line 26 expects; injected by line 18',
  source: { path: FILE, line: 26 },
};

function change(text: string, field: string, before: Value, after: Value, since?: number): Change {
  const place = frame(DST + 16 * K);
  return { place, text, field, before, after, ...(since === undefined ? {} : { since }) };
}

const base = {
  session: 'first',
  stack: ['tear_down(RD, IPA +: 64K)', 'for off in 0 .. 64K step 4K'],
  reached: 63,
  total: 63,
  totals: { ...noPages, host: 1544, transition: 3, private: 4, firmware: 5, leaked: 1 },
  focus: frame(DST + 16 * K),
};

/** A page is taken from the realm: three cells change. */
export const changed: Moment = {
  ...base,
  revision: 49,
  step: destroy,
  changes: [
    change('DST + 16K', 'granule', data, delegated),
    change('IPA + 16K', 'RTT L3[4]', assignedRam, unassignedDestroyed),
    change('DST + 16K', 'bytes', { text: 'realm’s own' }, { text: 'wiped' }),
  ],
  kept: [],
  strips: [...realmStrips, dst(delegated, 'changed'), rest],
};

/** A command is refused as the file expects: nothing changes. */
export const refused: Moment = {
  ...base,
  revision: 50,
  step: undelegate,
  changes: [],
  kept: [change('DST + 16K', 'granule', delegated, delegated, 49)],
  strips: [...realmStrips, dst(delegated, 'refused'), rest],
};

/** The same command succeeds although the file expects a failure. */
export const failed: Moment = {
  ...base,
  revision: 51,
  reached: 50,
  total: 50,
  step: { ...undelegate, result: 'RMI_SUCCESS', status: 'unexpected', why: 'but line 26 expects RMI_ERROR_INPUT' },
  changes: [
    change('DST + 16K', 'granule', delegated, undelegated),
    change('DST + 16K', 'GPT', { text: 'REALM' }, { text: 'NS' }),
  ],
  kept: [],
  strips: [...realmStrips, dst(undelegated, 'changed'), rest],
  failure: {
    code: 'CCS301',
    message: 'RMI_GRANULE_UNDELEGATE returned RMI_SUCCESS',
    expected: 'RMI_ERROR_INPUT',
    actual: 'RMI_SUCCESS',
    because: 'the failure injected by line 18 was spent on call 5, DST + 20K, at step 48; this is call 6',
  },
};

export const stale: Moment = { ...refused, revision: 52, staleLine: 18 };

/** 10,000 pages in as many runs: every second one is delegated. */
export const huge: Moment = {
  ...base,
  revision: 60,
  step: { ...destroy, n: 401_233, call: 'RMI_GRANULE_DELEGATE(POOL + 39992K)' },
  reached: 524_310,
  total: 524_310,
  changes: Array.from({ length: 500 }, (_, index) => change(`DST + ${index * 4}K`, 'granule', undelegated, delegated)),
  kept: [],
  totals: { ...noPages, host: 5000, transition: 4936, leaked: 64 },
  strips: Array.from({ length: 8 }, (_, strip) => ({
    object: 'granules',
    title: `POOL + ${strip * 5}M`,
    unit: 4 * K,
    cells: Array.from({ length: 60 }, (_, index) => ({
      at: 0x9000_0000 + (strip * 1280 + index) * 4 * K,
      state: index % 2 === 0 ? undelegated : delegated,
      count: 1,
    })),
    more: 1220,
  })),
};

/** A row for each granule of the small realm, or one of 10,000. */
function rowsOf(moment: Moment): readonly Run[] {
  const columns = (gpt: string, entry: string, bytes: string): readonly string[] => [gpt, entry, bytes];
  if (moment.revision === huge.revision) {
    return Array.from({ length: 10_000 }, (_, index) => ({
      first: frame(0x9000_0000 + index * 4 * K),
      text: `POOL + ${index * 4}K`,
      count: 1,
      state: index % 2 === 0 ? undelegated : delegated,
      columns: columns(index % 2 === 0 ? 'NS' : 'REALM', '–', 'zero'),
    }));
  }
  const fifth = moment.step.n === 49 || moment.changes.length === 0 ? delegated : undelegated;
  const run = (at: number, text: string, count: number, state: Value, more: readonly string[]): Run => ({
    first: frame(at),
    text,
    count,
    state,
    columns: more,
  });
  return [
    run(RD, 'RD', 1, rd, columns('REALM', '–', '–')),
    run(RTT0, 'RTT0 .. RTT0 + 16K', 4, rtt, columns('REALM', '–', '–')),
    run(DST, 'DST .. DST + 16K', 4, data, columns('REALM', 'ASSIGNED RAM', 'realm’s own')),
    run(DST + 16 * K, 'DST + 16K', 1, fifth, columns('REALM', 'UNASSIGNED DESTROYED', 'wiped')),
    run(DST + 20 * K, 'DST + 20K .. DST + 28K', 2, delegated, columns('REALM', 'UNASSIGNED EMPTY', 'zero')),
    run(DST + 28 * K, 'DST + 28K .. DST + 64K', 9, undelegated, columns('NS', 'UNASSIGNED EMPTY', 'zero')),
    run(0x8820_0000, '0x8820_0000 .. 0x8860_0000', 1024, undelegated, columns('NS', '–', 'undefined')),
    run(0x8860_0000, '0x8860_0000', 1, { text: 'DELEGATED, leaked', family: 'leaked' }, columns('REALM', '–', 'wiped')),
    run(0x8860_1000, '0x8860_1000 .. 0x8880_0000', 511, undelegated, columns('NS', '–', 'undefined')),
  ];
}

/** The rows of a moment that a filter leaves, `count` of them from `from` on. */
export function runsOf(moment: Moment, from: number, count: number, filter: string): Runs {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (run: Run, word: string) =>
    word in noPages ? run.state.family === word : JSON.stringify(run).toLowerCase().includes(word);
  const rows = rowsOf(moment).filter((run) => words.every((word) => holds(run, word)));
  return {
    revision: moment.revision,
    from,
    total: rows.length,
    pages: rows.reduce((sum, run) => sum + run.count, 0),
    columns: ['GPT', 'stage 2 (IPA, level 3)', 'bytes'],
    rows: rows.slice(from, from + count),
  };
}

/** The page of the steps in all its places; any other page only as a frame. */
export function placesOf(moment: Moment, page: Place): Places {
  const hex = `0x${page.at.toString(16).replace(/(?=(?:.{4})$)/, '_')}`;
  const run = rowsOf(moment).find(({ first, count }) => page.at >= first.at && page.at < first.at + count * 4 * K);
  const ns = run?.columns[0] === 'NS';
  return {
    revision: moment.revision,
    page,
    title: page.at === DST + 16 * K ? 'DST + 16K' : hex,
    state: run?.state ?? undelegated,
    frame: [
      ['address', hex],
      ['GPT', run?.columns[0] ?? 'NS'],
      ['owner', ns ? 'host' : 'none'],
      ['bytes', run?.columns[2] ?? 'undefined'],
    ],
    host: [
      { title: 'physical address', text: hex, wire: ns ? 'open' : 'barred' },
      {
        title: 'source of RMI_DATA_CREATE',
        text: ns ? 'may be read' : 'refused, GPT REALM',
        wire: ns ? 'open' : 'barred',
      },
    ],
    guest: [
      { title: 'protected IPA 0x8000_4000', text: 'L3[4] UNASSIGNED DESTROYED', wire: 'none' },
      { title: 'unprotected alias 0x80_8000_4000', text: 'L1[514] UNASSIGNED_NS', wire: 'none' },
    ],
    access: [
      { who: 'host access now', outcome: ns ? 'reads and writes' : 'granule protection fault', ok: ns },
      { who: 'realm access now', outcome: 'REC exit, data abort', ok: false },
    ],
  };
}

/** Steps that touch the page, in the run of 63 steps. */
export const touches: readonly number[] = [2, 3, 17, 18, 27, 28, 48, 49, 50, 58, 60, 62];

export const moments: Readonly<Record<string, Moment>> = { changed, refused, failed, stale, huge };

/** Changes of a step that changed more than a moment tells. */
export const MANY = 260;
export const many = (from: number, count: number): Change[] =>
  Array.from({ length: Math.min(MANY - from, count) }, (_, i) => ({
    place: { kind: 'frame', object: 'granules', at: DST + (from + i) * 8 * K },
    text: `page ${from + i + 1}`,
    field: 'bytes',
    before: { text: 'zero' },
    after: { text: '0x5a' },
  }));
