// `cocoscn check`: what is wrong with scenarios, as a compiler says it.
import { finish, passes, problemsOf } from '../features/analysis.ts';
import { JSON_VERSION, problemJson } from '../report/json.ts';
import { problemText } from '../report/text.ts';
import { EXIT, type Exit, guarded, open, worst } from './input.ts';
import { print } from './output.ts';

export function check(files: readonly string[], format: 'text' | 'json'): Exit {
  const reports: unknown[] = [];
  const exit = worst(files.map((file) => guarded(file, () => checkFile(file, format, reports))));
  if (format === 'json') print(`${JSON.stringify({ version: JSON_VERSION, command: 'check', files: reports })}\n`);
  return exit;
}

function checkFile(file: string, format: 'text' | 'json', reports: unknown[]): Exit {
  const opened = open(file);
  if (!opened) return EXIT.unusable;
  finish(opened);
  const problems = problemsOf(opened);
  const { folder, name } = opened.source;
  if (format === 'text') for (const problem of problems) print(`${problemText(problem, folder)}\n`);
  else
    reports.push({
      file: folder + name,
      ok: passes(problems),
      problems: problems.map((problem) => problemJson(problem, folder)),
    });
  return passes(problems) ? EXIT.good : EXIT.failed;
}
