// The files that a scenario includes, as links.
import type { File, Span } from '../../../grammar/src/index.ts';
import type { SourceFile } from '../scenario/index.ts';
import { includePath } from '../scenario/limits.ts';
import { statementsOf } from './syntax-path.ts';

export interface Link {
  /** The path between the quotes. */
  readonly span: Span;
  /** Relative to the folder of the scenario. */
  readonly target: string;
}

/** Includes that stay below the folder; whether the files are there is not asked. */
export function links(tree: File, file: SourceFile): Link[] {
  return [...statementsOf(tree.statements)].flatMap((statement) => {
    if (statement.kind !== 'include') return [];
    const { path } = statement;
    const target = includePath(file.path, path.value);
    return target === undefined ? [] : [{ span: { start: path.start + 1, end: path.end - 1 }, target }];
  });
}
