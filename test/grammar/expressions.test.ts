// How expressions, results and names are read.

import { expect, test } from 'vitest';
import { parse } from '../../grammar/src/index.ts';
import { outline } from './outline.ts';
import { spanFaults } from './spans.ts';

/** What is written, and the tree it means with all its brackets. */
const MEANINGS: readonly [string, string][] = [
  // C's precedence, but comparisons bind less than `&` and `|`
  ['let x = a + b * c', 'let x = (a + (b * c))'],
  ['let x = (a + b) * c', 'let x = ((a + b) * c)'],
  ['let x = a - b - c', 'let x = ((a - b) - c)'],
  ['let x = 1 << 2 + 3', 'let x = (1 << (2 + 3))'],
  ['let x = a & b | c & d', 'let x = ((a & b) | (c & d))'],
  ['let x = -a * !b', 'let x = (-a * !b)'],
  ['let x = a * -b', 'let x = (a * -b)'],
  ['let x = a*-b-1', 'let x = ((a * -b) - 1)'],
  ['expect flags & F == F', 'expect ((flags & F) == F)'],
  ['expect a && b || c && d', 'expect ((a && b) || (c && d))'],
  ['expect a is B && c is D | E && f < 1', 'expect (((a is B) && (c is D | E)) && (f < 1))'],
  ['expect a + 1 is B', 'expect ((a + 1) is B)'],
  ['expect !(a is B)', 'expect !(a is B)'],
  ['expect a is B {x: 1} | C', 'expect (a is B {x: 1} | C)'],
  ['expect (a is B) == (c is D)', 'expect ((a is B) == (c is D))'],
  ['expect a > b', 'expect (a > b)'],
  // ranges
  ['let x = GPA + 4K +: 64K', 'let x = ((GPA + 4096) +: 65536)'],
  ['let x = 0..64K', 'let x = (0 .. 65536)'],
  ['let x = a..b', 'let x = (a .. b)'],
  ['let x = a.b', 'let x = a.b'],
  ['f(gm[0 .. 16K], m[a+:b])', 'op f(gm[(0 .. 16384)], m[(a +: b)])'],
  // calls
  ['f()', 'op f()'],
  ['f(*, a=*, b = 0 | 1)', 'op f(*, a=*, b=(0 | 1))'],
  ['f("text", {a: "b", c: {d: *}})', 'op f("text", {a: "b", c: {d: *}})'],
  ['f(pa(gm[4K])[0][1])', 'op f(pa(gm[4096])[0][1])'],
  ['TDH.MEM.PAGE.ADD(TDX.X, a.b)', 'op TDH.MEM.PAGE.ADD(TDX.X, a.b)'],
  ['__pkvm_host_share_guest(1)', 'op __pkvm_host_share_guest(1)'],
  ['a: b := f(1)', 'op a: b := f(1)'],
  ['f(\n  1,\n  2\n)', 'op f(1, 2)'],
  ['f({\n  a: 1,\n  b: 2\n})', 'op f({a: 1, b: 2})'],
  ['f(1,\u00a02,\u3000\u20283)', 'op f(1, 2, 3)'],
  ['f(1, // one\n  /* two */ 2)', 'op f(1, 2)'],
  ['f(gm[\n0\n])', 'op f(gm[0])'],
  ['f() = 0 {\n  a: 1\n} ', 'op f() = 0 {a: 1}'],
  // results
  ['f() = 0', 'op f() = 0'],
  ['f() = -EAGAIN', 'op f() = errno EAGAIN'],
  ['f() = -1 EAGAIN', 'op f() = errno EAGAIN'],
  ['f() = -1 EAGAIN (Resource temporarily unavailable)', 'op f() = errno EAGAIN'],
  ['f() = -1 EIO (Input/output error)', 'op f() = errno EIO'],
  ['f() = -1', 'op f() = -1'],
  ['f() = -0xffff_ffff_ffff_ffff', 'op f() = -18446744073709551615'],
  ['f() = 0x5a', 'op f() = 90'],
  ['f() = SIGBUS', 'op f() = SIGBUS'],
  ['f() = *', 'op f() = *'],
  ['f() = 0 | -EBUSY | *', 'op f() = 0 | errno EBUSY | *'],
  ['f() = RMI_ERROR_RTT(2)', 'op f() = RMI_ERROR_RTT(2)'],
  ['f() = RMI_ERROR_RTT(level + 1) | RMI_SUCCESS', 'op f() = RMI_ERROR_RTT((level + 1)) | RMI_SUCCESS'],
  [
    'f() = KVM_EXIT_MEMORY_FAULT {gpa: GPA, flags: PRIVATE}',
    'op f() = KVM_EXIT_MEMORY_FAULT {gpa: GPA, flags: PRIVATE}',
  ],
  ['f() = -EAGAIN {error_offset: 8K}', 'op f() = errno EAGAIN {error_offset: 8192}'],
  ['f()\n\n  // between\n  > ...\n  < read(x) = 1\nf()', 'op f()\n  > ...\n  < read(x) = 1\nop f()'],
  ['f()\n> a()\n\n\n< b()', 'op f()\n  > a()\n  < b()'],
  // blocks
  ['def f() {\n}', 'def f()'],
  ['def f(a, b)\n{\n  a()\n}', 'def f(a, b)\n  op a()'],
  ['for i in r {\n  when a == b {\n    f()\n  }\n}', 'for i in r\n  when (a == b)\n    op f()'],
  ['when (a == b) {\n  f()\n}', 'when (a == b)\n  op f()'],
  ['exists (io.w is host_crash)', 'exists (io.w is host_crash)'],
  ['never a is B', 'never (a is B)'],
  ['schedule io.a, guest.f', 'schedule io.a, guest.f'],
  [
    'inject RMI_DATA_CREATE nth 10 = RMI_ERROR_INPUT | -EIO',
    'inject RMI_DATA_CREATE nth 10 = RMI_ERROR_INPUT | errno EIO',
  ],
  // words of the language as names
  ['let page = granule + model', 'let page = (granule + model)'],
  ['let let = is', 'let let = is'],
  ['step := mmap_anon(page)', 'op step := mmap_anon(page)'],
  ['page(scenario)', 'op page(scenario)'],
  ['let(def)', 'op let(def)'],
  ['expect: actor(for=1, in=2)', 'op expect: actor(for=1, in=2)'],
  ['for step in in .. is step step {\n}', 'for step in (in .. is) step step'],
  ['for in in in step nth {\n}', 'for in in in step nth'],
  ['expect is is is', 'expect (is is is)'],
  ['expect granule(page) is nth | step', 'expect (granule(page) is nth | step)'],
  ['inject inject nth 3 = nth', 'inject inject nth 3 = nth'],
  ['def def(in, is) {\n}', 'def def(in, is)'],
  ['actor actor {\n}', 'actor actor'],
  ['f({step: 1, in: nth})', 'op f({step: 1, in: nth})'],
  ['schedule step.in, for', 'schedule step.in, for'],
];

