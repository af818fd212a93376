// `npm run conformance -- <files or folders>…`: holds the emulator against recorded data and says where they differ.
import { InputError, readText, tracesIn } from './input.ts';
import { failureText, isScenarioFile, judgeFile, missingText } from './kvm/command.ts';
import { replay, type Verdict } from './replay.ts';
import { sequencesOf } from './trace.ts';

const USAGE = `usage: npm run conformance -- [--write DIR] <file or folder>…   (.jsonl, .jsonl.gz, .json)
  --write DIR  leaves the scenarios there that cases for guest_memfd and KVM become`;

interface Tally {
  passed: number;
  failed: number;
  calls: number;
  readonly skipped: Map<string, number>;
  /** Operations and views that are not there, and the cases that need them. */
  readonly lacking: Map<string, string[]>;
}

/** Returns the exit status: 0 all passed, 1 some failed, 2 the input cannot be used. Prints one line at a time. */
export function conformance(args: readonly string[], print: (line: string) => void): number {
  if (args.length === 0 || args.includes('--help')) {
    print(USAGE);
    return args.length === 0 ? 2 : 0;
  }
  const tally: Tally = { passed: 0, failed: 0, calls: 0, skipped: new Map(), lacking: new Map() };
  const option = args.indexOf('--write');
  const folder = option < 0 ? undefined : args[option + 1];
  const files = args.filter((_, i) => option < 0 || (i !== option && i !== option + 1));
  if (files.length === 0 || (option >= 0 && folder === undefined)) {
    print(USAGE);
    return 2;
  }
  try {
    for (const file of files.flatMap(tracesIn)) replayFile(file, folder, tally, print);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    print(error.message);
    return 2;
  }
  return close(tally, print);
}

function replayFile(file: string, folder: string | undefined, tally: Tally, print: (line: string) => void): void {
  const text = readText(file);
  if (isScenarioFile(text)) return judgeScenarios(text, file, folder, tally, print);
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

function judgeScenarios(
  text: string,
  file: string,
  folder: string | undefined,
  tally: Tally,
  print: (line: string) => void,
): void {
  judgeFile(text, file, folder, (one, verdict) => {
    if (verdict.kind === 'skipped') skip(tally, verdict.reason);
    if (verdict.kind === 'passed') tally.passed++;
    if (verdict.kind !== 'failed') return;
    tally.failed++;
    print(failureText(one, verdict.difference));
    for (const what of verdict.missing) tally.lacking.set(what, [...(tally.lacking.get(what) ?? []), one.id]);
  });
}

function failure(id: string, { index, call, difference }: Extract<Verdict, { kind: 'failed' }>): string {
  return [
    `FAILED ${id}, call ${index}: ${call.fn}(${(call.args ?? []).join(', ')})`,
    `  ${difference.what}`,
    `    expected: ${difference.expected}`,
    `    actual:   ${difference.actual}`,
  ].join('\n');
}

function close({ passed, failed, calls, skipped, lacking }: Tally, print: (line: string) => void): number {
  if (lacking.size > 0) print('not there:');
  for (const line of missingText(lacking)) print(line);
  print(`${calls} calls replayed`);
  for (const [reason, count] of [...skipped].sort(([, a], [, b]) => b - a)) print(`  skipped ${count}: ${reason}`);
  const total = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  print(`${passed} passed, ${failed} failed${total > 0 ? `, ${total} skipped` : ''}`);
  return failed > 0 ? 1 : 0;
}
