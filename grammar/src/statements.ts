// The rules of the statements that stand on one line.

import type { ExpectStmt, IncludeStmt, InjectStmt, LetStmt, Name, ScheduleStmt, VerdictStmt } from './ast.ts';
import { nameOf } from './expressions.ts';
import { HeaderParser } from './headers.ts';
import * as t from './tokens.ts';

export abstract class StatementParser extends HeaderParser {
  protected readonly include = this.RULE('include', (): IncludeStmt => {
    const { startOffset: start } = this.CONSUME(t.Include);
    const path = this.string(this.CONSUME(t.StringToken));
    return { kind: 'include', start, end: path.end, path };
  });

  protected readonly let = this.RULE('let', (): LetStmt => {
    const { startOffset: start } = this.CONSUME(t.Let);
    const name = nameOf(this.CONSUME(t.Name));
    this.CONSUME(t.Equals);
    const value = this.notStar(this.value());
    return { kind: 'let', start, end: this.lastEnd(), name, value };
  });

  protected readonly expect = this.RULE('expect', (): ExpectStmt => {
    const { startOffset: start } = this.CONSUME(t.Expect);
    const condition = this.plain(this.SUBRULE(this.expr));
    return { kind: 'expect', start, end: this.lastEnd(), condition };
  });

  protected readonly inject = this.RULE('inject', (): InjectStmt => {
    const { startOffset: start } = this.CONSUME(t.Inject);
    const op = nameOf(this.CONSUME(t.Name));
    this.CONSUME(t.Nth);
    const nth = this.number(this.CONSUME(t.NumberToken));
    this.CONSUME(t.Equals);
    const results = this.SUBRULE(this.results);
    return { kind: 'inject', start, end: this.lastEnd(), op, nth, results };
  });

  protected readonly verdict = this.RULE('verdict', (): VerdictStmt => {
    const { startOffset: start, image } = this.CONSUME(t.Verdict);
    const condition = this.plain(this.SUBRULE(this.expr));
    const quantifier = image === 'exists' || image === 'forall' ? image : 'never';
    return { kind: 'verdict', start, end: this.lastEnd(), quantifier, condition };
  });

  protected readonly schedule = this.RULE('schedule', (): ScheduleStmt => {
    const { startOffset: start } = this.CONSUME(t.Schedule);
    const steps: Name[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => steps.push(nameOf(this.CONSUME(t.Name))) });
    return { kind: 'schedule', start, end: this.lastEnd(), steps };
  });
}
