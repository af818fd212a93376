// A scenario under the debugger: its run, the stepper, the breakpoints, and the problems that were told already.
import { type Analysis, analyse, passes, problemsOf } from '../features/analysis.ts';
import { MomentSource } from '../features/moment.ts';
import { changesOf, watchedBy } from '../features/watches.ts';
import { Breakpoints, type Changes, Stepper } from '../run/index.ts';
import type { Problem, Resolver, SourceFile } from '../scenario/index.ts';

/** A scenario as it was read. `folder` + `name` is its path. */
export interface Opened {
  readonly name: string;
  /** With a slash at the end. */
  readonly folder: string;
  readonly text: string;
  readonly resolver: Resolver;
}

/** Reads a scenario; `problem` ends the sentence `PATH …`. */
export type Open = (program: string) => Promise<Opened | { readonly problem: string }>;

export class Debuggee {
  readonly analysis: Analysis;
  readonly stepper: Stepper;
  readonly breakpoints: Breakpoints;
  /** What the panels are told. */
  readonly moments: MomentSource;
  private readonly folder: string;
  private readonly watched = new Map<string, Changes>();
  /** The last moment whose problems were told. */
  private told = 0;
  private closed = false;

  constructor({ name, folder, text, resolver }: Opened) {
    this.folder = folder;
    this.analysis = analyse(name, text, resolver);
    const armed: Breakpoints[] = [];
    this.stepper = new Stepper(this.analysis.run, (timeline) => {
      const breakpoints = new Breakpoints(timeline, (data) => this.changesOf(data));
      armed.push(breakpoints);
      return breakpoints;
    });
    this.breakpoints = armed[0] as Breakpoints;
    this.moments = new MomentSource(this.stepper, { session: folder + name, pathOf: (file) => this.pathOf(file) });
  }

  /** What `data` of a breakpoint watches; the index of its changes is made once. */
  changesOf(data: string): Changes | undefined {
    const known = this.watched.get(data);
    const watched = known ? undefined : watchedBy(this.moments, data);
    const changes = known ?? (watched && changesOf(this.moments, watched));
    if (changes) this.watched.set(data, changes);
    return changes;
  }

  /** The path of a file as the editor knows it. */
  pathOf(file: SourceFile): string {
    return this.folder + file.path;
  }

  /** The path within the scenario's folder of a file that the editor names; the path itself if it lies elsewhere. */
  nameOf(path: string): string {
    const slashes = (text: string) => text.replaceAll('\\', '/').replace(/^[a-z]:/, (drive) => drive.toUpperCase());
    const file = slashes(path);
    const folder = slashes(this.folder);
    return file.startsWith(folder) ? file.slice(folder.length) : file;
  }

  /** Problems up to the current moment that were not told yet. */
  news(): Problem[] {
    const { run } = this.analysis;
    const fresh = run.failures.filter((moment) => moment > this.told && moment <= run.now);
    this.told = Math.max(this.told, run.now);
    return fresh.flatMap((moment) => run.problemsAt(moment));
  }

  /** Problems that are known only once the run is over; told once. */
  closing(): Problem[] {
    if (this.closed) return [];
    this.closed = true;
    const known = new Set([...this.analysis.program.problems, ...this.analysis.run.problems].map(keyOf));
    return problemsOf(this.analysis).filter((problem) => !known.has(keyOf(problem)));
  }

  get passed(): boolean {
    return passes(problemsOf(this.analysis));
  }

  /** `everything holds`, `2 problems`. */
  get verdict(): string {
    const problems = problemsOf(this.analysis).filter(({ severity }) => severity === 'error').length;
    if (problems === 0) return this.analysis.program.xfail === undefined ? 'everything holds' : 'it fails, as expected';
    return problems === 1 ? '1 problem' : `${problems} problems`;
  }
}

const keyOf = ({ code, file, span, message }: Problem) => `${file.path}:${span.start}:${code}:${message}`;
