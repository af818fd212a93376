// The whole life of a page of the kernel's memory: every step that changed it in any of its places, or named it, as text. Takes
// some seconds: one of the runs splits 1G and merges it again.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { analyse } from '../../server/src/features/analysis.ts';
import { history } from '../../server/src/features/history.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import type { Place } from '../../server/src/features/panel-model.ts';
import { viewOf } from '../../server/src/features/timeline-view.ts';
import { Stepper } from '../../server/src/run/index.ts';
import { expectGolden } from '../golden.ts';
import { leaked, pinned, populated, punched } from './kernel-scenarios.ts';

function atEnd(text: string): MomentSource {
  const { run } = analyse('a.cocoscn', text, () => ({ problem: 'none' }));
  const stepper = new Stepper(run);
  while (!stepper.ended) stepper.continue();
  return new MomentSource(stepper, { session: 'test', pathOf: (file) => file.path });
}

function lifeText(source: MomentSource, page: Place): string {
  const view = viewOf(source, (file) => file.path);
  const { run } = source.stepper;
  const hash = run.machine.store.hash;
  const { title, names, life, total } = history(view, page);
  const rows = Array.from({ length: Math.ceil(total / 40) }, (_, i) => history(view, page, i * 40, 40).rows).flat();
  expect(run.machine.store.hash).toBe(hash);
  expect(source.touches(page)).toEqual([...new Set(rows.map(({ n }) => n))]);
  return [
    title,
    ...names.map((name) => `  ${name}`),
    `  ${(life?.band ?? []).map(({ since, state }) => `${since} ${state.text} (${state.family})`).join(', ')}`,
    ...rows.flatMap(({ n, actor, call, state, changes, note }) => [
      `${n} ${actor} ${call}: ${state.text}`,
      ...changes.map(({ field, text, before, after }) => `    ${field} ${text}: ${before.text} -> ${after.text}`),
      ...(note === undefined ? [] : [`    ${note}`]),
    ]),
    '',
  ].join('\n');
}

const place = (kind: Place['kind'], object: string, at: number): Place => ({ kind, object, at });

test('a page of a file that is pinned, converted and read', () => {
  const source = atEnd(pinned);
  const text = lifeText(source, place('gmem', 'gm', 8192));
  expectGolden(path.join(import.meta.dirname, 'golden', 'life-pinned.txt'), text);
  // By whichever place it is asked for, it is the same page.
  for (const same of [
    place('mapping', 'm', 8192),
    place('gpa', 'vm', 0x1_0000_2000),
    place('frame', 'granules', 0x9000_2000),
  ])
    expect(lifeText(source, same)).toBe(text);
});

test('a page whose file lets it go while it is pinned, and one that is leaked', () => {
  const told = [
    lifeText(atEnd(punched), place('gmem', 'gm', 4096)),
    lifeText(atEnd(leaked), place('gmem', 'gm', 4096)),
  ];
  expectGolden(path.join(import.meta.dirname, 'golden', 'life-freed.txt'), told.join('\n'));
});

test('a page that a realm gets, and the page of the VMM that it was copied from', () => {
  const source = atEnd(populated);
  const told = [place('gmem', 'gm', 0), place('mapping', 'src', 0)].map((page) => lifeText(source, page));
  expectGolden(path.join(import.meta.dirname, 'golden', 'life-realm.txt'), told.join('\n'));
});

test('a page of a folio of 1G that is split and merged', { timeout: 30_000 }, () => {
  const sample = path.join(import.meta.dirname, '../../samples/34-split-and-merge.cocoscn');
  const source = atEnd(fs.readFileSync(sample, 'utf8'));
  const told = [place('gmem', 'gm', 20 * 1024), place('gmem', 'gm', 512 * 2 ** 20)].map((page) =>
    lifeText(source, page),
  );
  expectGolden(path.join(import.meta.dirname, 'golden', 'life-split.txt'), told.join('\n'));
});
