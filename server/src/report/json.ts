// The JSON that `--format json` prints, version 1. Fields are added, never renamed; a change of meaning is version 2.
import type { Problem, Site } from '../scenario/index.ts';
import type { TraceEntry } from './trace.ts';

export const JSON_VERSION = 1;

export interface ProblemJson {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** Line and column count from 1, columns in UTF-16 code units; the end is not part of the place. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly because?: string;
  readonly related: readonly { readonly file: string; readonly line: number; readonly message: string }[];
}

export function problemJson(problem: Problem, folder: string): ProblemJson {
  const { code, severity, file, span, message, expected, actual, because, related = [] } = problem;
  const start = file.lines.at(span.start);
  const end = file.lines.at(span.end);
  return {
    ...{ code, severity, file: `${folder}${file.path}`, line: start.line, column: start.column },
    ...{ endLine: end.line, endColumn: end.column, message },
    ...(expected !== undefined && { expected }),
    ...(actual !== undefined && { actual }),
    ...(because !== undefined && { because }),
    related: related.map((place) => ({
      file: `${folder}${place.file.path}`,
      line: place.file.line(place.span.start),
      message: place.message,
    })),
  };
}

export interface EntryJson {
  readonly kind: TraceEntry['kind'];
  /** Counted from 1; absent for statements that are no steps. */
  readonly step?: number;
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly result?: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly changes: TraceEntry['changes'];
  readonly because?: string;
  /** Codes of the problems that this statement has; the problems themselves stand in the list of the file. */
  readonly problems: readonly string[];
}

export function entryJson(entry: TraceEntry, folder: string): EntryJson {
  const { kind, step, site, text, result, outputs, changes, because, problems } = entry;
  return {
    kind,
    ...(step !== undefined && { step }),
    ...placeJson(site, folder),
    text,
    ...(result !== undefined && { result }),
    outputs: Object.fromEntries(outputs.map((output) => [output.name, output.text])),
    changes,
    ...(because !== undefined && { because }),
    problems: problems.map(({ code }) => code),
  };
}

const placeJson = ({ file, span }: Site, folder: string) => ({
  file: `${folder}${file.path}`,
  line: file.line(span.start),
});
