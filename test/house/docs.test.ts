// The documentation is true: its scenarios run and show exactly the problems they mark, its links lead somewhere.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileResolver, MAX_FILE_BYTES } from '../../server/src/edge/files.ts';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { trace } from '../../server/src/report/trace.ts';
import { entryText } from '../../server/src/report/trace-text.ts';
import { LIMITS, MOST_PROBLEMS } from '../../server/src/scenario/index.ts';
import { unmarked } from '../grammar/marked.ts';
import { withMarkers } from '../markers.ts';
import { ROOT, read } from './sources.ts';

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...fs.readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`),
];
const resolver = fileResolver(path.join(ROOT, 'samples'));

const blocks = pages.flatMap((page) =>
  [...read(page).matchAll(/^```cocoscn\n(.*?)^```$/gms)].map(
    (match, i) => [`${page} #${i + 1}`, match[1] ?? ''] as const,
  ),
);

test('there are examples', () => {
  expect(blocks.length).toBeGreaterThan(10);
});

describe('examples', () => {
  test.each(blocks)('%s', (_name, text) => {
    const analysis = analyse('example.cocoscn', unmarked(text), resolver);
    finish(analysis);
    expect(withMarkers('example.cocoscn', unmarked(text), problemsOf(analysis))).toBe(text);
  });
});

test('the trace in the README is that of the scenario above it', () => {
  const [, scenario] = blocks.find(([name]) => name === 'README.md #1') ?? ['', ''];
  const shown = /^```\n(.*?)^```$/ms.exec(read('README.md').replace(/^```cocoscn\n.*?^```$/ms, ''))?.[1] ?? '';
  const { run, program } = analyse('readme.cocoscn', scenario, resolver);
  const printed = [...trace(run)].map((entry) => entryText(entry, program)).join('');
  expect(shown).toContain('RMI_ERROR_RTT(1)');
  expect(printed).toContain(shown);
});

test.each(pages)('links of %s', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? '');
  const missing = links.filter((link) => !fs.existsSync(path.join(ROOT, path.dirname(page), link)));
  expect(missing).toEqual([]);
});

test('the limits in the README are those of the sources', () => {
  const text = read('README.md').replaceAll('\n', ' ');
  expect(text).toContain(`A file has at most ${MAX_FILE_BYTES / 1024 / 1024} MB`);
  expect(text).toContain(`Of a run ${MOST_PROBLEMS} statements`);
  const grouped = (n: number) => n.toLocaleString('en-US');
  expect(text).toContain(`a run at most ${grouped(LIMITS.steps)} steps`);
  expect(text).toContain(`the DRAM at most ${LIMITS.dram / 1024 ** 3}G`);
  expect(text).toContain(`unfold to at most ${grouped(LIMITS.instructions)} statements`);
  expect(text).toContain(`at most ${LIMITS.callDepth} deep, files are included at most ${LIMITS.includeDepth} deep`);
});
