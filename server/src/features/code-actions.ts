// What mends a problem: the fixes that came with it, and to expect what happened where the expectation was wrong.

import type { Span } from '../../../grammar/src/index.ts';
import type { CallInstruction, Fix, Problem } from '../scenario/index.ts';
import { type Analysis, problemsOf } from './analysis.ts';
import type { Subject } from './subject.ts';

export interface CodeAction extends Fix {
  readonly problem: Problem;
  /** The only way to mend it that is known. */
  readonly preferred: boolean;
}

/** Fixes of the problems that touch a part of the document. */
export function codeActions({ analysis, file }: Subject, { start, end }: Span): CodeAction[] {
  const problems = problemsOf(analysis).filter(
    (problem) => problem.file === file && problem.span.start <= end && problem.span.end >= start,
  );
  const seen = new Set<string>();
  return problems.flatMap((problem) => {
    const fixes = problem.fixes ?? [];
    const expected = expectThis(analysis, problem);
    return [
      ...fixes.map((fix) => ({ ...fix, problem, preferred: fixes.length === 1 })),
      ...(expected ? [{ ...expected, problem, preferred: false }] : []),
    ].filter((action) => {
      const key = `${action.title} ${action.edits[0]?.span.start}`;
      return !seen.has(key) && seen.add(key);
    });
  });
}

/** The edit that makes the scenario say what happened. */
function expectThis(analysis: Analysis, problem: Problem): Fix | undefined {
  switch (problem.code) {
    case 'CCS301':
      return expectResult(analysis, problem);
    case 'CCS302': {
      const { file, span, actual } = problem;
      return actual === undefined ? undefined : { title: `Expect ${actual}`, edits: [{ file, span, text: actual }] };
    }
    case 'CCS401':
      return expectState(analysis, problem);
    default:
      return undefined;
  }
}

/** The moment that showed a problem. */
function momentOf({ run }: Analysis, problem: Problem): number | undefined {
  const { code, file, span } = problem;
  const isIt = (other: Problem) => other.code === code && other.file === file && other.span.start === span.start;
  return run.failures.find((moment) => run.problemsAt(moment).some(isIt));
}

/** Only where the statement returns the same every time: another demand would break the other times. */
function expectResult(analysis: Analysis, problem: Problem): Fix | undefined {
  const moment = momentOf(analysis, problem);
  const { run, program } = analysis;
  const call = moment === undefined ? undefined : run.instructionAt(moment);
  if (moment === undefined || call?.kind !== 'call') return undefined;
  const code = run.log.code(moment);
  const same = (other: CallInstruction) =>
    other.site.file === call.site.file && other.site.span.start === call.site.span.start;
  for (let m = 1; m <= run.reached; m++) {
    const other = run.instructionAt(m);
    if (other?.kind === 'call' && same(other) && run.log.code(m) !== code) return undefined;
  }
  const { file, span } = call.site;
  const text = run.resultText(call.operation, code);
  const title = `Expect this result: ${text}`;
  if (!program.files.includes(file)) return undefined;
  return call.expected
    ? { title, edits: [{ file, span: call.expected.span, text }] }
    : { title, edits: [{ file, span: { start: span.end, end: span.end }, text: ` = ${text}` }] };
}

/** Replaces the states after `is`. */
function expectState(analysis: Analysis, problem: Problem): Fix | undefined {
  const moment = momentOf(analysis, problem);
  const expect = moment === undefined ? undefined : analysis.run.instructionAt(moment);
  if (expect?.kind !== 'expect' || expect.condition.kind !== 'is') return undefined;
  const { view } = expect.condition;
  const { file, span } = expect.site;
  const state = problem.actual ?? '';
  if (!view.view.states.includes(state)) return undefined;
  return {
    title: `Expect ${state}`,
    edits: [{ file, span: { start: view.span.end, end: span.end }, text: ` is ${state}` }],
  };
}
