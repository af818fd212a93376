// `npm run conformance -- <files or folders>…`: holds the emulator against recorded traces and says where they differ.
import { InputError, readText, tracesIn } from './input.ts';
import { replay, type Verdict } from './replay.ts';
import { sequencesOf } from './trace.ts';

const USAGE = 'usage: npm run conformance -- <file or folder>…   (.jsonl, .jsonl.gz, .json)';

interface Tally {
  passed: number;
  failed: number;
  calls: number;
  readonly skipped: Map<string, number>;
}

/** Returns the exit status: 0 all passed, 1 some failed, 2 the input cannot be used. Prints one line at a time. */
export function conformance(args: readonly string[], print: (line: string) => void): number {
  if (args.length === 0 || args.includes('--help')) {
    print(USAGE);
    return args.length === 0 ? 2 : 0;
  }
  const tally: Tally = { passed: 0, failed: 0, calls: 0, skipped: new Map() };
  try {
    for (const file of args.flatMap(tracesIn)) replayFile(file, tally, print);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    print(error.message);
    return 2;
  }
  return close(tally, print);
}

function replayFile(file: string, tally: Tally, print: (line: string) => void): void {
  const text = readText(file);
  if (isScenarioFile(text)) {
    for (const id of scenarioIds(text, file)) skip(tally, `${id.format}: no layer that runs these yet`);
    return;
  }
  for (const sequence of sequencesOf(text, file)) {
    const verdict = replay(sequence);
    if (verdict.kind === 'skipped') skip(tally, verdict.reason);
    if (verdict.kind === 'failed') {
      tally.failed++;
      print(failure(sequence.id, verdict));
    }
    if (verdict.kind === 'passed') {
      tally.passed++;
      tally.calls += verdict.calls;
    }
  }
}

const skip = (tally: Tally, reason: string) => void tally.skipped.set(reason, (tally.skipped.get(reason) ?? 0) + 1);

/** One JSON object with a list of scenarios, for KVM and guest_memfd. */
const isScenarioFile = (text: string) => /^\s*\{\s*"format"\s*:/.test(text);

function scenarioIds(text: string, file: string): { format: string }[] {
  try {
    const { format, scenarios } = JSON.parse(text) as { format?: unknown; scenarios?: unknown };
    if (Array.isArray(scenarios)) return scenarios.map(() => ({ format: `${format}` }));
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message}`);
  }
  throw new InputError(`${file}: a file of scenarios without "scenarios"`);
}

function failure(id: string, { index, call, difference }: Extract<Verdict, { kind: 'failed' }>): string {
  return [
    `FAILED ${id}, call ${index}: ${call.fn}(${(call.args ?? []).join(', ')})`,
    `  ${difference.what}`,
    `    expected: ${difference.expected}`,
    `    actual:   ${difference.actual}`,
  ].join('\n');
}

function close({ passed, failed, calls, skipped }: Tally, print: (line: string) => void): number {
  print(`${calls} calls replayed`);
  for (const [reason, count] of [...skipped].sort(([, a], [, b]) => b - a)) print(`  skipped ${count}: ${reason}`);
  const total = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  print(`${passed} passed, ${failed} failed${total > 0 ? `, ${total} skipped` : ''}`);
  return failed > 0 ? 1 : 0;
}
