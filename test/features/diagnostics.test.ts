// What is underlined, where, and with which words.
import { describe, expect, test } from 'vitest';
import { analyse } from '../../server/src/features/analysis.ts';
import { diagnosticsOf } from '../../server/src/features/diagnostics.ts';
import { checked, compared, filesOf } from './markers.ts';

const HEAD = 'scenario "x"\nmodel "rmm/1.0"\nplatform cca\n';

const scenarios: Readonly<Record<string, string>> = {
  'a clean scenario has none': `
RMI_GRANULE_DELEGATE(0x8800_0000)
expect granule(0x8800_0000) is DELEGATED
`,
  'a refused call is underlined at the argument that is to blame': `
RMI_GRANULE_DELEGATE(0x8800_0000)
RMI_GRANULE_DELEGATE(0x8800_0000)
//                   ^^^^^^^^^^^ CCS301 gran_state requires that granule addr is UNDELEGATED; granule 0x8800_0000 is DELEGATED since step 1 (line 5)
`,
  'an unexpected success is underlined as a whole': `
RMI_GRANULE_DELEGATE(0x8800_0000) = RMI_ERROR_INPUT
//- CCS301 expected: RMI_ERROR_INPUT
`,
  'an expectation is underlined at its view': `
expect granule(0x8800_0000) is DATA
//     ^^^^^^^^^^^^^^^^^^^^ CCS401 granule(0x8800_0000) is UNDELEGATED, not DATA
`,
  'a damaged line costs one problem and hides nothing below it': `
RMI_GRANULE_DELEGATE(0x8800_0000
//                  ^ CCS102 never closed
RMI_GRANULE_UNDELEGATE(0x8900_0000)
//                     ^^^^^^^^^^^ CCS301 RMI_ERROR_INPUT
`,
  'an IPA where a PA is wanted is an error at the argument': `
let GPA = ipa(0x1000)
RMI_GRANULE_DELEGATE(GPA)
//                   ^^^ CCS203 an IPA
`,
  'an include that climbs out': `
include "../secret.cocoscn"
//      ^^^^^^^^^^^^^^^^^^^ CCS208 outside the folder
`,
  'an include that is not there': `
include "lib/gone.cocoscn"
//      ^^^^^^^^^^^^^^^^^^ CCS208 there is no such file
`,
  'a misspelt operation': `
RMI_GRANULE_DELEGAT(0x8800_0000)
//- CCS200 RMI_GRANULE_DELEGATE
`,
};

describe('diagnostics', () => {
  test.each(Object.entries(scenarios))('%s', (_name, text) => {
    const { found, marked } = compared(HEAD + text);
    expect(found).toEqual(marked);
  });

  test('a statement that fails in every turn of a loop is one diagnostic', () => {
    const analysis = checked(`${HEAD}for x in 0x8800_0000 +: 64K step 4K {\n  RMI_GRANULE_UNDELEGATE(x)\n}\n`);
    const [first, ...rest] = diagnosticsOf(analysis, false).get(analysis.program.main) ?? [];
    expect(first?.again).toBe(15);
    expect(rest).toEqual([]);
  });

  test('problems of an included file stand in that file', () => {
    const analysis = checked(`${HEAD}include "lib.cocoscn"\n`, { 'lib.cocoscn': 'let A = nope\n' });
    const lists = [...diagnosticsOf(analysis, false)].map(([file, found]) => [
      file.path,
      found.map(({ code }) => code),
    ]);
    expect(lists).toEqual([
      ['a.cocoscn', []],
      ['lib.cocoscn', ['CCS201']],
    ]);
  });

  test('a run that was stopped says how far it came', () => {
    const analysis = analyse('a.cocoscn', `${HEAD}RMI_GRANULE_DELEGATE(0x8800_0000 +: 64K)\n`, filesOf({}));
    analysis.run.advanceBy(3);
    const [first] = diagnosticsOf(analysis, true).get(analysis.program.main) ?? [];
    expect([first?.severity, first?.message.split(';')[0]]).toEqual([
      'information',
      'checked the first 3 steps while you type',
    ]);
  });

  test('a text that is not a scenario at all has problems and no more', () => {
    const binary = String.fromCharCode(...Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256));
    const analysis = checked(binary);
    const found = diagnosticsOf(analysis, false).get(analysis.program.main) ?? [];
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(200);
  });
});
