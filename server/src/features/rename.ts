// Renaming a name of the scenario, in every file that the scenario is made of.
import type { Span } from '../../../grammar/src/index.ts';
import { words } from '../../../grammar/src/words.ts';
import { OPERATIONS, VIEWS } from '../emulator/index.ts';
import { nameAt, type Occurrence, occurrences } from './names-at.ts';
import type { Subject } from './subject.ts';

export interface Renamable {
  readonly span: Span;
  readonly name: string;
}

/** The name that would be renamed at `offset`; `undefined` where nothing can be. */
export function renamable({ analysis, file }: Subject, offset: number): Renamable | undefined {
  const found = nameAt(analysis.program, file, offset);
  return found && { span: found.span, name: found.info.name };
}

/** The places to write `name` at, or why that name does not do. */
export function rename(
  subject: Subject,
  offset: number,
  name: string,
): readonly Occurrence[] | { readonly problem: string } {
  const found = nameAt(subject.analysis.program, subject.file, offset);
  if (!found) return { problem: 'Only names that the scenario makes itself can be renamed.' };
  const problem = name === found.info.name ? undefined : unfit(name, subject);
  return problem === undefined ? occurrences(found.info) : { problem };
}

function unfit(name: string, { analysis }: Subject): string | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name))
    return `"${name}" is not a name: letters, digits and _ make one, and no digit comes first.`;
  if (OPERATIONS.has(name)) return `${name} is an operation.`;
  if (VIEWS.has(name)) return `${name} is a view.`;
  if (words.some(({ word }) => word === name)) return `${name} is a word of the language.`;
  const taken = analysis.program.names.find((info) => info.name === name);
  return taken && `${name} is taken: line ${taken.file.line(taken.definition.start)} of ${taken.file.path} makes it.`;
}
