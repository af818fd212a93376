// A program of steps: what the syntax tree means, flat, with its control flow as jumps and its variables as slots.
import type { File, Span } from '../../../grammar/src/index.ts';
import type { AnyOperation, Machine, MachineOptions, View } from '../emulator/index.ts';
import type { Compiled } from './compile.ts';
import type { Problem } from './problem.ts';
import type { Scope } from './scope.ts';
import type { Site, SourceFile } from './source.ts';
import type { Value } from './value.ts';

/** What an expression may look at while it is evaluated. Both change from moment to moment. */
export interface Environment {
  readonly machine: Machine;
  /** The value of a loop variable or of an output that was bound to a name. */
  slot(index: number): number;
}

/** An expression, ready to be evaluated at any moment. */
export interface Expression {
  readonly span: Span;
  readonly file: SourceFile;
  /** As written. */
  readonly text: string;
  evaluate(environment: Environment): Value;
  /** The value, where it is the same at every moment. */
  readonly constant: Value | undefined;
}

/** One alternative after `=`. */
export type Alternative =
  | { readonly kind: 'any' }
  | { readonly kind: 'code'; readonly code: number | bigint }
  | { readonly kind: 'name'; readonly name: string; readonly arg: Expression | undefined };

/** What a statement demands of its call. */
export interface Expected {
  /** Everything after `=`, as written. */
  readonly text: string;
  readonly span: Span;
  readonly alternatives: readonly Alternative[];
  /** Output fields in braces: index of the output and the value it must have. */
  readonly fields: readonly { readonly output: number; readonly name: string; readonly value: Expression }[];
}

/** An argument, or for a structure the fields that are written to a page of the host first; an optional one may be absent. */
export type Argument =
  | { readonly kind: 'value'; readonly value: Expression }
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'structure';
      readonly span: Span;
      readonly fields: readonly { readonly name: string; readonly value: Expression }[];
    };

interface Common {
  readonly site: Site;
  /** The names that the statement sees. */
  readonly scope: Scope;
}

/** What one argument of a `>` line must be: a value, or `*`. */
export type Pattern = Expression | 'any';

/** A line below a call of the kernel, in the order of the text. */
export type TalkLine =
  /** `> ...`: any number of commands. */
  | { readonly kind: 'skip'; readonly site: Site }
  /** `> call`: a command that must come; missing arguments at the end are not looked at. */
  | {
      readonly kind: 'sends';
      readonly site: Site;
      readonly operation: AnyOperation;
      readonly args: readonly Pattern[];
      readonly expected: Expected | undefined;
    }
  /** `< call`: what the guest does while the call runs. */
  | { readonly kind: 'guest'; readonly site: Site; readonly call: CallInstruction };

export interface CallInstruction extends Common {
  readonly kind: 'call';
  readonly operation: AnyOperation;
  readonly name: Span;
  readonly args: readonly Argument[];
  readonly expected: Expected | undefined;
  /** Slots that take the outputs, in their order. */
  readonly binds: readonly number[];
  /** What it must send down, and what the guest does meanwhile. */
  readonly talk: readonly TalkLine[];
  /** For a line below a call: the index of that call, and whether the guest acts. */
  readonly within?: { call: number; readonly guest: boolean };
  /** For a call during which others act: the index of the `leave` that ends it. */
  leave?: number;
}

export interface ExpectInstruction extends Common {
  readonly kind: 'expect';
  readonly condition: Condition;
}

/** `subject is STATE`, for every page of a range, or any other expression that must be true. */
export type Condition =
  | { readonly kind: 'is'; readonly view: ViewCall; readonly states: readonly string[]; readonly text: string }
  | { readonly kind: 'true'; readonly value: Expression; readonly sides: readonly Expression[] };

export interface ViewCall {
  readonly text: string;
  readonly span: Span;
  /** Arguments; ranges go through their pages in step. */
  readonly args: readonly Expression[];
  readonly view: View;
}

export interface InjectInstruction extends Common {
  readonly kind: 'inject';
  readonly operation: AnyOperation;
  /** The row in the table of armed faults. */
  readonly row: number;
  readonly nth: number;
  readonly code: number;
}

/** Sets a slot to the first value of a range, or goes to `end` if the range is empty. */
export interface LoopInstruction extends Common {
  readonly kind: 'loop';
  readonly slot: number;
  readonly range: Expression;
  readonly step: Expression | undefined;
  end: number;
}

/** Advances the slot of the loop that begins at `loop`, and goes back to its body while there is more. */
export interface NextInstruction extends Common {
  readonly kind: 'next';
  loop: number;
}

/** Ends a call during which others acted, in the moment of what came before. */
export interface LeaveInstruction extends Common {
  readonly kind: 'leave';
  call: number;
}

/** The call of a `def`: its statements follow, up to `end`, and have this call as their caller. */
export interface EnterInstruction extends Common {
  readonly kind: 'enter';
  readonly name: string;
  end: number;
}

export type Instruction =
  | CallInstruction
  | ExpectInstruction
  | InjectInstruction
  | LoopInstruction
  | NextInstruction
  | LeaveInstruction
  | EnterInstruction;

export interface Program {
  readonly main: SourceFile;
  readonly files: readonly SourceFile[];
  /** The syntax tree of `main`. */
  readonly tree: File;
  readonly title: string;
  readonly description: string;
  readonly machine: MachineOptions;
  /** The models and platforms that it is run with, as the file names them. */
  readonly models: readonly string[];
  readonly platforms: readonly string[];
  readonly instructions: readonly Instruction[];
  readonly slots: number;
  readonly injections: number;
  /** The reason given with `xfail`. */
  readonly xfail: string | undefined;
  /** Invariants that may be broken, by name, and how often at most. */
  readonly allowed: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
  readonly names: readonly NameInfo[];
  /** For the next edit. */
  readonly compiled: Compiled;
  /** After an edit: what of the program before stands in this one. */
  readonly continues: Continuation | undefined;
}

/** How the program of an edited text goes on from the one before. */
export interface Continuation {
  /** Instructions below this one are the same. */
  readonly from: number;
  /** Behind the edit: the instructions that stood from `from` on are those that stand from `to` on. */
  readonly rest: { readonly from: number; readonly to: number; readonly was: readonly Instruction[] } | undefined;
}

/** A name of the scenario with every place where it stands; for hover, completion, definition. */
export interface NameInfo {
  readonly name: string;
  readonly kind: 'let' | 'def' | 'parameter' | 'loop' | 'result';
  readonly file: SourceFile;
  readonly definition: Span;
  /** What it stands for, as written. */
  readonly text: string;
  readonly value: Value | undefined;
  readonly references: Reference[];
}

/** A place where a name stands. */
export interface Reference {
  readonly file: SourceFile;
  readonly span: Span;
  /** All places of the name. */
  readonly list: Reference[];
}
