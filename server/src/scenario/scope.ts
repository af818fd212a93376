// Names that are visible at a place of a scenario.
import type { DefStmt, Span } from '../../../grammar/src/index.ts';
import type { Kind, Use } from './kind.ts';
import type { Expression, NameInfo } from './program.ts';
import type { SourceFile } from './source.ts';
import { Trail } from './trail.ts';

/** An expression with what it stands for. `tracked` remembers how the name it comes from was first used. */
export interface Typed extends Expression {
  readonly kind: Kind;
  readonly tracked?: { use: Use | undefined };
}

export type Binding =
  | { readonly kind: 'value'; readonly value: Typed; readonly info: NameInfo }
  /** Outputs of a call, by their names. */
  | { readonly kind: 'outputs'; readonly outputs: ReadonlyMap<string, Typed>; readonly info: NameInfo }
  | { readonly kind: 'def'; readonly def: DefStmt; readonly file: SourceFile; readonly info: NameInfo };

/** Blocks of `for` and `when` and the parameters of a `def` open a scope of their own. */
export class Scope {
  /** Where changes are noted that outlive the statement that makes them. */
  readonly trail: Trail;
  /** How often a name was bound in this very scope. */
  bindings = 0;
  private readonly names = new Map<string, Binding>();
  private readonly parent: Scope | undefined;

  constructor(parent: Scope | undefined, trail: Trail = parent?.trail ?? new Trail()) {
    this.parent = parent;
    this.trail = trail;
  }

  get(name: string): Binding | undefined {
    return this.names.get(name) ?? this.parent?.get(name);
  }

  /** The binding made in this very scope. */
  own(name: string): Binding | undefined {
    return this.names.get(name);
  }

  set(name: string, binding: Binding): void {
    const before = this.names.get(name);
    this.names.set(name, binding);
    this.bindings++;
    this.trail.did(() => {
      this.bindings--;
      if (before) this.names.set(name, before);
      else this.names.delete(name);
    });
  }

  /** All visible names. */
  *all(): Iterable<string> {
    yield* this.names.keys();
    if (this.parent) yield* this.parent.all();
  }
}

/** Notes that a name, seen in `scope`, stands at `span`. */
export function refer({ info: { references } }: Binding, file: SourceFile, span: Span, { trail }: Scope): void {
  references.push({ file, span });
  trail.did(() => references.pop());
}
