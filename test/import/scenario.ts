// Checking an imported scenario, as `cocoscn check` would.
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { problemText } from '../../server/src/report/text.ts';

/** What is wrong with a scenario, each problem in its lines; empty if all holds. */
export function problemsIn(text: string, name = 'imported.cocoscn'): string[] {
  const analysis = analyse(name, text, () => ({ problem: 'there is no such file' }));
  finish(analysis);
  return problemsOf(analysis).map((problem) => problemText(problem));
}
