// For every failure condition of every RMI command the smallest calls that trigger exactly it, and for every pair that the
// specification orders, calls that trigger both and see the first.
import { afterAll, describe, expect, test } from 'vitest';
import { Machine, type MachineOptions, OPERATIONS } from '../../../server/src/emulator/index.ts';
import { Script } from '../script.ts';
import { type CommandConditions, type Condition, SHARED } from './condition.ts';
import { GRANULES_AND_DATA } from './granules-and-data.ts';
import { RECS_CONDITIONS } from './recs.ts';
import { TABLES } from './tables.ts';

const ALL = [...GRANULES_AND_DATA, ...TABLES, ...RECS_CONDITIONS];
/** Conditions that the reference lists for RMM 1.0. */
const TOTAL = 205;

const MEMORY: Readonly<Record<'small' | 'high' | 'large', { base: number; size: number }>> = {
  small: { base: 0x8000_0000, size: 2 ** 24 },
  high: { base: 2 ** 48, size: 2 ** 24 },
  large: { base: 0x8000_0000, size: 2 ** 32 },
};

interface Trial {
  readonly memory: 'small' | 'high' | 'large';
  readonly model: 'rmm/1.0' | 'rmm/1.0-tf';
  readonly lines: readonly string[];
  /** The last line that is a call of the command: the one to judge. */
  readonly judged: string;
}

/** The lines of a call in which all of these conditions fail; of those that change one argument the first decides. */
function trial(of: CommandConditions, failing: readonly Condition[]): Trial {
  const merged = <K extends 'args' | 'fields'>(key: K) =>
    Object.assign({}, ...[...failing].reverse().map((c) => c[key]));
  const args: Record<string, string> = { ...of.good, ...merged('args') };
  const fields = { ...of.fields, ...merged('fields') };
  const record = of.fields
    ? ` {${Object.entries(fields)
        .map(([k, v]) => `${k}: ${v}`)
        .join(', ')}}`
    : '';
  const call = `${of.command} ${Object.values(args).join(' ')}${record}`;
  const prepare = failing.map((c) => c.prepare).find((lines) => lines !== undefined) ?? of.prepare ?? '';
  const before = failing.map((c) => c.before ?? '').join('');
  const memory = failing.map((c) => c.memory).find((m) => m !== undefined) ?? 'small';
  const meanwhile = failing.find((c) => c.meanwhile)?.meanwhile;
  const isRunning = failing.some((c) => c.running);
  const base = `let B = ${MEMORY[memory].base}`;
  const judged = isRunning ? `  < host ${call}` : call;
  const around = isRunning
    ? [`RMI_REC_ENTER REC RUN`, judged]
    : meanwhile
      ? [judged, `  < host ${meanwhile}`]
      : [judged];
  return {
    memory,
    model: failing.map((c) => c.model).find((m) => m !== undefined) ?? 'rmm/1.0',
    lines: [base, ...`${SHARED}${prepare}${before}`.split('\n'), ...around],
    judged,
  };
}

/** What came of the judged line: the result, and the check that refused it. */
function outcome({ memory, model, lines, judged }: Trial): { result: string; check: string } {
  const options: MachineOptions = { dram: MEMORY[memory], rmm: model };
  const script = new Script(new Machine(options));
  const shown = lines.map((line, i) => script.line(line, lines.slice(i + 1)));
  const [, answer = ''] = (shown[lines.lastIndexOf(judged)] ?? '').split(' = ');
  const [result = '', check = ''] = answer.split(' ');
  return { result, check };
}

const nameOf = ({ id, nth = 0 }: Condition) => (nth === 0 ? id : `${id} #${nth + 1}`);

describe.each(ALL)('$command', (of) => {
  const operation = OPERATIONS.get(of.command);

  test('succeeds where nothing fails', () => {
    expect(outcome(trial(of, [])).result).toBe('RMI_SUCCESS');
  });

  const reachable = of.conditions.filter(({ unreachable }) => unreachable === undefined);
  for (const condition of reachable) {
    test(`fails with ${nameOf(condition)}${condition.meanwhile ? ' at the exit' : ''}`, () => {
      const { result, check } = outcome(trial(of, [condition]));
      if (condition.meanwhile) {
        expect(result).toBe('RMI_ERROR_INPUT');
        return;
      }
      const checks = operation?.checks.filter(({ id }) => id === condition.id) ?? [];
      const judged = checks[condition.nth ?? 0];
      expect(check).toBe(condition.id);
      expect(result.replace(/\(.*/, '')).toBe(judged?.statusText.replace(/\(.*/, ''));
    });
  }

  for (const [firsts, seconds] of of.order ?? []) {
    for (const [first, second] of firsts.flatMap((a) => seconds.map((b) => [a, b] as const))) {
      test(`${first} is reported before ${second}`, () => {
        const find = (id: string) => reachable.filter((condition) => condition.id === id);
        for (const a of find(first).filter(({ meanwhile, nth = 0 }) => !meanwhile && nth === 0)) {
          for (const b of find(second)) expect(outcome(trial(of, [a, b])).check).toBe(first);
        }
      });
    }
  }
});

test('every check of every command is listed', () => {
  const rows = ALL.map(
    ({ command, conditions }) => `${command}: ${[...new Set(conditions.map(({ id }) => id))].sort().join(' ')}`,
  );
  const checks = ALL.map(({ command }) => {
    const ids = OPERATIONS.get(command)?.checks.map(({ id }) => id) ?? [];
    return `${command}: ${[...new Set(ids)].sort().join(' ')}`;
  });
  expect(rows).toEqual(checks);
});

const listed = ALL.flatMap(({ command, conditions }) => conditions.map((condition) => ({ command, ...condition })));
const unreachable = listed.filter((condition) => condition.unreachable !== undefined);

test('all conditions of the reference are here', () => {
  expect(listed).toHaveLength(TOTAL);
});

afterAll(() => {
  console.log(`${listed.length - unreachable.length} of ${TOTAL} conditions`);
  for (const { command, id, unreachable: reason } of unreachable)
    console.log(`  not reachable: ${command} ${id}: ${reason}`);
});
