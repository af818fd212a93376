// Where the models differ, the page of every command concerned says so.
import { expect, test } from 'vitest';
import { DIFFERENCES } from '../../server/src/emulator/rmm/differences.ts';
import { pageMarkdown } from '../../server/src/report/page.ts';
import { explain } from '../../server/src/report/reference.ts';

const ofCommands = DIFFERENCES.flatMap(({ operations, topic, spec, tf, reason }) =>
  operations.filter((name) => name.startsWith('RMI_')).map((name) => ({ name, topic, spec, tf, reason })),
);

test.each(ofCommands)('$name: $topic', ({ name, topic, spec, tf, reason }) => {
  const page = explain(name);
  if ('near' in page) throw new Error(`${name} has no page`);
  const text = pageMarkdown(page);
  for (const part of [topic, spec, tf, reason]) expect(text).toContain(part);
});

test('each difference has a number of its own', () => {
  const numbers = DIFFERENCES.map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
});
