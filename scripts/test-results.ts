// Reads how many tests passed and failed from the files that the test runners write.

import * as fs from 'node:fs';

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** The tests by name, where the runner could not print them itself. */
  readonly report?: string;
}

/** Undefined when the file is missing or damaged, that is, when its runner died. Takes vitest's JSON and our own. */
export function readOutcome(file: string): Outcome | undefined {
  let content: unknown;
  try {
    content = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null) return undefined;
  if ('testResults' in content && Array.isArray(content.testResults)) return fromVitest(content.testResults);
  if (!('passed' in content) || !('failed' in content)) return undefined;
  const { passed, failed } = content;
  if (typeof passed !== 'number' || typeof failed !== 'number') return undefined;
  return 'report' in content && typeof content.report === 'string'
    ? { passed, failed, report: content.report }
    : { passed, failed };
}

interface VitestFile {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

/** A file that failed before its first test, at an import for instance, counts as one failure. */
function fromVitest(files: readonly VitestFile[]): Outcome {
  const count = (status: string): number =>
    files.reduce((sum, file) => sum + file.assertionResults.filter((test) => test.status === status).length, 0);
  const broken = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  return { passed: count('passed'), failed: count('failed') + broken };
}
