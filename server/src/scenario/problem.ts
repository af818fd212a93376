// What is wrong with a scenario, where, and how to mend it: the same value for every edge.
import type { Span } from '../../../grammar/src/index.ts';
import type { SourceFile } from './source.ts';

export type Severity = 'error' | 'warning';

export interface Edit {
  readonly file: SourceFile;
  readonly span: Span;
  readonly text: string;
}

/** A change that mends the problem. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

export interface Problem {
  /** `CCS301`; each family has one meaning, see codes.ts. */
  readonly code: string;
  readonly severity: Severity;
  readonly file: SourceFile;
  readonly span: Span;
  readonly message: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly because?: string;
  readonly related?: readonly { readonly file: SourceFile; readonly span: Span; readonly message: string }[];
  readonly fixes?: readonly Fix[];
}

/** Problems shown of one run; more would help nobody. */
export const MOST_PROBLEMS = 100;

/** Without those that stand on a line with a syntax error: they follow from it. */
export function withoutEchoes(problems: readonly Problem[]): Problem[] {
  const isSyntax = ({ code }: Problem) => code.startsWith('CCS1');
  const line = ({ file, span }: Problem) => `${file.path}:${file.line(span.start)}`;
  const damaged = new Set(problems.filter(isSyntax).map(line));
  return problems.filter((problem) => isSyntax(problem) || !damaged.has(line(problem)));
}

/** Collects problems in the order they are found, up to the limit. */
export class Problems {
  readonly all: Problem[] = [];

  /** A sequence is compiled at every call of it, and each time finds the same: that is one problem. */
  add(problem: Problem): void {
    if (this.all.some((known) => isSame(known, problem))) return;
    if (this.all.length < MOST_PROBLEMS) this.all.push(problem);
  }

  error(code: string, file: SourceFile, span: Span, message: string, more: Partial<Problem> = {}): void {
    this.add({ code, severity: 'error', file, span, message, ...more });
  }

  warning(code: string, file: SourceFile, span: Span, message: string, more: Partial<Problem> = {}): void {
    this.add({ code, severity: 'warning', file, span, message, ...more });
  }
}

const isSame = (a: Problem, b: Problem): boolean =>
  a.span.start === b.span.start && a.code === b.code && a.file === b.file && a.message === b.message;
