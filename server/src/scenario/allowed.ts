// `allow NAME [NUMBER]`: invariants that a file breaks on purpose, up to a bound.
import type { Header } from '../../../grammar/src/index.ts';
import { LINUX_INVARIANTS, nearest, RMM_INVARIANTS } from '../emulator/index.ts';
import { did } from './expression.ts';
import type { Problems } from './problem.ts';
import type { SourceFile } from './source.ts';

/** The name of the invariant that no page is lost: its bound counts pages, that of any other the steps that break it. */
export const LEAK = 'leak';

const NAMES: readonly string[] = [LEAK, ...LINUX_INVARIANTS.map(({ id }) => id), ...RMM_INVARIANTS.map(({ id }) => id)];

export function allowedOf(headers: readonly Header[], file: SourceFile, problems: Problems): Map<string, number> {
  const allowed = new Map<string, number>();
  for (const header of headers) {
    if (header.kind !== 'allow') continue;
    const { what, bound } = header;
    if (!NAMES.includes(what.text)) {
      problems.error('CCS604', file, what, `there is no invariant ${what.text}${did(nearest(what.text, NAMES))}`);
    }
    allowed.set(what.text, bound === undefined ? Number.POSITIVE_INFINITY : Number(bound.value));
  }
  return allowed;
}
