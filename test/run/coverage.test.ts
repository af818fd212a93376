// Small scenarios for questions of the seed list that no sample asks; docs/coverage.md refers to them by their titles.
import { expect, test } from 'vitest';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { SCENARIOS as HUGE } from './coverage/huge.ts';
import { SCENARIOS as IN_PLACE } from './coverage/in-place.ts';
import { SCENARIOS as LANDING } from './coverage/landing.ts';
import { SCENARIOS as MEMORY } from './coverage/memory.ts';
import { SCENARIOS as PINS } from './coverage/pins.ts';
import { SCENARIOS as STUCK } from './coverage/stuck.ts';
import { SCENARIOS as TRUNCATION } from './coverage/truncation.ts';

const SCENARIOS = [...MEMORY, ...IN_PLACE, ...HUGE, ...PINS, ...STUCK, ...LANDING, ...TRUNCATION];

const titled = SCENARIOS.map((text) => [/"(.*)"/.exec(text)?.[1] ?? '', text] as const);

test.each(titled)('%s', (_, text) => {
  const analysis = analyse('coverage.cocoscn', `${text}\n`, () => ({ problem: 'there is no such file' }));
  finish(analysis);
  expect(problemsOf(analysis).map(({ code, message }) => `${code} ${message}`)).toEqual([]);
});
