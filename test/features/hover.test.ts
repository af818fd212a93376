// What the editor says of the word and the statement under the mouse.
import { describe, expect, test } from 'vitest';
import { hover } from '../../server/src/features/hover.ts';
import { subjectAt } from './markers.ts';

const shown = (marked: string, files = {}) => {
  const { subject, offset } = subjectAt(marked, files);
  return hover(subject, offset)?.markdown ?? '';
};
/** The first paragraph: what is seen without scrolling. */
const parts = (marked: string, files = {}) => shown(marked, files).split('\n\n---\n\n');

describe('the statement under the mouse', () => {
  test('an operation shows its result and what it changed, then its definition', () => {
    const [outcome, definition] = parts('RMI_GRANULE_$0DELEGATE(0x8800_0000)\n');
    expect(outcome).toMatch(/^→ `RMI_SUCCESS` at step 1\n\n- /);
    expect(outcome).toContain('- granule `0x8800_0000`: UNDELEGATED → DELEGATED');
    expect(definition).toContain('RMI_GRANULE_DELEGATE(addr)');
    expect(definition).toContain('1. `gran_align`: ');
  });

  test('a refused call names the condition and the step that made it fail', () => {
    const [outcome] = parts(
      'RMI_GRANULE_DELEGATE(0x8800_0000)\nRMI_GRANULE_DELEGAT$0E(0x8800_0000) = RMI_ERROR_INPUT\n',
    );
    expect(outcome).toBe(
      '→ `RMI_ERROR_INPUT` at step 2\n\ngran_state requires that granule addr is UNDELEGATED; granule 0x8800_0000 is DELEGATED since step 1 (line 1)',
    );
  });

  test('a range shows its first call and counts the others', () => {
    const [outcome] = parts('RMI_GRANULE_DELEGAT$0E(0x8800_0000 +: 16K)\n');
    expect(outcome).toContain('0x8800_0000');
    expect(outcome).toMatch(/…and 3 more times$/);
  });

  test('the call of a sequence shows the difference that all of it makes', () => {
    const text = 'def both(a) {\n  RMI_GRANULE_DELEGATE(a)\n  RMI_GRANULE_DELEGATE(a + 4K)\n}\nbo$0th(0x8800_0000)\n';
    const [, outcome] = parts(text);
    expect(outcome).toContain('→ steps 1 to 2');
    expect(outcome).toContain('granule `0x8800_1000`: UNDELEGATED → DELEGATED');
  });

  test('an injected fault is told from a condition that failed', () => {
    const text =
      'inject RMI_GRANULE_DELEGATE nth 1 = RMI_ERROR_INPUT\nRMI_GRANULE_$0DELEGATE(0x8800_0000) = RMI_ERROR_INPUT\n';
    expect(parts(text)[0]).toContain('a fault injected on line 1 made this call fail');
  });

  const CCA = 'scenario "x"\nmodel "linux/cca-v9", "rmm/1.0"\nplatform cca\n';

  test('a call in which the host dies says so, and those behind it since when it is dead', () => {
    const dies = `${CCA}lost := alloc_page()\nRMI_GRANULE_DELEGATE(lost)\n`;
    const [died] = parts(`${dies}kernel_ac$0cess(lost) = host_crash\n`);
    expect(died).toMatch(/^→ `host_crash` at step 3\n\nthe host died in this call, in step 3\n\n- kernel/);
    const [dead] = parts(`${dies}kernel_access(lost) = host_crash\nalloc_pa$0ge() = host_crash\n`);
    expect(dead).toContain('the host is dead since step 3 (line 6)');
  });

  test('a call of the kernel is one call: what it returned, and the difference that all of it makes', () => {
    const [made] = parts(`${CCA}KVM_CREATE_$0VM(KVM_VM_TYPE_ARM_REALM)\n`);
    expect(made).toMatch(/^→ `0` at steps 1 to \d+/);
    expect(made).not.toContain('more times');
    const call = 'KVM_CREATE_GUEST_MEMFD(vm, 3)';
    const [refused] = parts(
      `${CCA}vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)\n${call.replace('_', '$0_')} = -EINVAL\n`,
    );
    expect(refused).toMatch(/^→ `-EINVAL` at steps \d+ to \d+\n\nsize requires that /);
    const twice = `${CCA}for i in 0 .. 2 {\n  KVM_CREATE_$0VM(KVM_VM_TYPE_ARM_REALM)\n}\n`;
    expect(parts(twice)[0]).toMatch(/…and 1 more time$/);
  });

  test('an expectation says whether it held', () => {
    expect(shown('expect granule(0x8800_0000) $0is UNDELEGATED\n')).toContain('Holds after step 0');
  });

  test('a statement that is never reached says so', () => {
    expect(parts('for x in 0x8800_0000 +: 0 {\n  RMI_GRANULE_DELEGA$0TE(x)\n}\n')[0]).toContain('Not run');
  });

  test('the run stands at its end afterwards', () => {
    const { subject, offset } = subjectAt('RMI_GRANULE_DEL$0EGATE(0x8800_0000)\nRMI_GRANULE_UNDELEGATE(0x8800_0000)\n');
    hover(subject, offset);
    expect(subject.analysis.run.now).toBe(2);
  });
});

