// `cocoscn run`: the trace of scenarios, step by step with every state change, and the verdict.
import { passes, problemsOf } from '../features/analysis.ts';
import { entryJson, JSON_VERSION, problemJson } from '../report/json.ts';
import { type Paint, problemText } from '../report/text.ts';
import { trace } from '../report/trace.ts';
import { entryText, headerText, summaryText } from '../report/trace-text.ts';
import type { Problem } from '../scenario/index.ts';
import { EXIT, type Exit, guarded, type Opened, open, worst } from './input.ts';
import { print } from './output.ts';

export function run(files: readonly string[], format: 'text' | 'json', paint: Paint): Exit {
  if (format === 'json') return runAsJson(files);
  return worst(files.map((file, i) => guarded(file, () => runAsText(file, i > 0, paint))));
}

function runAsText(file: string, follows: boolean, paint: Paint): Exit {
  const opened = open(file);
  if (!opened) return EXIT.unusable;
  const { program, source } = opened;
  print(`${follows ? '\n' : ''}${headerText(program, source.folder, paint)}\n`);
  for (const entry of trace(opened.run)) print(entryText(entry, program, paint));
  const problems = problemsOf(opened);
  print('\n');
  for (const problem of problems) print(`${problemText(problem, source.folder)}\n`);
  const errors = problems.filter(isError).length;
  print(`${summaryText(opened.run.log.lastStep, errors, problems.length - errors, paint)}\n`);
  return passes(problems) ? EXIT.good : EXIT.failed;
}

const isError = ({ severity }: Problem) => severity === 'error';

/** Printed entry by entry: the trace of a long run does not fit one string. */
function runAsJson(files: readonly string[]): Exit {
  print(`{"version":${JSON_VERSION},"command":"run","files":[`);
  let separator = '\n';
  const exits = files.map((file) =>
    guarded(file, () => {
      const opened = open(file);
      if (!opened) return EXIT.unusable;
      print(separator);
      separator = ',\n';
      return printFile(opened);
    }),
  );
  print('\n]}\n');
  return worst(exits);
}

function printFile(opened: Opened): Exit {
  const { program, source } = opened;
  const { title, description, machine, models, platforms } = program;
  const file = source.folder + source.name;
  const head = { file, title, description, model: machine.rmm, models, platforms };
  print(`${JSON.stringify(head).slice(0, -1)},"trace":[`);
  let separator = '\n';
  for (const entry of trace(opened.run)) {
    print(separator + JSON.stringify(entryJson(entry, source.folder)));
    separator = ',\n';
  }
  const problems = problemsOf(opened);
  const verdict = {
    steps: opened.run.log.lastStep,
    ok: passes(problems),
    problems: problems.map((problem) => problemJson(problem, source.folder)),
  };
  print(`\n],${JSON.stringify(verdict).slice(1)}`);
  return passes(problems) ? EXIT.good : EXIT.failed;
}
