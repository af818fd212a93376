// Problems of a run, at the statement that shows it; where a sequence unfolded, its callers are told too.
import type { Problem, Site } from '../scenario/index.ts';

export const NO_PROBLEMS: readonly Problem[] = [];

/** Two lists in one; nearly always both are empty. */
export function both(first: readonly Problem[], second: readonly Problem[]): readonly Problem[] {
  if (second.length === 0) return first;
  return first.length === 0 ? second : [...first, ...second];
}

/** An error at a site, or at a part of it. */
export function problemAt(code: string, site: Site, message: string, more: Partial<Problem> = {}): Problem {
  const related = [...(more.related ?? [])];
  for (let { caller } = site; caller; caller = caller.site.caller) {
    related.push({ file: caller.site.file, span: caller.site.span, message: `in ${caller.name}, called here` });
  }
  return {
    code,
    severity: 'error',
    file: site.file,
    span: site.span,
    message,
    ...more,
    ...(related.length > 0 && { related }),
  };
}
