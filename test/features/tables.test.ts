// What the Translation tables panel is told, from real runs, as text: levels, runs, bits, walks, and how long it takes.
import { expect, test } from 'vitest';
import { analyse } from '../../server/src/features/analysis.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import type { Place } from '../../server/src/features/panel-model.ts';
import { answerTableRuns, answerTables, tableRuns, tables } from '../../server/src/features/tables.ts';
import type { RealmTables } from '../../server/src/features/tables-model.ts';
import { type Run, Stepper } from '../../server/src/run/index.ts';
import { populated } from './kernel-scenarios.ts';
import { finished, LARGE, SCENARIO, standingAfter } from './tables-scenario.ts';

const RD = 0x8800_0000;
const IPA = 0x8000_0000;
const ALIAS = 0x80_8000_0000;

const run = finished(SCENARIO);

const sourceOf = (of: Run) => new MomentSource(new Stepper(of), { session: 'test', pathOf: ({ path }) => path });

function chosen(of: Run, realm?: number, ipa?: number): RealmTables {
  const found = tables(of, realm, ipa).chosen;
  if (!found) throw new Error('there is no realm');
  return found;
}

/** A line a level: its table, then each cell; `*` is on the walk, `!` touched by the step. */
function levels({ levels }: RealmTables): string {
  return levels
    .map(({ level, unit, table, why, cells }) => {
      const shown = cells.map(
        ({ index, state, note, walk, mark }) =>
          `${walk ? '*' : ''}${mark ? '!' : ''}${[index, state.text, note].filter(Boolean).join(' ')}`,
      );
      return `L${level} ${unit} ${table ? `${table.text} live ${table.live}: ${shown.join(' | ')}` : why}`;
    })
    .join('\n');
}

function rows(of: Run, rtt: number): string {
  const answer = tableRuns(of, rtt);
  return (answer?.rows ?? [])
    .map((row) =>
      [row.text, row.range, row.state.text, row.live ?? '', row.output, row.since, row.mark ?? ''].join(', '),
    )
    .join('\n');
}

test('the scenario holds', () => {
  expect([...run.program.problems, ...run.problems].map(({ message }) => message)).toEqual([]);
});

test('without an IPA the step decides, and its entry stands alone and marked', () => {
  const found = chosen(standingAfter(run, 'RMI_DATA_CREATE_UNKNOWN(RD, DATA + 12K, IPA + 12K)'));
  expect(`${found.name}, ${found.shape}, ${found.granules} tables, ${found.walk.text} ${found.origin}`).toBe(
    'RD 0x8800_0000, 40-bit IPA, start level 1, two start tables, 6 tables, 0x8000_3000 of this step',
  );
  expect(`\n${levels(found)}`).toBe(`
L1 1G 0x8800_2000 live 2: 0..1 UNASSIGNED EMPTY ×2 | *2 TABLE 0x8800_4000 | 3..511 UNASSIGNED EMPTY ×509 | 512..513 UNASSIGNED_NS ×2 | 514 TABLE 0x8800_7000 | 515..1023 UNASSIGNED_NS ×509
L2 2M 0x8800_4000 live 2: *0 TABLE 0x8800_5000 | 1 ASSIGNED RAM 0x8820_0000 | 2..511 UNASSIGNED EMPTY ×510
L3 4K 0x8800_5000 live 3: 0..1 ASSIGNED RAM ×2 | 2 UNASSIGNED DESTROYED | *!3 ASSIGNED RAM 0x8810_3000 | 4..15 UNASSIGNED RAM ×12 | 16..511 UNASSIGNED EMPTY ×496`);
});

test('a table is told run by run, with what each stores and since when', () => {
  standingAfter(run, 'RMI_DATA_CREATE_UNKNOWN(RD, DATA + 12K, IPA + 12K)');
  expect(`\n${rows(run, 0x8800_5000)}`).toBe(`
L3[0], 0x8000_0000, ASSIGNED RAM, , 0x8810_0000, 17, 
L3[1], 0x8000_1000, ASSIGNED RAM, , 0x8810_2000, 18, 
L3[2], 0x8000_2000, UNASSIGNED DESTROYED, , –, 20, 
L3[3], 0x8000_3000, ASSIGNED RAM, , 0x8810_3000, 1058, changed
L3[4 .. 16], 0x8000_4000 +: 48K, UNASSIGNED RAM, , –, 12, 
L3[16 .. 512], 0x8001_0000 +: 1984K, UNASSIGNED EMPTY, , –, 11, `);
  expect(`\n${rows(run, 0x8800_2000)}`).toBe(`
L1[0 .. 2], 0 +: 2G, UNASSIGNED EMPTY, , –, 9, 
L1[2], 2G +: 1G, TABLE, 2, RTT 0x8800_4000, 10, 
L1[3 .. 512], 3G +: 509G, UNASSIGNED EMPTY, , –, 9, 
L1[512 .. 514], 512G +: 2G, UNASSIGNED_NS, , –, 9, 
L1[514], 514G +: 1G, TABLE, 1, RTT 0x8800_7000, 1048, 
L1[515 .. 1024], 515G +: 509G, UNASSIGNED_NS, , –, 9, `);
});

