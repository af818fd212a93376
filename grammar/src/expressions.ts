// The rules of expressions: operands, calls, offsets, records and the states after `is`.

import {
  EmbeddedActionsParser,
  type IParserConfig,
  type IParserErrorMessageProvider,
  type IToken,
  MismatchedTokenException,
} from 'chevrotain';
import type { Arg, Expr, Name, NumberLit, RecordLit, Span, State, StringLit, SyntaxProblem } from './ast.ts';
import type { SyntaxCodeName } from './codes.ts';
import { MAX_OPERATORS } from './limits.ts';
import { lineAround } from './line-table.ts';
import { type Message, numberProblem } from './messages.ts';
import { readNumber } from './numbers.ts';
import { buildTree, type Link } from './precedence.ts';
import { readString } from './strings.ts';
import * as t from './tokens.ts';

const NAME = t.idOf(t.Name);
const NUMBER = t.idOf(t.NumberToken);
const LPAREN = t.idOf(t.LParen);
const LBRACKET = t.idOf(t.LBracket);
/** What ends an expression: after one operand it tells that nothing joins it to another. */
const ENDS: ReadonlySet<number> = new Set([t.Comma, t.RParen, t.RBracket, t.RBrace, t.Newline].map(t.idOf));

export const NO_LINE: Span = { start: -1, end: -1 };

export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

export function nameOf(token: IToken): Name {
  return { kind: 'name', start: token.startOffset, end: endOf(token), text: token.image };
}

/** An error with words of its own; those of the rules get theirs where they are caught. */
export class SaidError extends MismatchedTokenException {
  readonly said: Message;
  constructor(said: Message, token: IToken, previous: IToken) {
    super(said.message, token, previous);
    this.said = said;
  }
}

/** Leaves the words to explain() and hands on what it needs: the name of the token that was wanted, or nothing. */
const expectedOnly: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.name,
  buildNotAllInputParsedMessage: () => '',
  buildNoViableAltMessage: () => '',
  buildEarlyExitMessage: () => '',
};

export class ExpressionParser extends EmbeddedActionsParser {
  protected text = '';
  protected problems: SyntaxProblem[] = [];
  /** The line of the last problem. */
  protected problemLine: Span = NO_LINE;
  /** Operators and offsets in the line being read. */
  protected operators = 0;
  /**
   * Lists being read, each on top of the one that it stands in. One that is done is cut off at its exact length: a list that
   * grows by itself has room for 17, and a scenario has many thousands.
   */
  protected readonly lists: unknown[] = [];
  /** The word that begins the statement being read, for messages. */
  protected word: string | undefined;

  constructor(config: IParserConfig) {
    super([...t.allTokens], { ...config, maxLookahead: 1, recoveryEnabled: false, errorMessageProvider: expectedOnly });
  }

  protected problem(code: SyntaxCodeName, message: string, { start, end }: Span): void {
    if (this.RECORDING_PHASE) return;
    // One damaged line costs one problem, so that a long line of junk costs no memory either.
    const { problemLine } = this;
    if (start >= problemLine.start && start <= problemLine.end) return;
    this.problemLine = lineAround(this.text, start);
    this.problems.push({ code, message, start, end });
  }

  /** Where the last token that was read ends. */
  protected lastEnd(): number {
    return endOf(this.LA(0));
  }

  protected fail(message: Message, token: IToken): never {
    throw new SaidError(message, token, this.LA(0));
  }

  private countOperator(token: IToken): void {
    if (++this.operators <= MAX_OPERATORS || this.RECORDING_PHASE) return;
    const message = `More than ${MAX_OPERATORS} operators and offsets stand in one statement.`;
    this.fail({ code: 'CCS128', message }, token);
  }

  protected number(token: IToken): NumberLit {
    const { value, problem } = readNumber(token.image);
    const literal: NumberLit = { kind: 'number', start: token.startOffset, end: endOf(token), value };
    if (problem !== undefined) {
      const { code, message } = numberProblem(problem, token.image);
      this.problem(code, message, literal);
    }
    return literal;
  }

