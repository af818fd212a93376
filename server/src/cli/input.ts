// The scenarios named on the command line, each read, or the reason told on standard error.
import { readScenario, readStandardInput, type ScenarioFile } from '../edge/files.ts';
import { type Analysis, analyse } from '../features/analysis.ts';

/** Exit statuses; the higher one wins where files differ. */
export const EXIT = { good: 0, failed: 1, unusable: 2 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

export interface Opened extends Analysis {
  readonly source: ScenarioFile;
}

/** Reads and compiles a scenario, `-` for standard input; `undefined` after a message on standard error. */
export function open(path: string): Opened | undefined {
  const read = path === '-' ? readStandardInput() : readScenario(path);
  if ('problem' in read) {
    console.error(`cocoscn: ${path} ${read.problem}`);
    return undefined;
  }
  return { source: read, ...analyse(read.name, read.text, read.resolver) };
}

/** Carries out what is asked for one file. An exception is a defect of ours: it is told, and the other files go on. */
export function guarded(path: string, work: () => Exit): Exit {
  try {
    return work();
  } catch (error) {
    const what = error instanceof Error ? error.stack : String(error);
    console.error(`cocoscn: ${path}: this is a defect of cocoscn; please report it with the scenario\n${what}`);
    return EXIT.unusable;
  }
}

export const worst = (exits: readonly Exit[]): Exit => exits.reduce<Exit>((a, b) => (b > a ? b : a), EXIT.good);