test('pages that continue each other are one run, and one block once they are folded', () => {
  standingAfter(run, 'RMI_DATA_CREATE_UNKNOWN(RD, 0x8820_0000 + off');
  expect(rows(run, 0x8800_6000)).toBe(
    [
      'L3[0 .. 511], 0x8020_0000 +: 2044K, ASSIGNED RAM, , 0x8820_0000 +: 2044K, 535 .. 1045, ',
      'L3[511], 0x803f_f000, ASSIGNED RAM, , 0x883f_f000, 1046, changed',
    ].join('\n'),
  );
  const folded = chosen(standingAfter(run, 'RMI_RTT_FOLD'));
  expect(levels(folded).split('\n').slice(1).join('\n')).toBe(
    [
      'L2 2M 0x8800_4000 live 2: 0 TABLE 0x8800_5000 | *!1 ASSIGNED RAM 0x8820_0000 | 2..511 UNASSIGNED EMPTY ×510',
      'L3 4K no table below L2[1] ASSIGNED RAM',
    ].join('\n'),
  );
  expect(tableRuns(run, 0x8800_6000)).toBeUndefined();
});

test('an IPA is taken apart into the bits of each level, on both of its sides', () => {
  run.seek(run.reached);
  const text = (ipa: number) => {
    const { parts, walk, alias } = chosen(run, RD, ipa);
    const bits = parts.map(
      ({ bits, digits, text, used }) => `${bits} ${digits || '-'} ${text}${used ? '' : ' unused'}`,
    );
    const walks = [walk, alias].map(({ text, half, entry, state, output, access }) =>
      [text, half, entry, state.text, output ?? '–', access].join(', '),
    );
    return [bits.join(' | '), ...walks].join('\n');
  };
  expect(`\n${text(IPA + 0x1000)}\n\n${text(ALIAS + 0x40_0000)}\n\n${text(IPA + 0x20_5000)}`).toBe(`
39 0 0 | 38..30 000000010 L1[2] | 29..21 000000000 L2[0] | 20..12 000000001 L3[1] | 11..0 - 0x000
0x8000_1000, protected, L3[1], ASSIGNED RAM, DATA + 8K 0x8810_2000, reads and writes the realm’s page
0x80_8000_1000, unprotected, L3[1], ASSIGNED_NS, HOST 0x9000_0000, reads and writes the host’s page

39 1 1 | 38..30 000000010 L1[514] | 29..21 000000010 L2[2] | 20..12 000000000 L3[0] unused | 11..0 - 0x000
0x80_8040_0000, unprotected, L2[2], ASSIGNED_NS, 0x9040_0000, reads and writes the host’s page
0x8040_0000, protected, L2[2], UNASSIGNED EMPTY, –, synchronous external abort in the realm, no REC exit

39 0 0 | 38..30 000000010 L1[2] | 29..21 000000001 L2[1] | 20..12 000000101 L3[5] unused | 11..0 - 0x000
0x8020_5000, protected, L2[1], ASSIGNED RAM, DATA + 1044K 0x8820_5000, reads and writes the realm’s page
0x80_8020_5000, unprotected, L2[1], UNASSIGNED_NS, –, REC exit, data abort that the host may emulate`);
});

test('a refused call marks the entry that it was refused because of', () => {
  const { levels } = chosen(standingAfter(run, 'RMI_DATA_CREATE_UNKNOWN(RD, DATA + 4K, IPA + 4K)'));
  expect(levels.at(-1)?.cells.find(({ mark }) => mark)).toMatchObject({ index: '1', mark: 'refused', walk: true });
});

test('the smaller realm has four start tables, of which only what its IPAs reach is shown', () => {
  run.seek(run.reached);
  const { realms } = tables(run);
  expect(realms.map(({ text, state }) => `${text} ${state}`)).toEqual(['RD 0x8800_0000 NEW', 'OTHER 0x8801_0000 NEW']);
  const other = chosen(run, 0x8801_0000, 0);
  expect(`${other.shape}\n${levels(other)}`).toBe(`32-bit IPA, start level 2, four start tables
L2 2M 0x8801_4000 live 0: *0 UNASSIGNED EMPTY | 1..1023 UNASSIGNED EMPTY ×1023 | 1024..2047 UNASSIGNED_NS ×1024
L3 4K no table below L2[0] UNASSIGNED EMPTY`);
});

