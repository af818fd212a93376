// An expression with what it stands for.
import type { Name, Span } from '../../../grammar/src/index.ts';
import type { Kind, Use } from './kind.ts';
import type { Environment, Expression } from './program.ts';
import type { SourceFile } from './source.ts';
import { fault, type Value } from './value.ts';

/** What a name was first used as, and the statement of the file that made the name. */
export interface Tracked {
  use: Use | undefined;
  readonly statement: Span;
}

type Evaluate = (environment: Environment) => Value;

/** All expressions have this one shape, and their text is cut out when somebody asks: a scenario has many thousands. */
export class Typed implements Expression {
  readonly span: Span;
  readonly file: SourceFile;
  readonly kind: Kind;
  readonly constant: Value | undefined;
  readonly evaluate: Evaluate;
  /** How the name that it comes from was first used. */
  readonly tracked: Tracked | undefined;

  constructor(
    span: Span,
    file: SourceFile,
    kind: Kind,
    constant: Value | undefined,
    evaluate: Evaluate,
    tracked: Tracked | undefined = undefined,
  ) {
    this.span = span;
    this.file = file;
    this.kind = kind;
    this.constant = constant;
    this.evaluate = evaluate;
    this.tracked = tracked;
  }

  get text(): string {
    return this.file.slice(this.span);
  }

  /** The same where a name for it stands. */
  under({ file, name }: { readonly file: SourceFile; readonly name: Name }): Typed {
    return new Typed(name, file, this.kind, this.constant, this.evaluate, this.tracked);
  }

  /** The same, remembering what it is used as. */
  trackedBy(tracked: Tracked | undefined): Typed {
    return new Typed(this.span, this.file, this.kind, this.constant, this.evaluate, tracked);
  }
}

const NOTHING = fault('');
const toNothing: Evaluate = () => NOTHING;

/** Stands in after an error was reported. */
export const unknown = (span: Span, file: SourceFile): Typed => new Typed(span, file, 'unknown', NOTHING, toNothing);

export const constant = (span: Span, file: SourceFile, kind: Kind, value: Value, tracked?: Tracked): Typed =>
  new Typed(span, file, kind, value, () => value, tracked);
