// The kvm part of `npm run conformance`: every case of a file, what became of it, and what is missing for those that failed.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { writeCase } from './case-text.ts';
import { type Difference, judge, type Verdict } from './judge.ts';
import { skipReason } from './profiles.ts';
import { type Case, casesOf } from './scenario-file.ts';

/** Judges the cases of a file; `tell` takes each verdict. With a folder the texts are left there. */
export function judgeFile(
  text: string,
  file: string,
  folder: string | undefined,
  tell: (one: Case, verdict: Verdict) => void,
): void {
  if (folder !== undefined) fs.mkdirSync(folder, { recursive: true });
  for (const one of casesOf(text, file)) {
    if (folder !== undefined && skipReason(one) === undefined) {
      fs.writeFileSync(path.join(folder, `${one.id.replace(/[^\w.+-]/g, '_')}.cocoscn`), writeCase(one).text);
    }
    tell(one, judge(one));
  }
}

/** One JSON object with a list of scenarios. */
export const isScenarioFile = (text: string): boolean => /^\s*\{\s*"format"\s*:/.test(text);

export function failureText({ id, title }: Case, { step, what, expected, actual }: Difference): string {
  const call = step ? `step ${step.n}: ${step.actor} ${step.op} ${argumentsText(step.args)}` : 'before its first step';
  return [`FAILED ${id} (${title}), ${call}`, `  ${what}`, `    expected: ${expected}`, `    actual:   ${actual}`].join(
    '\n',
  );
}

const argumentsText = (args: unknown) =>
  JSON.stringify(args, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)).replaceAll('"', '');

/** What the failed cases need that is not there, the most wanted first. */
export function missingText(lacking: ReadonlyMap<string, readonly string[]>): string[] {
  const rows = [...lacking].sort(([a, x], [b, y]) => y.length - x.length || a.localeCompare(b));
  return rows.map(([what, cases]) => `  ${cases.length} need ${what}: ${cases.join(', ')}`);
}
