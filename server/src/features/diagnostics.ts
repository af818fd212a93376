// What is wrong with a scenario as an editor lists it: file by file, each place once, and a word where checking stopped early.
import { LIMITS, type Problem, type SourceFile } from '../scenario/index.ts';
import { type Analysis, problemsOf } from './analysis.ts';

export interface Diagnostic extends Omit<Problem, 'severity'> {
  readonly severity: Problem['severity'] | 'information';
  /** How many more times the same statement showed the same problem: in a loop, a range, a sequence called twice. */
  readonly again: number;
}

/** Diagnostics of the scenario and of every file that it includes, by path; a file without problems has an empty list. */
export function diagnosticsOf(analysis: Analysis, stoppedEarly: boolean): Map<SourceFile, Diagnostic[]> {
  const { program } = analysis;
  const lists = new Map<SourceFile, Diagnostic[]>(program.files.map((file) => [file, []]));
  const add = (diagnostic: Diagnostic) => lists.get(diagnostic.file)?.push(diagnostic);
  if (stoppedEarly) add(unfinished(analysis));
  for (const diagnostic of grouped(problemsOf(analysis))) add(diagnostic);
  return lists;
}

/** A statement that fails a thousand times is one problem to mend; the first failure stands for all. */
function grouped(problems: readonly Problem[]): Diagnostic[] {
  const groups = new Map<string, { readonly first: Problem; again: number }>();
  for (const problem of problems) {
    const { file, span, code } = problem;
    const key = `${code} ${span.start} ${span.end} ${file.path}`;
    const group = groups.get(key);
    if (group) group.again++;
    else groups.set(key, { first: problem, again: 0 });
  }
  return [...groups.values()].map(({ first, again }) => ({ ...first, again }));
}

/** The editor checks for a short time only; the command line runs the scenario to its end. */
function unfinished({ program, run }: Analysis): Diagnostic {
  const { main } = program;
  const steps = run.log.lastStep;
  return {
    code: 'CCS209',
    severity: 'information',
    file: main,
    span: { start: 0, end: main.text.search(/[\r\n]|$/) },
    message: `checked the first ${steps} steps while you type; \`cocoscn check\` runs all of them, up to ${LIMITS.steps}`,
    again: 0,
  };
}