  protected string(token: IToken): StringLit {
    const { value, badEscape } = readString(token.image);
    if (badEscape >= 0) {
      const start = token.startOffset + badEscape;
      this.problem('CCS109', 'This escape does not exist; the escapes are \\" \\\\ \\n and \\t.', {
        start,
        end: start + 2,
      });
    }
    return { kind: 'string', start: token.startOffset, end: endOf(token), value };
  }

  /** An expression that must be one value: a condition, a size, an operand. */
  protected plain(expr: Expr): Expr {
    if (expr.kind === 'range' || expr.kind === 'record' || expr.kind === 'star') {
      const what = { range: 'A range', record: 'A record', star: '`*`' }[expr.kind];
      this.problem('CCS129', `${what} cannot stand where one value is wanted.`, expr);
    }
    return expr;
  }

  protected notStar(expr: Expr): Expr {
    if (expr.kind === 'star')
      this.problem('CCS129', '`*` stands for any argument, field or result, not for a value.', expr);
    return expr;
  }

  private readonly primaryAlternatives = [
    { ALT: (): Expr => this.named() },
    { ALT: (): Expr => this.number(this.CONSUME(t.NumberToken)) },
    { ALT: (): Expr => this.string(this.CONSUME(t.StringToken)) },
    {
      ALT: (): Expr => {
        this.CONSUME2(t.LParen);
        const inner = this.SUBRULE1(this.expr);
        this.CONSUME2(t.RParen);
        return this.plain(inner);
      },
    },
    { ALT: (): Expr => this.SUBRULE(this.record) },
    {
      ALT: (): Expr => {
        const star = this.CONSUME(t.Star);
        return { kind: 'star', start: star.startOffset, end: endOf(star) };
      },
    },
  ];

  private readonly operandAlternatives = [
    ...this.primaryAlternatives,
    { ALT: (): Expr => this.prefixed('-', this.CONSUME(t.Minus), this.SUBRULE1(this.primary)) },
    { ALT: (): Expr => this.prefixed('!', this.CONSUME(t.Bang), this.SUBRULE2(this.primary)) },
  ];

  protected readonly primary = this.RULE('primary', (): Expr => this.OR(this.primaryAlternatives));
  protected readonly operand = this.RULE('operand', (): Expr => this.OR(this.operandAlternatives));

  /** An expression; one that is a single token, as most are, goes through no rule. */
  protected value(): Expr {
    if (!this.RECORDING_PHASE && ENDS.has(this.LA(2).tokenTypeIdx)) {
      const single = this.single();
      if (single !== undefined) return single;
    }
    return this.SUBRULE(this.expr);
  }

  /** A name with nothing behind it that belongs to it, or a number; `undefined` if something else comes next. */
  private single(): Expr | undefined {
    const token = this.LA(1);
    const isNumber = token.tokenTypeIdx === NUMBER;
    if (!isNumber) {
      if (token.tokenTypeIdx !== NAME) return undefined;
      const next = this.LA(2).tokenTypeIdx;
      if (next === LPAREN || next === LBRACKET) return undefined;
    }
    this.SKIP_TOKEN();
    return isNumber ? this.number(token) : nameOf(token);
  }

  private firstOperand(): Expr {
    return (this.RECORDING_PHASE ? undefined : this.single()) ?? this.SUBRULE1(this.operand);
  }

  private prefixed(op: '-' | '!', sign: IToken, operand: Expr): Expr {
    return { kind: 'unary', start: sign.startOffset, end: this.lastEnd(), op, operand: this.plain(operand) };
  }

  /** A name, a call, and the offsets behind either: `gm`, `pa(x)`, `gm[4K]`. */
  private named(): Expr {
    const name = this.CONSUME(t.Name);
    let expr: Expr | undefined;
    this.OPTION1(() => {
      const args = this.SUBRULE(this.args);
      expr = { kind: 'call', start: name.startOffset, end: this.lastEnd(), callee: nameOf(name), args };
    });
    let object: Expr = expr ?? nameOf(name);
    this.MANY1(() => {
      const bracket = this.CONSUME(t.LBracket);
      this.countOperator(bracket);
      const index = this.notStar(this.SUBRULE2(this.expr));
      this.CONSUME(t.RBracket);
      object = { kind: 'index', start: name.startOffset, end: this.lastEnd(), object, index };
    });
    return object;
  }

