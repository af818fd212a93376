// Whether a case holds: its text is checked and run as a user's file would be, and its traces are held against the log.
import { analyse, problemsOf } from '../../../server/src/features/analysis.ts';
import type { Run } from '../../../server/src/run/index.ts';
import type { Problem } from '../../../server/src/scenario/index.ts';
import { writeCase } from './case-text.ts';
import { besideEvents, type Event, eventsOf, eventText, firstMissing, type Names } from './events.ts';
import { answerNow, doMeanwhile, type Unlike } from './meanwhile.ts';
import { pageDifference } from './page-state.ts';
import { skipReason } from './profiles.ts';
import type { Case, Expectation, Step } from './scenario-file.ts';
import { number, type Writer } from './writer.ts';

export interface Difference {
  readonly step: Step | undefined;
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped'; readonly reason: string }
  | {
      readonly kind: 'failed';
      readonly difference: Difference;
      /** Operations and views that the case needs and that are not there. */
      readonly missing: readonly string[];
    };

export function judge(one: Case): Verdict {
  const reason = skipReason(one);
  if (reason !== undefined) return { kind: 'skipped', reason };
  const writer = writeCase(one);
  const analysis = analyse(`${one.id}.cocoscn`, writer.text, () => ({ problem: 'a case includes nothing' }));
  const beside = carryOut(analysis.run, writer);
  const problems = problemsOf(analysis).filter(({ severity }) => severity === 'error');
  const missing = [...new Set([...writer.missing, ...problems.flatMap(lackOf)])];
  const stepAt = (line: number) => writer.steps[line - 1] ?? 0;
  const differences = [
    ...writer.missing.slice(0, 1).map((what) => lack(one, writer, what)),
    ...problems.map((problem) => fromProblem(one, problem, stepAt)),
    ...beside.unlike.map(({ line, ...found }) => ({ step: one.steps.find(({ n }) => n === stepAt(line)), ...found })),
    ...fromLog(one, analysis.run, writer, stepAt, beside.events),
  ];
  const [first] = differences.sort((a, b) => (a.step?.n ?? 0) - (b.step?.n ?? 0));
  return first ? { kind: 'failed', difference: first, missing } : { kind: 'passed' };
}

/** What was carried out beside the run: events by step, and where a case expects something else. */
interface Beside {
  readonly unlike: ({ readonly line: number } & Unlike)[];
  readonly events: ReadonlyMap<number, Event[]>;
}

/** Runs to the end; where the text holds work that stands still meanwhile, that is carried out before the statement. */
function carryOut(run: Run, { meanwhile, steps }: Writer): Beside {
  const unlike: ({ readonly line: number } & Unlike)[] = [];
  const events = new Map<number, Event[]>();
  do {
    const site = run.next?.site;
    const line = site ? site.file.line(site.span.start) : 0;
    const what = meanwhile.get(line);
    if (!what) continue;
    const list: Event[] = [];
    const found = doMeanwhile(run, what, (...told) => list.push(...besideEvents(run, ...told)));
    if (found) unlike.push({ line, ...found });
    events.set(steps[line - 1] ?? 0, list);
  } while (run.advance());
  return { unlike, events };
}

/** What a problem says is not there: an operation, or a view. */
function lackOf({ message }: Problem): string[] {
  const operation = /^no operation is called (\w+)/.exec(message) ?? /^"[^"]+" has no (\w+);/.exec(message);
  const view = /^(\w+) is not a view/.exec(message);
  if (operation) return [`operation ${operation[1]}`];
  return view ? [`view ${view[1]}`] : [];
}

function lack(one: Case, writer: Writer, what: string): Difference {
  const line = writer.lines.indexOf(`// there is no ${what}`);
  const step = one.steps.find(({ n }) => n === writer.steps[line]);
  return { step, what: `no ${what}`, expected: 'it can be written', actual: 'it cannot' };
}

