// Names that are visible at a place of a scenario.
import type { DefStmt, Span } from '../../../grammar/src/index.ts';
import type { NameInfo } from './program.ts';
import type { SourceFile } from './source.ts';
import { Trail } from './trail.ts';
import type { Typed } from './typed.ts';

export type Binding =
  | { readonly kind: 'value'; readonly value: Typed; readonly info: NameInfo }
  /** Outputs of a call, by their names. */
  | { readonly kind: 'outputs'; readonly outputs: ReadonlyMap<string, Typed>; readonly info: NameInfo }
  | { readonly kind: 'def'; readonly def: DefStmt; readonly file: SourceFile; readonly info: NameInfo };

/** A binding, and the statement of the file that made it. */
interface Made {
  readonly binding: Binding;
  readonly statement: Span;
}

/** Blocks of `for` and `when` and the parameters of a `def` open a scope of their own. */
export class Scope {
  /** Where changes are noted that outlive the statement that makes them. */
  readonly trail: Trail;
  /** How often a name was bound in this very scope. */
  bindings = 0;
  /** For each name its bindings, the newest last. */
  private readonly names = new Map<string, Made[]>();
  private readonly parent: Scope | undefined;

  constructor(parent: Scope | undefined, trail: Trail = parent?.trail ?? new Trail()) {
    this.parent = parent;
    this.trail = trail;
  }

  get(name: string): Binding | undefined {
    return this.own(name) ?? this.parent?.get(name);
  }

  /** The binding made in this very scope. */
  own(name: string): Binding | undefined {
    return this.names.get(name)?.findLast(({ statement }) => this.trail.sees(statement))?.binding;
  }

  set(name: string, binding: Binding): void {
    const made = { binding, statement: this.trail.statement };
    const all = this.names.get(name) ?? [];
    this.names.set(name, all);
    all.push(made);
    this.bindings++;
    this.trail.did(() => {
      this.bindings--;
      all.splice(all.lastIndexOf(made), 1);
      if (all.length === 0) this.names.delete(name);
    });
  }

  /** All visible names. */
  *all(): Iterable<string> {
    for (const name of this.names.keys()) if (this.own(name)) yield name;
    if (this.parent) yield* this.parent.all();
  }
}

/** Notes that a name, seen in `scope`, stands at `span`. */
export function refer({ info: { references } }: Binding, file: SourceFile, span: Span, { trail }: Scope): void {
  const reference = { file, span, list: references };
  references.push(reference);
  trail.did(reference);
}
