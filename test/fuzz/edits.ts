// Edits as people make them: a few characters at one place, a line taken out, doubled or put in from elsewhere.
import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';

export const SAMPLES: string = path.join(import.meta.dirname, '../../samples');

export const samples: readonly string[] = fs
  .readdirSync(SAMPLES)
  .filter((name) => name.endsWith('.cocoscn'))
  .map((name) => fs.readFileSync(path.join(SAMPLES, name), 'utf8'));

/** What is typed, often enough what changes how the rest is read. */
const typed = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('x', '1', ' ', '\n', ' // why\n', '// ', '0') },
  fc.constantFrom('x', '1', '(', ')', '{', '}', '{\n', '\n', '\n}\n', ' ', '//', '/*', '*/', '"', '=', '> ', '< ', ','),
  fc.constantFrom(
    'let A = 1\n',
    'RMI_VERSION(0)\n',
    'expect A == 1\n',
    'for i in 0 .. 2 {\n',
    'model "x"\n',
    'inject ',
  ),
);

export const edit = fc.record({
  kind: fc.constantFrom('type', 'delete', 'drop line', 'double line', 'graft line', 'digit', 'word'),
  /** Where, as a part of the text in 10,000ths; without the generator's love of ends. */
  at: fc.noBias(fc.nat(10_000)),
  length: fc.integer({ min: 1, max: 12 }),
  typed,
  from: fc.nat(),
  /** Taken back at once, as most of what breaks a text is. */
  undone: fc.boolean(),
});

export type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

const WORD = /\b\w+/g;

/** The texts that come of edits one after the other. */
export function* versions(text: string, edits: readonly Edit[]): Iterable<string> {
  let now = text;
  for (const one of edits) {
    const next = edited(now, one);
    yield next;
    if (one.undone) yield now;
    else now = next;
  }
}

function edited(text: string, { kind, at, length, typed, from }: Edit): string {
  const offset = Math.floor((at / 10_000) * text.length);
  const [before, after] = [text.slice(0, offset), text.slice(offset)];
  const lines = text.split('\n');
  const line = Math.floor((at / 10_000) * lines.length);
  switch (kind) {
    case 'type':
      return before + typed + after;
    case 'delete':
      return before + after.slice(length);
    case 'digit':
      return before + after.replace(/\d/, String(from % 10));
    case 'word': {
      const words = text.match(WORD) ?? [];
      return before + after.replace(/\b\w+/, words[from % words.length] ?? '');
    }
    case 'drop line':
      return lines.toSpliced(line, 1).join('\n');
    case 'double line':
      return lines.toSpliced(line, 0, lines[line] ?? '').join('\n');
    default: {
      const others = (samples[from % samples.length] ?? '').split('\n');
      return lines.toSpliced(line, 0, others[from % others.length] ?? '').join('\n');
    }
  }
}
