// The names of a scenario by place: which one stands under the cursor, where else it stands, which ones are in scope.
import type { File, Span } from '../../../grammar/src/index.ts';
import type { NameInfo, Program, SourceFile } from '../scenario/index.ts';
import type { Subject } from './subject.ts';
import { contains, statementsOf } from './syntax-path.ts';

/** A name at one place. */
export interface Occurrence {
  readonly file: SourceFile;
  readonly span: Span;
  readonly isDefinition: boolean;
}

/** The name at `offset` of a file, and the part of the word that is the name (`vm` in `vm.rd`). */
export function nameAt(
  { names }: Program,
  source: SourceFile,
  offset: number,
): { info: NameInfo; span: Span } | undefined {
  for (const info of names) {
    const found = occurrences(info).find(({ file, span }) => file === source && contains(span, offset));
    if (found) return { info, span: found.span };
  }
  return undefined;
}

/** Every place of a name once, its definition first; a sequence that is called twice refers twice from one place. */
export function occurrences(info: NameInfo): Occurrence[] {
  const places = new Map<string, Occurrence>();
  const add = (file: SourceFile, { start }: Span, isDefinition: boolean) => {
    const key = `${start} ${file.path}`;
    const span = { start, end: start + info.name.length };
    if (!places.has(key)) places.set(key, { file, span, isDefinition });
  };
  add(info.file, info.definition, true);
  for (const { file, span } of info.references) add(file, span, false);
  return [...places.values()];
}

/** The names that a statement at `offset` of a file may use. */
export function namesInScope({ tree, analysis, file }: Subject, offset: number): NameInfo[] {
  return analysis.program.names.filter((info) => {
    if (info.file !== file) return info.kind !== 'parameter' && info.kind !== 'loop';
    if (info.definition.end > offset) return false;
    const owner = ownerOf(tree, info.definition.start);
    if (owner === undefined) return true;
    // A sequence leaves the names that it makes with its caller.
    const leaves = owner.kind === 'def' && info.kind !== 'parameter';
    return leaves || contains(owner, offset);
  });
}

/** The innermost statement with a block whose scope a definition at `offset` belongs to. */
function ownerOf({ statements }: File, offset: number) {
  let owner: Extract<File['statements'][number], { block: unknown }> | undefined;
  for (const statement of statementsOf(statements)) {
    if (!('block' in statement) || !contains(statement, offset)) continue;
    // A sequence's and an actor's own name belongs outside.
    const isOwnName = (statement.kind === 'def' || statement.kind === 'actor') && contains(statement.name, offset);
    if (!isOwnName) owner = statement;
  }
  return owner;
}