test.each(MEANINGS)('%s', (text, tree) => {
  const { file, problems } = parse(text);
  expect(problems).toEqual([]);
  expect(outline(file)).toBe(tree);
  expect(spanFaults(text, file)).toEqual([]);
});

const HEADERS = `scenario "all of them"
model "linux/6.18", "rmm/1.0"
platform sw-protected, tdx-2, cca
needs gmem-mmap
page 64K
granule 4K
memory 0x8000_0000 +: 4G
link "https://example.org/a"
xfail "not yet upstream"
allow leak 1
allow reuse
matrix page = 4K, 64K
matrix at = 0 .. 4K, GPA +: 8K`;

test('headers', () => {
  const { file, problems } = parse(HEADERS);
  expect(problems).toEqual([]);
  expect(spanFaults(HEADERS, file)).toEqual([]);
  expect(outline(file)).toBe(
    [
      'scenario "all of them"',
      'model "linux/6.18", "rmm/1.0"',
      'platform sw-protected, tdx-2, cca',
      'needs gmem-mmap',
      'page 65536',
      'granule 4096',
      'memory (2147483648 +: 4294967296)',
      'link "https://example.org/a"',
      'xfail "not yet upstream"',
      'allow leak 1',
      'allow reuse',
      'matrix page = 4096, 65536',
      'matrix at = (0 .. 4096), (GPA +: 8192)',
    ].join('\n'),
  );
});

/** Part of a line, and what its node's place must cut out of the text. */
test('an operand in brackets keeps its brackets in the place of what it is part of', () => {
  const text = 'let x = (a + b) * ((c))';
  const [statement] = parse(text).file.statements;
  expect(statement?.kind === 'let' && text.slice(statement.value.start, statement.value.end)).toBe('(a + b) * ((c))');
});
