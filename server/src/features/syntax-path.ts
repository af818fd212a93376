// The way down the syntax tree to a place in the text.
import type {
  Arg,
  Block,
  Expr,
  File,
  Header,
  Result,
  Results,
  Span,
  State,
  Stmt,
  Talk,
} from '../../../grammar/src/index.ts';

export type SyntaxNode = File | Header | Stmt | Block | Talk | Results | Result | State | Expr | Arg;

/** A node and the name of the property by which its parent holds it; a field's name and value are held by the record. */
export interface PathStep {
  readonly node: SyntaxNode;
  readonly as: string;
}

/** From the file down to the smallest node at `offset`; a word counts up to and including its end. */
export function pathTo(file: File, offset: number): PathStep[] {
  const path: PathStep[] = [{ node: file, as: '' }];
  for (let next = childAt(file, offset); next; next = childAt(next.node, offset)) path.push(next);
  return path;
}

function childAt(parent: object, offset: number): PathStep | undefined {
  let found: PathStep | undefined;
  for (const { node, as } of children(parent)) {
    // Where two nodes touch, the word is meant and not the sign beside it.
    if (node.start <= offset && offset <= node.end && (!found || isWord(node) || !isWord(found.node)))
      found = { node, as };
  }
  return found;
}

const isWord = (node: SyntaxNode) => 'kind' in node && node.kind === 'name';

function* children(parent: object): Iterable<PathStep> {
  for (const [as, value] of Object.entries(parent)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item !== 'object' || item === null) continue;
      if (isNode(item)) yield { node: item, as };
      else yield* children(item); // a field of a record has no place of its own
    }
  }
}

const isNode = (value: object): value is SyntaxNode => 'start' in value && 'end' in value;

/** The statements of a file and of all blocks in it, outermost first. */
export function* statementsOf(body: readonly Stmt[]): Iterable<Stmt> {
  for (const statement of body) {
    yield statement;
    if ('block' in statement) yield* statementsOf(statement.block.body);
  }
}

export const contains = ({ start, end }: Span, offset: number): boolean => start <= offset && offset <= end;