test('a page leads to its entry, in a block as well, and a table to its first entry', () => {
  run.seek(run.reached);
  const of = (frame: number) => {
    const page = { kind: 'frame', object: 'granules', at: frame } as const;
    const { chosen } = answerTables(sourceOf(run), { type: 'tables', revision: 1, page });
    return `${chosen?.walk.text} ${chosen?.walk.entry} ${chosen?.origin}`;
  };
  expect([0x8810_2000, 0x8820_5000, 0x9000_0000, 0x8800_8000, 0x8801_4000, 0x8a00_0000].map(of)).toEqual([
    '0x8000_1000 L3[1] of the selected page',
    '0x8020_5000 L2[1] of the selected page',
    '0x80_8000_1000 L3[1] of the selected page',
    '0x80_8000_0000 L3[0] of the selected page',
    '0x0 L2[0] of the selected page',
    '0x8000_1000 L3[1] of this step',
  ]);
});

test('a page of a guest_memfd leads to the entry that maps it, or to where that would be', () => {
  const { run: kernel } = analyse('a.cocoscn', populated, () => ({ problem: 'none' }));
  while (kernel.advance());
  const source = sourceOf(kernel);
  const of = (kind: Place['kind'], object: string, at: number) => {
    const { chosen } = answerTables(source, { type: 'tables', revision: 1, page: { kind, object, at } });
    return `${chosen?.walk.text} ${chosen?.walk.entry} ${chosen?.walk.state.text}, ${chosen?.origin}`;
  };
  expect([
    of('gmem', 'gm', 0),
    of('gmem', 'gm', 4096),
    of('gmem', 'gm', 61440),
    of('gpa', 'vm', 0x8000_0000),
    of('mapping', 'src', 4096),
    of('gmem', 'gm', 65536),
  ]).toEqual([
    '0x8000_0000 L3[0] ASSIGNED RAM, of the selected page',
    '0x8000_1000 L3[1] UNASSIGNED RAM, where the selected page would be: nothing maps it there',
    '0x8000_f000 L3[15] UNASSIGNED RAM, where the selected page would be: nothing maps it there',
    '0x8000_0000 L3[0] ASSIGNED RAM, of the selected page',
    '0x80_8000_1000 L1[514] UNASSIGNED_NS, where the selected page would be: nothing maps it there',
    '0x0 L1[0] UNASSIGNED EMPTY, the first one, as no step names another',
  ]);
});

test('before there is a realm there is nothing to show, and a realm or an IPA that is not there falls back', () => {
  run.seek(0);
  expect(answerTables(sourceOf(run), { type: 'tables', revision: 7 })).toEqual({ revision: 7, realms: [] });
  expect(answerTableRuns(run, { type: 'tableRuns', revision: 7, rtt: 0x8800_2000 })).toBeUndefined();
  expect(chosen(standingAfter(run, 'RMI_REALM_CREATE(RD')).origin).toBe('the first one, as no step names another');
  expect(chosen(standingAfter(run, 'RMI_REALM_CREATE(OTHER'), RD).origin).toBe('of step 1051');
  run.seek(run.reached);
  expect(chosen(run, 0x1234, 2 ** 60).realm).toBe(RD);
});

test('600 tables and a table of 512 runs are answered within a frame, in messages below 64 KiB', () => {
  const large = finished(LARGE);
  expect(large.problems).toEqual([]);
  const found = chosen(large, 0x8000_0000, 2044 * 1024);
  expect(found.granules).toBe(600);
  expect(`\n${levels(found)}`).toBe(`
L1 1G 0x8100_0000 live 2: *0 TABLE 0x8100_2000 | 1 TABLE 0x8100_3000 | 2..511 UNASSIGNED EMPTY ×510 | 512..1023 UNASSIGNED_NS ×512
L2 2M 0x8100_2000 live 512: *0 TABLE 0x8100_4000 | 1..511 TABLE ×511
L3 4K 0x8100_4000 live 0: 0 UNASSIGNED RAM | 1..509 several states 509 runs | !510 UNASSIGNED RAM | *511 UNASSIGNED EMPTY`);
  expect(tableRuns(large, 0x8100_4000)?.total).toBe(512);
  const source = sourceOf(large);
  const answers = [
    () => answerTables(source, { type: 'tables', revision: 1, realm: 0x8000_0000, ipa: 0 }),
    () => answerTableRuns(large, { type: 'tableRuns', revision: 1, rtt: 0x8100_4000 }),
    () => answerTableRuns(large, { type: 'tableRuns', revision: 1, rtt: 0x8100_2000, from: 400 }),
  ];
  for (const answer of answers) {
    const times = Array.from({ length: 9 }, () => {
      const began = performance.now();
      answer();
      return performance.now() - began;
    });
    // The fastest of several: other work of the machine must not decide.
    expect(Math.min(...times)).toBeLessThan(16);
    expect(JSON.stringify(answer()).length).toBeLessThan(64 * 1024);
  }
});
