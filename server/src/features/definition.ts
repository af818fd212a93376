// Where a name is made, and every place where it stands.

import type { SourceFile } from '../scenario/index.ts';
import { includePath } from '../scenario/limits.ts';
import { nameAt, type Occurrence, occurrences } from './names-at.ts';
import type { Subject } from './subject.ts';
import { pathTo } from './syntax-path.ts';

export interface Definition {
  readonly file: SourceFile;
  readonly span: { readonly start: number; readonly end: number };
}

/** The place that makes the name at `offset`; for the path of an include the beginning of that file. */
export function definition({ analysis, file, tree }: Subject, offset: number): Definition | undefined {
  const found = nameAt(analysis.program, file, offset);
  if (found) return { file: found.info.file, span: occurrences(found.info)[0]?.span ?? found.info.definition };
  const include = pathTo(tree, offset).find(({ node }) => 'kind' in node && node.kind === 'include')?.node;
  if (!include || !('kind' in include) || include.kind !== 'include') return undefined;
  const path = includePath(file.path, include.path.value);
  const target = analysis.program.files.find((candidate) => candidate.path === path);
  return target && { file: target, span: { start: 0, end: 0 } };
}

/** Every place of the name at `offset`, its definition first. */
export function references({ analysis, file }: Subject, offset: number): readonly Occurrence[] {
  const found = nameAt(analysis.program, file, offset);
  return found ? occurrences(found.info) : [];
}