function fromProblem(one: Case, problem: Problem, stepAt: (line: number) => number): Difference {
  const line = problem.file.line(problem.span.start);
  return {
    step: one.steps.find(({ n }) => n === stepAt(line)),
    what: `line ${line}: ${problem.code} ${problem.message}`,
    expected: problem.expected ?? 'no problem',
    actual: problem.actual ?? problem.code,
  };
}

/** What cannot stand in the text: traces, both halves of how KVM_RUN ended, and whether an invalidation ended since. */
function fromLog(
  one: Case,
  run: Run,
  writer: Writer,
  stepAt: (line: number) => number,
  beside: ReadonlyMap<number, Event[]>,
): Difference[] {
  const events = new Map([...eventsOf(run, stepAt, namesOf(run, writer)), ...beside]);
  return one.expect.flatMap((expectation) => {
    const step = one.steps.find(({ n }) => n === expectation.at);
    const differences = [
      traceDifference(expectation, events),
      endDifference(expectation, run, stepAt),
      step?.op === 'page_state' ? pageStateDifference(step, expectation, run, writer) : undefined,
      step?.op === 'seq_moved' ? seqDifference(step, expectation, events) : undefined,
    ];
    return differences.flatMap((found) => (found ? [{ step, ...found }] : []));
  });
}

/** What a case calls the rows of VMs and vCPUs. */
function namesOf(run: Run, { vms, vcpus }: Writer): Names {
  const names = new Map([...vcpus.keys()].map((name) => [Number(answerNow(run, name)), name]));
  return { vm: (row) => vms[row - 1], vcpu: (row) => names.get(row) };
}

type Found = Omit<Difference, 'step'> | undefined;

function traceDifference({ at, trace }: Expectation, events: ReadonlyMap<number, Event[]>): Found {
  if (!trace) return undefined;
  const happened = events.get(at) ?? [];
  const missing = firstMissing(trace, happened);
  if (missing === undefined) return undefined;
  const expected = trace.length === 0 ? 'no event' : trace.join(', ');
  return { what: `trace: ${missing} is missing`, expected, actual: happened.map(eventText).join(', ') || 'no event' };
}

/** KVM_RUN ends with an errno and an exit reason; the text names the reason, so the errno is looked at here. */
function endDifference({ at, ret, exit }: Expectation, run: Run, stepAt: (line: number) => number): Found {
  if (!exit || ret === undefined) return undefined;
  for (let moment = run.reached; moment > 0; moment--) {
    const end = run.log.ended(moment);
    const site = end?.instruction.site;
    if (!end || !site || stepAt(site.file.line(site.span.start)) !== at) continue;
    const { form } = end.instruction.operation;
    if (form.matches(end.code, ret === 'ok' ? '0' : ret, undefined)) return undefined;
    return { what: 'ret', expected: ret, actual: form.text(end.code) };
  }
  return { what: 'ret', expected: ret, actual: 'the step was not run' };
}

/** The page of a step without a descriptor is the first one of the file made last. */
function pageStateDifference(step: Step, { state }: Expectation, run: Run, writer: Writer): Found {
  const fd = writer.gmems.get(String(step.args.fd ?? writer.lastGmem))?.name;
  if (!state || fd === undefined) return undefined;
  const place = `${fd}[${number(Number(step.args.index ?? 0) * writer.pageSize)}]`;
  const later = run.program.instructions.findIndex(
    ({ site }) => (writer.steps[site.file.line(site.span.start) - 1] ?? 0) > step.n,
  );
  let moment = run.reached;
  while (later >= 0 && moment > 0 && run.log.instruction(moment) >= later) moment--;
  return pageDifference(run, place, moment, state);
}

/** Sequence numbers move when an invalidation ends. */
function seqDifference(step: Step, { value }: Expectation, events: ReadonlyMap<number, Event[]>): Found {
  const since = Number(step.args.since ?? 0);
  const moved = [...events].some(([n, list]) => n > since && n < step.n && list.some(({ name }) => name === 'inv_end'));
  if (value === undefined || moved === value) return undefined;
  return { what: `the sequence number moved since step ${since}`, expected: String(value), actual: String(moved) };
}
