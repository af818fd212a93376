// What an editor colours: the generated TextMate grammar, the language configuration and the snippets.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse, words } from '../../grammar/src/index.ts';
import { textMateGrammar } from '../../grammar/src/textmate.ts';
import { expectGolden } from '../golden.ts';
import { fixture, fixturePath } from './fixtures.ts';
import { grammarFrom, highlightLine } from './highlight.ts';

const KNOWN = { operations: ['RMI_DATA_CREATE', 'RMI_GRANULE_DELEGATE', 'TDH.MEM.PAGE.ADD'], views: ['granule', 'pa'] };
const grammar = grammarFrom(textMateGrammar(KNOWN));

const LINES = `
scenario "what it shows"
model    "linux/cca-v9", "rmm/1.0"
platform sw-protected
page     4K
memory   0x8000_0000 +: 4G
allow    leak 1
matrix   page = 4K, 64K
let GPA = 0x8000_0000
let IMG = GPA +: 4K
vm  := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM, ipa_bits=40)
page := mmap_anon(page)
page(scenario)
TDH.MEM.PAGE.ADD(gm[0 .. 16K])
  > RMI_DATA_CREATE(rd(vm), pa(gm[0])) = RMI_ERROR_RTT(2)
  > ...
  < read(GPA) = 0x14000000
expect granule(pa(gm[0])) is DATA // as measured
expect mapped(m[0]) is no && a < b
f() = -EAGAIN {error_offset: 8K}
f() = -1 EAGAIN | *
for off in 0 .. 64K step 4K {
inject RMI_DATA_CREATE nth 10 = RMI_ERROR_INPUT
def realm(gpa, size) {
actor io {
a: pin := pin_user_pages(m[0 +: 4K], FOLL_WRITE | FOLL_LONGTERM)
exists (io.w is host_crash)
schedule io.a, guest.f
include "lib/a\\"b\\q.cocoscn" /* why */
let X = 12abc
`;

test('every piece has its scope', () => {
  const shown = LINES.trim()
    .split('\n')
    .map((line) => [line, ...highlightLine(grammar, line).map((piece) => `    ${piece}`)].join('\n'));
  expectGolden(fixturePath('highlighting.txt'), `${shown.join('\n')}\n`);
});

test('without names it is a grammar still', () => {
  const empty = grammarFrom(textMateGrammar({ operations: [], views: [] }));
  expect(highlightLine(empty, 'RMI_DATA_CREATE()')).toEqual(['RMI_DATA_CREATE entity.name.function']);
});

test('no pattern looks back over a length that varies, which the engine of editors cannot', () => {
  expect(textMateGrammar(KNOWN)).not.toMatch(/\(\?<[=!][^)]*[*+?]/);
});

const root = new URL('../../grammar/', import.meta.url);
const json = (name: string): unknown => JSON.parse(readFileSync(new URL(name, root), 'utf8'));

describe('the language configuration', () => {
  const configuration = json('language-configuration.json');
  const rule = (...path: string[]): RegExp => {
    const value = path.reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
      configuration,
    );
    return new RegExp(String(value));
  };

  test('indents after a line that opens a block or a bracket', () => {
    const increase = rule('indentationRules', 'increaseIndentPattern');
    const open = ['actor io {', 'for x in a .. b { // why', 'RMI_REALM_CREATE(RD, {', 'f('];
    const closed = ['f(1)', '// actor io {', 'f({a: 1})', '}'];
    expect(open.filter((line) => !increase.test(line))).toEqual([]);
    expect(closed.filter((line) => increase.test(line))).toEqual([]);
  });

  test('takes a dotted name, a number and no range as one word', () => {
    const found = 'TDH.MEM.PAGE.ADD(a..b, 0x8000_0000, io.w)'.match(new RegExp(rule('wordPattern').source, 'g'));
    expect(found).toEqual(['TDH.MEM.PAGE.ADD', 'a', 'b', '0x8000_0000', 'io.w']);
  });
});

interface Snippet {
  prefix: string;
  body: string[];
}

function isSnippet(value: unknown): value is Snippet {
  return (
    typeof value === 'object' && value !== null && 'prefix' in value && 'body' in value && Array.isArray(value.body)
  );
}

/** What a snippet leaves in the file when every field keeps what it proposes. */
function expanded({ body }: Snippet): string {
  const proposals = new Map<string, string>();
  const text = body.join('\n').replace(/\$\{(\d+):([^}]*)\}/g, (_, field: string, proposal: string) => {
    proposals.set(field, proposal);
    return proposal;
  });
  return text.replace(/\$(\d+)/g, (_, field: string) => proposals.get(field) ?? '');
}

const snippets = Object.entries(json('snippets.json') ?? {});

test.each(snippets)('the snippet %s is a text without problems', (_name, snippet: unknown) => {
  if (!isSnippet(snippet)) throw new Error('no snippet');
  const text = expanded(snippet);
  const whole = snippet.prefix === 'matrix' ? `scenario "s"\n${text}` : text;
  expect(parse(whole).problems).toEqual([]);
  expect(words.map(({ word }) => word)).toContain(snippet.prefix);
});

test('the samples are highlighted without a piece that is called illegal', () => {
  const text = fixture('cca-populate.cocoscn');
  const illegal = text
    .split('\n')
    .flatMap((line) => highlightLine(grammar, line).filter((piece) => piece.includes('illegal')));
  expect(illegal).toEqual([]);
});
