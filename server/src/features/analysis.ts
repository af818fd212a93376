// A scenario read, compiled and run: what every feature and every edge starts from.
import { Run } from '../run/index.ts';
import { compile, MOST_PROBLEMS, type Problem, type Program, type Resolver } from '../scenario/index.ts';

export interface Analysis {
  readonly program: Program;
  readonly run: Run;
}

/**
 * Reads and compiles a scenario; its run stands at the beginning. Never throws.
 *
 * `before` is the analysis of the text before an edit. It is used up: what the edit did not touch is not done again, and the
 * run stands at the edit. What comes of it is the same as without it.
 */
export function analyse(path: string, text: string, resolver: Resolver, before?: Analysis): Analysis {
  const program = compile(path, text, resolver, before?.program);
  return { program, run: new Run(program, before?.run) };
}

/** Runs to the end, or until the budget is used up. */
export function finish({ run }: Analysis): void {
  while (run.advanceBy(Number.MAX_SAFE_INTEGER));
}

/** All that is wrong with the scenario as far as it was run, syntax first, in the order of the run. */
export function problemsOf({ program, run }: Analysis): Problem[] {
  const problems = [...program.problems, ...run.problems];
  if (run.unlisted) problems.push(unlisted(run.unlisted));
  if (!run.finished) return problems;
  if (run.exhausted !== undefined && run.next) problems.push(budgetUsed(run));
  else problems.push(...unspentFaults(run));
  return program.xfail === undefined ? problems : expectFailure(program, problems);
}

/** No error is left. A scenario marked `xfail` passes when it fails. */
export const passes = (problems: readonly Problem[]): boolean => problems.every(({ severity }) => severity !== 'error');

function budgetUsed({ next, program, exhausted }: Run): Problem {
  const site = next?.site ?? { file: program.main, span: { start: 0, end: 0 } };
  const message = `${exhausted}; what follows was not run`;
  return { code: 'CCS209', severity: 'error', file: site.file, span: site.span, message };
}

function unlisted({ moments, site: { file, span } }: NonNullable<Run['unlisted']>): Problem {
  const message = `${moments} more statements went wrong from here on; ${MOST_PROBLEMS} are listed`;
  return { code: 'CCS209', severity: 'error', file, span, message };
}

/** An injected fault that no call ever met says nothing: most likely it was counted wrongly. */
function unspentFaults(run: Run): Problem[] {
  return run.faults.unspent.map(({ instruction: { site, operation, nth }, waits }) => ({
    code: 'CCS403',
    severity: 'warning',
    file: site.file,
    span: site.span,
    message: `the fault for call ${nth} of ${operation.name} was never met: ${times(nth - waits)} came after it`,
  }));
}

const times = (calls: number) => (calls === 1 ? '1 call' : `${calls} calls`);

/** With `xfail` failures are expected and become warnings; success is the error. */
function expectFailure({ main, xfail }: Program, problems: readonly Problem[]): Problem[] {
  const failed = problems.some(({ code, severity }) => severity === 'error' && /^CCS[345]/.test(code));
  if (failed)
    return problems.map((problem) => (/^CCS[345]/.test(problem.code) ? { ...problem, severity: 'warning' } : problem));
  const message = `everything holds, but the file expects to fail: ${xfail}`;
  return [...problems, { code: 'CCS404', severity: 'error', file: main, span: { start: 0, end: 0 }, message }];
}
