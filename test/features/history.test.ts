// The life of a page as the Page history panel is told it, from real runs, as text: its band, its transitions, its touches.
import { expect, test } from 'vitest';
import { answerHistory, history } from '../../server/src/features/history.ts';
import type { PageHistory } from '../../server/src/features/history-model.ts';
import type { Place } from '../../server/src/features/panel-model.ts';
import { ran, SCENARIO } from './timeline-scenario.ts';

const frame = (at: number): Place => ({ kind: 'frame', object: 'granules', at });
const PAGE = frame(0x8810_4000);
const run = ran(SCENARIO);

const band = ({ life }: Pick<PageHistory, 'life'>) =>
  (life?.band ?? [])
    .map(({ since, state, folded }) => `${since} ${state.text} (${state.family})${folded ? ` +${folded}` : ''}`)
    .join(', ');

function transitions({ rows }: Pick<PageHistory, 'rows'>): string {
  return rows
    .map(({ n, actor, call, result, status, state, source, changes, more, note }) => {
      const lines = changes.map(({ field, before, after }) => `\n   ${field}: ${before.text} → ${after.text}`);
      const end = `${status === 'ok' ? '' : ` ${result}`}, line ${source.line}: ${state.text}`;
      return `${n} ${actor} ${call}${end}${lines.join('')}${more > 0 ? `\n   and ${more} more` : ''}${note ? `\n   ${note}` : ''}`;
    })
    .join('\n');
}

test('the whole life of a page, with the steps that changed it and those that only named it', () => {
  const found = history(run.at(40), PAGE);
  expect(
    `${found.title}; ${found.names.join('; ')}; step ${found.now} of ${found.last}, ${found.current}`,
  ).toMatchInlineSnapshot(`"DATA + 16K; granule 0x8810_4000, GPT REALM; no IPA leads here now; step 40 of 52, 3"`);
  expect(band(found)).toMatchInlineSnapshot(
    `"0 UNDELEGATED (host), 18 DELEGATED (transition), 19 DATA (private), 39 DELEGATED (transition), 51 UNDELEGATED (host)"`,
  );
  expect(`${found.life?.changes} and ${found.life?.touches}, lines ${found.life?.lines}`).toMatchInlineSnapshot(
    `"5 and 2, lines 2221121"`,
  );
  expect(`\n${transitions(found)}`).toMatchInlineSnapshot(`
    "
    18 RMM RMI_GRANULE_DELEGATE(DATA + 16K), line 22: DELEGATED
       GPT: NS → REALM
       granule: UNDELEGATED → DELEGATED
    19 RMM RMI_DATA_CREATE(RD, DATA + 16K, IPA + 16K, SRC, 0x0), line 23: DATA
       granule: DELEGATED → DATA
       RTT L3[4]: UNASSIGNED RAM → ASSIGNED RAM 0x8810_4000
    39 RMM RMI_DATA_DESTROY(RD, IPA + 16K), line 27: DELEGATED
       granule: DATA → DELEGATED
       RTT L3[4]: ASSIGNED RAM 0x8810_4000 → UNASSIGNED DESTROYED
    40 RMM RMI_GRANULE_UNDELEGATE(DATA + 16K) RMI_ERROR_INPUT, line 28: DELEGATED
       stays DELEGATED; injected by line 34
    49 host write(DATA + 16K, 0x5a) GPF, line 44: DELEGATED
       stays DELEGATED; refused: gpt, the GPT entry of the page is NS
    51 RMM RMI_GRANULE_UNDELEGATE(DATA + 16K), line 46: UNDELEGATED
       GPT: REALM → NS
       granule: DELEGATED → UNDELEGATED
    52 host write(DATA + 16K, 0x5a), line 47: UNDELEGATED
       bytes: zero → 0x5a at 0"
  `);
});

test('while an IPA leads to the page, its other names say so, and commands that name the IPA touch it', () => {
  const text = SCENARIO.replace(
    'take_back(RD, DATA, IPA, 36K)',
    'RMI_RTT_READ_ENTRY(RD, IPA + 16K, 3)\nRMI_DATA_CREATE_UNKNOWN(RD, DATA + 16K, IPA + 40K) = RMI_ERROR_INPUT\n$&',
  );
  const found = history(ran(text).at(31), PAGE);
  expect(found.names.join('; ')).toMatchInlineSnapshot(
    `"granule 0x8810_4000, GPT REALM; IPA 0x8000_4000 (IPA + 16K), alias 0x80_8000_4000, RTT L3[4]"`,
  );
  expect(`\n${transitions({ rows: found.rows.slice(2, 4) })}`).toMatchInlineSnapshot(`
    "
    31 RMM RMI_RTT_READ_ENTRY(RD, IPA + 16K, 3), line 42: DATA
       stays DATA
    32 RMM RMI_DATA_CREATE_UNKNOWN(RD, DATA + 16K, IPA + 40K) RMI_ERROR_INPUT, line 43: DATA
       stays DATA; refused: data_state, granule data is DELEGATED"
  `);
});

test('the descriptor of a realm is named by every command, and changes with its realm', () => {
  const found = history(run.at(9), frame(0x8800_0000), 0, 3);
  expect([found.total, found.from, found.rows.length, found.life]).toEqual([25, 0, 3, undefined]);
  expect(`\n${transitions(found)}`).toMatchInlineSnapshot(`
    "
    1 RMM RMI_GRANULE_DELEGATE(RD), line 14: DELEGATED
       GPT: NS → REALM
       granule: UNDELEGATED → DELEGATED
    6 RMM RMI_REALM_CREATE(RD, {s2sz: 40, rtt_level_start: 1, rtt_num_start: 2, rtt_base: RTT0, hash_algo: RMI_HASH_SHA_256, vmid: 1}), line 16: RD
       granule: DELEGATED → RD
       realm ipa_width: 0 → 40
       realm rtt_base: 0x0 → 0x8800_2000
       realm rtt_level_start: 0 → 1
       realm rtt_num_start: 0 → 2
       and 2 more
    7 RMM RMI_RTT_CREATE(RD, RTT2, IPA, 2), line 17: RD
       stays RD"
  `);
});

test('an entry stands for the page that it leads to now', () => {
  const entry = { kind: 'entry', object: 'RD', at: 0x8000_4000, level: 3 } as const;
  expect(history(run.at(19), entry).title).toBe('DATA + 16K');
  const gone = answerHistory(run.at(45), { type: 'history', revision: 3, page: entry });
  expect([gone.revision, gone.title, gone.names, gone.total]).toEqual([3, 'IPA + 16K', ['no page is there now'], 0]);
});

test('a page that changes ten thousand times has a band of few segments', () => {
  const text = `scenario "long"
model "rmm/1.0"
platform cca

let P = 0x8800_0000

RMI_GRANULE_DELEGATE(P)
for i in 0 .. 10000 {
  RMI_GRANULE_UNDELEGATE(P)
  RMI_GRANULE_DELEGATE(P)
}
`;
  const found = history(ran(text).at(5000), frame(0x8800_0000));
  expect([found.total, found.current, found.from, found.rows.length, found.life?.lines.length]).toEqual([
    20_001, 4999, 4979, 40, 16_000,
  ]);
  expect(found.life?.band.length).toBeLessThan(480);
  expect(JSON.stringify(found).length).toBeLessThan(64 * 1024);
});
