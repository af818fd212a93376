// Every sample holds, says what it teaches, and has the trace that was read and kept beside this file.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../../grammar/src/index.ts';
import { fileResolver, readScenario } from '../../server/src/edge/files.ts';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { problemText } from '../../server/src/report/text.ts';
import { trace } from '../../server/src/report/trace.ts';
import { entryText, headerText, summaryText } from '../../server/src/report/trace-text.ts';
import { expectGolden } from '../golden.ts';

const folder = path.join(import.meta.dirname, '../../samples');
const samples = fs.readdirSync(folder).filter((name) => name.endsWith('.cocoscn'));

/** What `cocoscn run` prints, in the folder of the samples; `change` edits the text before. */
function transcript(name: string, change = (text: string) => text): string {
  const source = readScenario(path.join(folder, name));
  if ('problem' in source) return source.problem;
  const analysis = analyse(source.name, change(source.text), source.resolver);
  const entries = [...trace(analysis.run)].map((entry) => entryText(entry, analysis.program));
  const problems = problemsOf(analysis).map((problem) => `${problemText(problem)}\n`);
  const summary = summaryText(analysis.run.log.lastStep, problems.length, 0);
  return `${headerText(analysis.program)}\n${entries.join('')}\n${problems.join('')}${summary}\n`;
}

test('there are samples, numbered without a gap', () => {
  const numbers = samples.map((name) => Number(name.slice(0, 2)));
  expect(numbers.length).toBeGreaterThanOrEqual(10);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
});

describe.each(samples)('%s', (name) => {
  const text = fs.readFileSync(path.join(folder, name), 'utf8');

  test('has a complete header', () => {
    const { file, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(text.startsWith('// SPDX-License-Identifier: Apache-2.0\n')).toBe(true);
    expect(file.description.length).toBeGreaterThan(80);
    expect(file.scenario?.value).toBeTruthy();
    expect(file.headers.map(({ kind }) => kind).slice(0, 2)).toEqual(['model', 'platform']);
  });

  test('can be pasted into a mail: no line above 130 characters', () => {
    expect(text.split('\n').filter((line) => line.length > 130)).toEqual([]);
  });

  // A folio of 1G is 262144 pages whose changes are told.
  test('holds, and its trace is the one that was read', { timeout: 60_000 }, () => {
    const actual = transcript(name);
    expect(actual).toMatch(/\n\d+ steps, all expectations hold\n$/);
    expectGolden(path.join(import.meta.dirname, name.replace(/\.cocoscn$/, '.trace')), actual);
  });
});

test('what the sample of TF-RMM marks is different in the specification, line by line', () => {
  const name = '29-tf-rmm.cocoscn';
  const text = fs.readFileSync(path.join(folder, name), 'utf8').replace('"rmm/1.0-tf"', '"rmm/1.0"');
  const analysis = analyse(name, text, fileResolver(folder));
  finish(analysis);
  const lines = text.split('\n');
  const wrong = problemsOf(analysis)
    .filter(({ code }) => code === 'CCS301')
    .map(({ file, span }) => lines[file.line(span.start) - 1]);
  expect(wrong).toEqual(lines.filter((line) => line.includes('// rmm/1.0: ')));
});

const ofV9 = samples.filter((name) => fs.readFileSync(path.join(folder, name), 'utf8').includes('"linux/cca-v9"'));

test.each(ofV9)('%s goes the same way in v10 of the series', (name) => {
  const inV10 = transcript(name, (text) => text.replace('"linux/cca-v9"', '"linux/cca-v10"'));
  expect(inV10).toBe(transcript(name).replace('model linux/cca-v9', 'model linux/cca-v10'));
});

test('v10 of the series has no call of v12', () => {
  const call = 'KVM_ARM_RMI_POPULATE(vm, base=GPA, size=4K)\n';
  const inV10 = transcript(ofV9[0] ?? '', (text) => `${text.replace('"linux/cca-v9"', '"linux/cca-v10"')}${call}`);
  expect(inV10).toContain('"linux/cca-v10" has no KVM_ARM_RMI_POPULATE');
});

test('no golden trace is left of a sample that is gone', () => {
  const traces = fs.readdirSync(import.meta.dirname).filter((name) => name.endsWith('.trace'));
  expect(traces.sort()).toEqual(samples.map((name) => name.replace(/\.cocoscn$/, '.trace')).sort());
});