  /** The arguments of a call with their brackets. */
  protected readonly args = this.RULE('args', (): Arg[] => {
    const from = this.lists.length;
    this.CONSUME(t.LParen);
    this.MANY_SEP({
      SEP: t.Comma,
      DEF: () => {
        const start = this.LA(1).startOffset;
        const name = this.OPTION(this.argName);
        const value = this.value();
        this.lists.push({ start, end: this.lastEnd(), name, value } satisfies Arg);
      },
    });
    this.CONSUME(t.RParen);
    return this.lists.splice(from) as Arg[];
  });

  private readonly argName = (): Name => {
    const name = this.CONSUME(t.ArgName);
    this.CONSUME(t.Equals);
    return nameOf(name);
  };

  protected readonly record = this.RULE('record', (): RecordLit => {
    const { startOffset } = this.CONSUME(t.LBrace);
    const fields: { name: Name; value: Expr }[] = [];
    this.MANY_SEP2({
      SEP: t.Comma,
      DEF: () => {
        const name = this.CONSUME(t.FieldName);
        this.CONSUME(t.Colon);
        fields.push({ name: nameOf(name), value: this.value() });
      },
    });
    this.CONSUME(t.RBrace);
    return { kind: 'record', start: startOffset, end: this.lastEnd(), fields };
  });

  /** The states after `is`. */
  protected readonly states = this.RULE('states', (): State[] => {
    const from = this.lists.length;
    this.AT_LEAST_ONE_SEP({
      SEP: t.Pipe,
      DEF: () => {
        const name = this.CONSUME(t.Name);
        const record = this.OPTION(() => this.SUBRULE(this.record));
        this.lists.push({ start: name.startOffset, end: this.lastEnd(), name: nameOf(name), record } satisfies State);
      },
    });
    return this.lists.splice(from) as State[];
  });

  protected readonly expr = this.RULE('expr', (): Expr => {
    const { startOffset: start } = this.LA(1);
    const first = this.firstOperand();
    const firstEnd = this.lastEnd();
    let links: Link[] | undefined;
    this.MANY(() => {
      const link = this.SUBRULE(this.link);
      if (links === undefined) links = [link];
      else links.push(link);
      this.countOperator(this.LA(0));
    });
    if (links === undefined || this.RECORDING_PHASE) return first;
    return this.tree(first, start, firstEnd, links);
  });

  private tree(first: Expr, start: number, end: number, links: readonly Link[]): Expr {
    this.plain(first);
    for (const { operand } of links) if (operand !== undefined) this.plain(operand);
    return buildTree({ expr: first, start, end }, links, (where) =>
      this.problem(
        'CCS129',
        where.what === 'range'
          ? 'A range has one beginning and one end.'
          : 'Compare two values at a time and join with `&&`.',
        where,
      ),
    );
  }

  /** An operator and what stands to its right. */
  private readonly link = this.RULE('link', (): Link => this.OR(this.linkAlternatives));

  private readonly linkAlternatives = [
    { ALT: (): Link => this.binaryLink(this.CONSUME(t.Infix), this.LA(1).startOffset, this.firstOperand()) },
    { ALT: (): Link => this.binaryLink(this.CONSUME(t.Pipe), this.LA(1).startOffset, this.SUBRULE2(this.operand)) },
    {
      ALT: (): Link => {
        this.CONSUME(t.Is);
        const start = this.LA(1).startOffset;
        const states = this.SUBRULE(this.states);
        return { op: 'is', operand: undefined, states, start, end: this.lastEnd() };
      },
    },
  ];

  private binaryLink(sign: IToken, start: number, operand: Expr): Link {
    return { op: sign.image, operand, states: undefined, start, end: this.lastEnd() };
  }
}
