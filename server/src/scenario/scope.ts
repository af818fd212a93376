// Names that are visible at a place of a scenario.
import type { DefStmt, Span } from '../../../grammar/src/index.ts';
import type { Kind, Use } from './kind.ts';
import type { Expression, NameInfo } from './program.ts';
import type { SourceFile } from './source.ts';

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
  private readonly names = new Map<string, Binding>();
  private readonly parent: Scope | undefined;

  constructor(parent?: Scope) {
    this.parent = parent;
  }

  get(name: string): Binding | undefined {
    return this.names.get(name) ?? this.parent?.get(name);
  }

  /** The binding made in this very scope. */
  own(name: string): Binding | undefined {
    return this.names.get(name);
  }

  set(name: string, binding: Binding): void {
    this.names.set(name, binding);
  }

  /** All visible names. */
  *all(): Iterable<string> {
    yield* this.names.keys();
    if (this.parent) yield* this.parent.all();
  }
}

/** Notes that a name stands at `span`. */
export function refer(binding: Binding, file: SourceFile, span: Span): void {
  binding.info.references.push({ file, span });
}
