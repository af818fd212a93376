// What is offered at the cursor; most of these lines are not whole, as lines are while they are typed.
import { describe, expect, test } from 'vitest';
import { completion } from '../../server/src/features/completion.ts';
import { signatureHelp } from '../../server/src/features/signature.ts';
import { subjectAt } from './markers.ts';

const offered = (marked: string) => {
  const { subject, text, offset } = subjectAt(marked);
  return completion(subject, text, offset);
};
const labels = (marked: string) => offered(marked).items.map(({ label }) => label);

/** The labels that must be there, and those that must not. */
const cases: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  [
    'an operation at the start of a line',
    'let A = 1\nRMI_GR$0\n',
    ['RMI_GRANULE_DELEGATE', 'expect'],
    ['scenario', 'A'],
  ],
  [
    'headers at the top that are not there yet',
    'scenario "x"\n$0\n',
    ['model', 'platform', 'RMI_GRANULE_DELEGATE'],
    ['scenario'],
  ],
  ['names where a value stands', 'let A = 4K\nlet B = $0\n', ['A'], ['B', 'RMI_GRANULE_DELEGATE']],
  ['names in an argument', 'let A = 4K\nRMI_GRANULE_DELEGATE($0\n', ['A'], ['RMI_GRANULE_DELEGATE']],
  ['flags of the parameter', 'RMI_DATA_CREATE(1, 2, 3, 4, $0)\n', ['RMI_MEASURE_CONTENT'], []],
  ['no flags of another parameter', 'RMI_DATA_CREATE(1, $0)\n', [], ['RMI_MEASURE_CONTENT']],
  ['fields that are missing', 'RMI_REALM_CREATE(1, {s2sz: 40, $0})\n', ['vmid', 'rtt_base'], ['s2sz']],
  ['values of a field', 'RMI_REALM_CREATE(1, {hash_algo: $0})\n', ['RMI_HASH_SHA_256'], ['vmid']],
  ['fields on a line below', 'RMI_REALM_CREATE(1, {\n  s2sz: 40,\n  $0\n', ['vmid'], ['s2sz', 'RMI_GRANULE_DELEGATE']],
  ['views in an expectation', 'expect $0\n', ['granule', 'ripas'], ['RMI_GRANULE_DELEGATE']],
  ['is after a view', 'expect granule(1) $0\n', ['is'], ['granule']],
  ['states of the view', 'expect granule(0x8800_0000) is $0\n', ['DELEGATED', 'DATA'], ['RAM']],
  ['states of another alternative', 'expect ripas(1, 2) is RAM | $0\n', ['EMPTY'], ['DATA']],
  ['results of the operation', 'RMI_GRANULE_DELEGATE(1) = $0\n', ['RMI_ERROR_INPUT', '*'], ['RMI_ERROR_RTT']],
  ['results of an alternative', 'RMI_RTT_CREATE(1, 2, 3, 4) = RMI_SUCCESS | $0\n', ['RMI_ERROR_RTT'], []],
  ['operations to inject into', 'inject $0\n', ['RMI_GRANULE_DELEGATE'], ['expect']],
  ['the word after that', 'inject RMI_GRANULE_DELEGATE $0\n', ['nth'], ['RMI_GRANULE_DELEGATE']],
  ['the variable inside a loop', 'for x in 0 .. 8K step 4K {\n  RMI_GRANULE_DELEGATE($0)\n}\n', ['x'], []],
  ['not behind the loop', 'for x in 0 .. 8K step 4K {\n}\nRMI_GRANULE_DELEGATE($0)\n', [], ['x']],
  ['sequences as statements', 'def give(a) {\n}\ngi$0\n', ['give'], []],
  ['models', 'model "$0"\n', ['rmm/1.0'], []],
  ['nothing in a comment', '// RMI$0\n', [], ['RMI_GRANULE_DELEGATE']],
  ['nothing in a number', 'let A = 4$0\n', [], ['RMI_GRANULE_DELEGATE']],
];

describe('completion', () => {
  test.each(cases)('%s', (_name, marked, wanted, unwanted) => {
    const found = labels(marked);
    expect({
      missing: wanted.filter((label) => !found.includes(label)),
      wrong: unwanted.filter((label) => found.includes(label)),
    }).toEqual({ missing: [], wrong: [] });
  });

  test('an operation comes with places for its arguments', () => {
    const item = offered('RMI_RTT_CR$0\n').items.find(({ label }) => label === 'RMI_RTT_CREATE');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the editor's notation for a place to fill in
    expect([item?.insert, item?.snippet]).toEqual(['RMI_RTT_CREATE(${1:rd}, ${2:rtt}, ${3:ipa}, ${4:level})', true]);
  });

  test('brackets that are there already are kept', () => {
    const item = offered('RMI_RTT_CR$0(1)\n').items.find(({ label }) => label === 'RMI_RTT_CREATE');
    expect(item?.insert).toBe('RMI_RTT_CREATE');
  });

  test('the word before the cursor is replaced', () => {
    expect(offered('  RMI_GR$0\n').start).toBe(2);
  });
});

describe('signature help', () => {
  const active = (marked: string) => {
    const { subject, text, offset } = subjectAt(marked);
    const found = signatureHelp(subject, text, offset);
    return found && [found.label, found.parameters[found.active]?.label];
  };
  test.each([
    ['RMI_RTT_CREATE($0', ['RMI_RTT_CREATE(rd, rtt, ipa, level)', 'rd']],
    ['RMI_RTT_CREATE(1, (2 + 3), $0', ['RMI_RTT_CREATE(rd, rtt, ipa, level)', 'ipa']],
    ['RMI_RTT_CREATE(level=$0', ['RMI_RTT_CREATE(rd, rtt, ipa, level)', 'level']],
    ['RMI_REALM_CREATE(1, {s2sz: $0', ['RMI_REALM_CREATE(rd, params_ptr)', 'params_ptr']],
    ['expect granule($0', ['granule(addr)', 'addr']],
    ['def give(a, b) {\n}\ngive(1, $0', ['give(a, b)', 'b']],
  ])('%s', (marked, wanted) => {
    expect(active(marked)).toEqual(wanted);
  });
  test('none outside of a call', () => {
    expect(active('RMI_RTT_CREATE(1, 2, 3, 4) $0')).toBeUndefined();
  });
});
