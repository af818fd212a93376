// The rules of the header lines that stand before the statements.

import type { IToken } from 'chevrotain';
import type { Expr, Header, Name, NumberLit, StringLit } from './ast.ts';
import { CallParser } from './calls.ts';
import { endOf, nameOf } from './expressions.ts';
import * as t from './tokens.ts';

const SIZES = ['page', 'granule', 'nodes'] as const;

export abstract class HeaderParser extends CallParser {
  protected headers: Header[] = [];
  protected scenario: StringLit | undefined;
  /** A scenario line stands there, read or damaged. */
  protected scenarioSeen = false;
  /** A statement or a block stands before: no header may follow. */
  protected statementSeen = false;

  protected readonly scenarioLine = this.RULE('scenario', (): undefined => {
    const word = this.CONSUME(t.Scenario);
    const title = this.string(this.CONSUME(t.StringToken));
    if (this.RECORDING_PHASE) return undefined;
    if (this.scenario !== undefined)
      this.problem('CCS115', 'A file has one `scenario` line, and it has one already.', spanOf(word));
    else if (this.headers.length > 0 || this.statementSeen)
      this.problem('CCS115', 'The `scenario` line is the first of the file.', spanOf(word));
    this.scenario ??= title;
    return undefined;
  });

  private add(word: IToken, header: Header): undefined {
    if (this.RECORDING_PHASE) return undefined;
    if (this.statementSeen)
      this.problem('CCS115', `A \`${word.image}\` line stands before the first statement.`, spanOf(word));
    this.headers.push(header);
    return undefined;
  }

  protected readonly stringsHeader = this.RULE('stringsHeader', (): undefined => {
    const word = this.CONSUME(t.HeaderStrings);
    const values: StringLit[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => values.push(this.string(this.CONSUME(t.StringToken))) });
    const second = values[1];
    const kind = word.image === 'link' || word.image === 'xfail' ? word.image : 'model';
    if (kind !== 'model' && second !== undefined) this.problem('CCS114', `\`${kind}\` takes one string.`, second);
    return this.add(word, { kind, start: word.startOffset, end: this.lastEnd(), values });
  });

  protected readonly namesHeader = this.RULE('namesHeader', (): undefined => {
    const word = this.CONSUME(t.HeaderNames);
    const values: Name[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => values.push(this.SUBRULE(this.platformName)) });
    const kind = word.image === 'needs' ? 'needs' : 'platform';
    return this.add(word, { kind, start: word.startOffset, end: this.lastEnd(), values });
  });

  /** A name with `-` in it, such as `sw-protected`. */
  private readonly platformName = this.RULE('platformName', (): Name => {
    const first = this.CONSUME(t.Name);
    let length = first.image.length;
    this.MANY(() => {
      const sign = this.CONSUME(t.Infix);
      this.OR(this.nameParts);
      length += sign.image.length + this.LA(0).image.length;
      if (sign.image !== '-') {
        this.problem('CCS114', `Names are separated by \`,\`, not by \`${sign.image}\`.`, spanOf(sign));
      }
    });
    const start = first.startOffset;
    const end = this.lastEnd();
    if (end - start !== length) this.problem('CCS114', 'A name has no spaces around its `-`.', { start, end });
    return { kind: 'name', start, end, text: this.text.slice(start, end) };
  });

  private readonly nameParts = [{ ALT: () => this.CONSUME2(t.Name) }, { ALT: () => this.CONSUME(t.NumberToken) }];

  protected readonly sizeHeader = this.RULE('sizeHeader', (): undefined => {
    const word = this.CONSUME(t.HeaderSize);
    const size = this.number(this.CONSUME(t.NumberToken));
    const kind = SIZES.find((name) => name === word.image) ?? 'page';
    return this.add(word, { kind, start: word.startOffset, end: size.end, size });
  });

  protected readonly memoryHeader = this.RULE('memory', (): undefined => {
    const word = this.CONSUME(t.Memory);
    const range = this.SUBRULE(this.expr);
    if (range.kind !== 'range') this.problem('CCS114', '`memory` takes a range: `memory 0x8000_0000 +: 4G`.', range);
    return this.add(word, { kind: 'memory', start: word.startOffset, end: this.lastEnd(), range });
  });

  protected readonly allowHeader = this.RULE('allow', (): undefined => {
    const word = this.CONSUME(t.Allow);
    const what = nameOf(this.CONSUME(t.Name));
    const bound = this.OPTION((): NumberLit => this.number(this.CONSUME(t.NumberToken)));
    return this.add(word, { kind: 'allow', start: word.startOffset, end: this.lastEnd(), what, bound });
  });

  protected readonly matrixHeader = this.RULE('matrix', (): undefined => {
    const word = this.CONSUME(t.Matrix);
    const name = nameOf(this.CONSUME(t.Name));
    this.CONSUME(t.Equals);
    const values: Expr[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => values.push(this.notStar(this.SUBRULE(this.expr))) });
    return this.add(word, { kind: 'matrix', start: word.startOffset, end: this.lastEnd(), name, values });
  });
}

function spanOf(token: IToken): { start: number; end: number } {
  return { start: token.startOffset, end: endOf(token) };
}