const words: readonly (readonly [string, string, string])[] = [
  ['a let in hexadecimal and in powers of 1024', 'let R$0D = 0x8800_0000\n', '`0x8800_0000` = 2176M (2281701376)'],
  ['a use of a let', 'let RD = 0x8800_0000\nRMI_GRANULE_DELEGATE(R$0D)\n', 'let RD = 0x8800_0000'],
  ['a range', 'let R = 0x8800_0000 +: 2$0M\nRMI_GRANULE_DELEGATE(R)\n', ''],
  ['a named range', 'let R$0R = 0x8800_0000 +: 8K\n', '`0x8800_0000 .. 0x8800_2000`, 8K (8192) long'],
  [
    'a loop variable',
    'for pag$0e in 0x8800_0000 +: 16K step 4K {\n  RMI_GRANULE_DELEGATE(page)\n}\n',
    '4 values: `0x8800_0000` to `0x8800_3000` in steps of 4K',
  ],
  ['a sequence', 'def give(a) {\n  RMI_GRANULE_DELEGATE(a)\n}\ngi$0ve(0x8800_0000)\n', 'def give(a)'],
  ['outputs of a call', 'v$0v := RMI_VERSION(0x10000)\n', 'vv.lower = 0x1_0000'],
  ['a view', 'expect gran$0ule(0x8800_0000) is DATA\n', 'The state of a granule.'],
  ['a state', 'expect granule(0x8800_0000) is DA$0TA\n', '`DATA`, a state of `granule`'],
  [
    'a status and the checks that return it',
    'RMI_DATA_CREATE_UNKNOWN(0x0, 0x0, 0x0) = RMI_ERROR_$0RTT(1)\n',
    '`rtte_state`',
  ],
  ['a structure field', 'RMI_REALM_CREATE(0x8800_0000, {s2s$0z: 40})\n', '`s2sz` of RmiRealmParams'],
  ['a flag', 'RMI_DATA_CREATE(0x0, 0x0, 0x0, 0x0, RMI_MEASURE_$0CONTENT) = *\n', '`RMI_MEASURE_CONTENT = 1`'],
  ['a word of the language', 'exp$0ect granule(0x8800_0000) is UNDELEGATED\n', 'expect VIEW(place) is STATE'],
  ['an injected operation', 'inject RMI_GRANULE_DEL$0EGATE nth 1 = RMI_ERROR_INPUT\n', 'RMI_GRANULE_DELEGATE(addr)'],
];

describe('the word under the mouse', () => {
  test.each(words)('%s', (_name, marked, wanted) => {
    expect(shown(marked)).toContain(wanted);
  });

  test('a comment says nothing', () => {
    expect(shown('// CCS3$001 and RMI_GRANULE_DELEGATE\nlet A = 1\n')).toBe('');
  });

  test('a name of an included file', () => {
    expect(
      shown('include "lib.cocoscn"\nRMI_GRANULE_DELEGATE(BA$0SE)\n', { 'lib.cocoscn': 'let BASE = 2G\n' }),
    ).toContain('`0x8000_0000` = 2G');
  });
});
