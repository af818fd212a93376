// The rules of what happens: calls with their results, and the conversation lines below them.

import {
  EarlyExitException,
  type IRecognitionException,
  type IToken,
  MismatchedTokenException,
  NoViableAltException,
} from 'chevrotain';
import type { Call, Expr, Name, OpStmt, Result, Results, Talk } from './ast.ts';
import { ExpressionParser, endOf, nameOf, SaidError } from './expressions.ts';
import { MAX_PROBLEMS } from './limits.ts';
import { atLineEnd, CLOSERS, explain, isTalk, leftOver, type Message, neverClosed, unreadable } from './messages.ts';
import { lineOf, missing, openBracket } from './recovery.ts';
import * as t from './tokens.ts';

const TALK_UP = t.idOf(t.TalkUp);
const BLOCK_OPEN = t.idOf(t.BlockOpen);
const NO_TALK: readonly Talk[] = [];

export abstract class CallParser extends ExpressionParser {
  /** Called where a damaged line opens a block, so that the block's own lines are still read. */
  protected abstract readDamagedBlock(): void;

  protected readonly call = this.RULE('call', (): Call => {
    const callee = this.CONSUME(t.Name);
    const args = this.SUBRULE(this.args);
    return { kind: 'call', start: callee.startOffset, end: this.lastEnd(), callee: nameOf(callee), args };
  });

  protected readonly op = this.RULE('op', (): OpStmt => {
    const start = this.LA(1).startOffset;
    const label = this.OPTION1(this.labelPart);
    const binds = this.OPTION2(this.bindPart);
    const call = this.SUBRULE(this.call);
    const results = this.OPTION3(this.resultsPart);
    const end = this.lastEnd();
    const head = { start, end };
    this.finishLine();
    if (!this.atTalk() && !this.RECORDING_PHASE)
      return { kind: 'op', start, end, head, label, binds, call, results, talk: NO_TALK };
    const talk = this.talkLines();
    return { kind: 'op', start, end: talk.at(-1)?.end ?? end, head, label, binds, call, results, talk };
  });

  private readonly labelPart = (): Name => {
    const name = nameOf(this.CONSUME(t.Label));
    this.CONSUME(t.Colon);
    return name;
  };

  private readonly bindPart = (): Name => {
    const name = nameOf(this.CONSUME(t.Binder));
    this.CONSUME(t.ColonEquals);
    return name;
  };

  private readonly resultsPart = (): Results => {
    this.CONSUME(t.Equals);
    return this.SUBRULE(this.results);
  };

  protected readonly results = this.RULE('results', (): Results => {
    const start = this.LA(1).startOffset;
    const from = this.lists.length;
    this.AT_LEAST_ONE_SEP({ SEP: t.Pipe, DEF: () => this.lists.push(this.SUBRULE(this.result)) });
    const alternatives = this.lists.splice(from) as Result[];
    const record = this.OPTION(() => this.SUBRULE(this.record));
    return { start, end: this.lastEnd(), alternatives, record };
  });

  private readonly result = this.RULE('result', (): Result => this.OR1(this.resultAlternatives));

  private readonly resultAlternatives = [
    {
      ALT: (): Result => {
        const star = this.CONSUME(t.Star);
        return { kind: 'any', start: star.startOffset, end: endOf(star) };
      },
    },
    {
      ALT: (): Result => {
        const { start, end, value } = this.number(this.CONSUME1(t.NumberToken));
        return { kind: 'value', start, end, value };
      },
    },
    {
      ALT: (): Result => {
        const name = nameOf(this.CONSUME1(t.Name));
        let arg: Expr | undefined;
        this.OPTION1(() => {
          this.CONSUME1(t.LParen);
          arg = this.plain(this.SUBRULE(this.expr));
          this.CONSUME1(t.RParen);
        });
        return { kind: 'status', start: name.start, end: this.lastEnd(), name, arg };
      },
    },
    { ALT: (): Result => this.SUBRULE(this.negative) },
  ];

  /** `-EAGAIN`, `-1`, `-1 EAGAIN`, and `-1 EAGAIN (Resource temporarily unavailable)` as strace prints it. */
  private readonly negative = this.RULE('negative', (): Result => {
    const { startOffset: start } = this.CONSUME(t.Minus);
    return this.OR([
      {
        ALT: (): Result => {
          const name = nameOf(this.CONSUME1(t.Name));
          return { kind: 'errno', start, end: name.end, name };
        },
      },
      {
        ALT: (): Result => {
          const { value } = this.number(this.CONSUME(t.NumberToken));
          const name = this.OPTION(this.straceErrno);
          if (name !== undefined) return { kind: 'errno', start, end: this.lastEnd(), name };
          return { kind: 'value', start, end: this.lastEnd(), value: typeof value === 'bigint' ? -value : 0 - value };
        },
      },
    ]);
  });

