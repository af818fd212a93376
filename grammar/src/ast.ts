// The syntax tree of a `.cocoscn` file: what was written and where, without meaning.

/** A half-open range of UTF-16 code units in the text: `start` is in it, `end` is not. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Name extends Span {
  readonly kind: 'name';
  readonly text: string;
}

export interface NumberLit extends Span {
  readonly kind: 'number';
  /** A number while it is exact (below 2^53), a bigint above. */
  readonly value: number | bigint;
}

export interface StringLit extends Span {
  readonly kind: 'string';
  /** The text between the quotes, escapes resolved. */
  readonly value: string;
}

// ---- expressions -----------------------------------------------------------------------------------------------------

export type BinaryOp = '+' | '-' | '*' | '/' | '&' | '|' | '<<' | '>>';
export type CompareOp = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type LogicOp = '&&' | '||';

/** `left + right`; `op` tells which. */
export interface Binary extends Span {
  readonly kind: 'binary';
  readonly op: BinaryOp | CompareOp | LogicOp;
  readonly left: Expr;
  readonly right: Expr;
}

/** `-operand` or `!operand`. */
export interface Unary extends Span {
  readonly kind: 'unary';
  readonly op: '-' | '!';
  readonly operand: Expr;
}

/** One alternative of `is A | B {field: value}`. */
export interface State extends Span {
  readonly name: Name;
  readonly record: RecordLit | undefined;
}

/** `subject is STATE | STATE`. */
export interface Is extends Span {
  readonly kind: 'is';
  readonly subject: Expr;
  readonly states: readonly State[];
}

/** `callee(args)`, in an expression: a view, a conversion such as `pa(x)`, or an operation's name in a statement. */
export interface Call extends Span {
  readonly kind: 'call';
  /** A dotted name is one name: `TDH.MEM.PAGE.ADD`. Empty where the line is damaged. */
  readonly callee: Name;
  readonly args: readonly Arg[];
}

/** `object[index]`: a place in a guest_memfd or a mapping. The index may be a range. */
export interface Index extends Span {
  readonly kind: 'index';
  readonly object: Expr;
  readonly index: Expr;
}

/** `base +: length` or `base .. end` (end excluded). */
export interface Range extends Span {
  readonly kind: 'range';
  readonly op: '+:' | '..';
  readonly left: Expr;
  readonly right: Expr;
}

/** `{name: value, …}` */
export interface RecordLit extends Span {
  readonly kind: 'record';
  readonly fields: readonly { readonly name: Name; readonly value: Expr }[];
}

/** `*`: anything. */
export interface Star extends Span {
  readonly kind: 'star';
}

export type Expr = Name | NumberLit | StringLit | Binary | Unary | Is | Call | Index | Range | RecordLit | Star;

/** One argument of a call; `name` is there in `slot=0`. */
export interface Arg extends Span {
  readonly name: Name | undefined;
  readonly value: Expr;
}

// ---- results ---------------------------------------------------------------------------------------------------------

/** One alternative after `=`. `-EAGAIN` and `-1 EAGAIN` are the same errno in two spellings. */
export type Result =
  | (Span & { readonly kind: 'any' })
  | (Span & { readonly kind: 'value'; readonly value: number | bigint })
  | (Span & { readonly kind: 'errno'; readonly name: Name })
  | (Span & { readonly kind: 'status'; readonly name: Name; readonly arg: Expr | undefined });

/** Everything after `=`: alternatives and the output fields that are checked. */
export interface Results extends Span {
  readonly alternatives: readonly Result[];
  readonly record: RecordLit | undefined;
}

// ---- statements ------------------------------------------------------------------------------------------------------

/** A line below a call: `>` what the kernel sends down, `<` what the guest, a device or the firmware does meanwhile. */
export interface Talk extends Span {
  readonly direction: '>' | '<';
  /** The call with its results. */
  readonly head: Span;
  /** `undefined` for `> ...`. */
  readonly call: Call | undefined;
  readonly results: Results | undefined;
}

export interface OpStmt extends Span {
  readonly kind: 'op';
  /** The line itself, without those below it. */
  readonly head: Span;
  readonly label: Name | undefined;
  readonly binds: Name | undefined;
  readonly call: Call;
  readonly results: Results | undefined;
  readonly talk: readonly Talk[];
}

export interface IncludeStmt extends Span {
  readonly kind: 'include';
  readonly path: StringLit;
}

export interface LetStmt extends Span {
  readonly kind: 'let';
  readonly name: Name;
  readonly value: Expr;
}

export interface Block extends Span {
  readonly body: readonly Stmt[];
}

export interface DefStmt extends Span {
  readonly kind: 'def';
  readonly name: Name;
  readonly params: readonly Name[];
  readonly block: Block;
}

export interface ActorStmt extends Span {
  readonly kind: 'actor';
  readonly name: Name;
  readonly block: Block;
}

export interface ForStmt extends Span {
  readonly kind: 'for';
  /** What stands before the block. */
  readonly head: Span;
  readonly name: Name;
  readonly range: Expr;
  readonly step: Expr | undefined;
  readonly block: Block;
}

export interface WhenStmt extends Span {
  readonly kind: 'when';
  readonly condition: Expr;
  readonly block: Block;
}

export interface ExpectStmt extends Span {
  readonly kind: 'expect';
  readonly condition: Expr;
}

export interface InjectStmt extends Span {
  readonly kind: 'inject';
  readonly op: Name;
  readonly nth: NumberLit;
  readonly results: Results;
}

/** `exists (…)`, `forall (…)`, `never (…)`. */
export interface VerdictStmt extends Span {
  readonly kind: 'verdict';
  readonly quantifier: 'exists' | 'forall' | 'never';
  readonly condition: Expr;
}

export interface ScheduleStmt extends Span {
  readonly kind: 'schedule';
  readonly steps: readonly Name[];
}

export type Stmt =
  | OpStmt
  | IncludeStmt
  | LetStmt
  | DefStmt
  | ActorStmt
  | ForStmt
  | WhenStmt
  | ExpectStmt
  | InjectStmt
  | VerdictStmt
  | ScheduleStmt;

// ---- the file --------------------------------------------------------------------------------------------------------

export type Header = Span &
  (
    | { readonly kind: 'model' | 'link' | 'xfail'; readonly values: readonly StringLit[] }
    | { readonly kind: 'platform' | 'needs'; readonly values: readonly Name[] }
    | { readonly kind: 'page' | 'granule' | 'nodes'; readonly size: NumberLit }
    | { readonly kind: 'memory'; readonly range: Expr }
    | { readonly kind: 'allow'; readonly what: Name; readonly bound: NumberLit | undefined }
    | { readonly kind: 'matrix'; readonly name: Name; readonly values: readonly Expr[] }
  );

/** A syntax error: one a damaged line. `code` is CCS1xx. */
export interface SyntaxProblem extends Span {
  readonly code: string;
  readonly message: string;
}

export interface File extends Span {
  readonly kind: 'file';
  /** The first comment block, comment marks removed; empty when there is none. An SPDX line is left out. */
  readonly description: string;
  readonly scenario: StringLit | undefined;
  readonly headers: readonly Header[];
  readonly statements: readonly Stmt[];
}

export interface Parsed {
  readonly text: string;
  readonly file: File;
  readonly problems: readonly SyntaxProblem[];
  /** No bracket, block or comment was left open: every statement was read on its own. */
  readonly separable: boolean;
  /** How many statements at the beginning and at the end are those of the tree that was there before the edit. */
  readonly kept: { readonly before: number; readonly after: number };
}