  private readonly straceErrno = (): Name => {
    const name = nameOf(this.CONSUME2(t.Name));
    this.OPTION2(() => {
      this.CONSUME(t.LParen);
      this.MANY(() => this.OR2(this.straceWords));
      this.CONSUME(t.RParen);
    });
    return name;
  };

  private readonly straceWords = [t.Name, t.Infix, t.In, t.Is, t.Step, t.Nth].map((type) => ({
    ALT: () => this.CONSUME3(type),
  }));

  protected atTalk(): boolean {
    return isTalk(this.LA(1));
  }

  /** All conversation lines that follow. */
  protected talkLines(): Talk[] {
    const talk: Talk[] = [];
    do talk.push(this.SUBRULE(this.talk));
    while (this.atTalk() && this.problems.length < MAX_PROBLEMS);
    return talk;
  }

  private readonly talk = this.RULE('talk', (): Talk => {
    const sign = this.LA(1);
    this.operators = 0;
    try {
      const talk = this.SUBRULE(this.talkBody);
      this.finishLine();
      return talk;
    } catch (error) {
      this.report(error, sign);
      this.skipLine();
      const end = this.lastEnd();
      const callee = missing(end);
      const direction = sign.tokenTypeIdx === TALK_UP ? '<' : '>';
      return {
        start: sign.startOffset,
        end,
        head: { start: end, end },
        direction,
        call: { kind: 'call', start: end, end, callee, args: [] },
        results: undefined,
      };
    }
  });

  private readonly talkBody = this.RULE('talkBody', (): Talk => {
    const { startOffset: start, tokenTypeIdx } = this.OR1(this.talkSigns);
    const direction = tokenTypeIdx === TALK_UP ? '<' : '>';
    const call = this.OR2(this.talkCalls);
    const results = this.OPTION(this.resultsPart);
    const end = this.lastEnd();
    if (call === undefined && (direction === '<' || results !== undefined)) {
      this.problem('CCS108', '`...` stands alone after `>`: it skips what is sent down.', { start, end });
    }
    return { start, end, head: { start: call?.start ?? end, end }, direction, call, results };
  });

  private readonly talkSigns = [{ ALT: () => this.CONSUME(t.TalkDown) }, { ALT: () => this.CONSUME(t.TalkUp) }];
  private readonly talkCalls = [
    { ALT: (): Call | undefined => this.SUBRULE(this.call) },
    { ALT: (): Call | undefined => this.skipped() },
  ];

  private skipped(): undefined {
    this.CONSUME(t.Ellipsis);
    return undefined;
  }

  /** Reads up to the end of the line; anything that still stands there is one problem. */
  protected finishLine(): void {
    const next = this.LA(1);
    if (this.RECORDING_PHASE || atLineEnd(next)) return;
    const { code, message } = leftOver(next, this.word);
    this.problem(code, message, { start: next.startOffset, end: endOf(next) });
    this.skipLine();
  }

  /** Skips to the end of the line, which comes at the latest where the file ends. */
  protected skipLine(): void {
    for (let next = this.LA(1); !atLineEnd(next); next = this.LA(1)) {
      if (next.tokenTypeIdx === BLOCK_OPEN) this.readDamagedBlock();
      else this.SKIP_TOKEN();
    }
  }

  /** Records what a rule found wrong in the line that begins with `first`; an error of any other kind goes on. */
  protected report(error: unknown, first: IToken): void {
    if (
      !(
        error instanceof MismatchedTokenException ||
        error instanceof NoViableAltException ||
        error instanceof EarlyExitException
      )
    )
      throw error;
    const { message, where } = this.explainError(error, first);
    this.problem(message.code, message.message, { start: where.startOffset, end: endOf(where) });
  }

  private explainError(error: IRecognitionException, first: IToken): { message: Message; where: IToken } {
    const actual = error.token;
    if (error instanceof SaidError) return { message: error.said, where: actual };
    const ended = atLineEnd(actual);
    const wrong = unreadable(actual);
    const bracket =
      wrong === undefined && (ended || CLOSERS.has(error.message)) ? openBracket(lineOf(this.input, first)) : undefined;
    if (bracket !== undefined) return { message: neverClosed(bracket), where: bracket };
    const rule = error.context.ruleStack.at(-1) ?? '';
    const message = explain({ rule, expected: error.message, actual, before: this.LA(0), word: this.word });
    return { message, where: ended && actual !== first ? this.LA(0) : actual };
  }
}
