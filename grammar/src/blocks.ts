// The rules of the statements that hold a block, and the lines of a file: each is read on its own, damaged or not.

import { EOF, type IParserConfig, type IToken, type ParserMethod } from 'chevrotain';
import type {
  ActorStmt,
  Block,
  DefStmt,
  Expr,
  File,
  ForStmt,
  Name,
  Stmt,
  SyntaxProblem,
  Talk,
  WhenStmt,
} from './ast.ts';
import { endOf, NO_LINE, nameOf } from './expressions.ts';
import { MAX_BLOCKS, MAX_PROBLEMS } from './limits.ts';
import { lineOf, missing, salvage } from './recovery.ts';
import { StatementParser } from './statements.ts';
import * as t from './tokens.ts';

const END_OF_FILE = t.idOf(EOF);
const NEWLINE = t.idOf(t.Newline);
const BLOCK_OPEN = t.idOf(t.BlockOpen);
const BLOCK_CLOSE = t.idOf(t.BlockClose);
const BEFORE_BLOCK: ReadonlySet<number> = new Set([t.Def, t.Actor, t.For, t.When].map(t.idOf));
const SCENARIO = t.idOf(t.Scenario);

interface Read {
  readonly file: Omit<File, 'description'>;
  readonly problems: SyntaxProblem[];
  /** Every block was closed, every `}` closed one, and no line of the head stood behind a statement. */
  readonly independent: boolean;
}

export class ScenarioParser extends StatementParser {
  private depth = 0;
  /** Damaged lines that should have opened a block: as many `}` close nothing and are not to blame. */
  private blocksOwed = 0;
  private unclosedReported = false;
  private damagedBlock: Block | undefined;
  /** Every block was closed, every `}` closed one, and no line of the head stood behind a statement. */
  private independent = true;

  constructor(config: IParserConfig = {}) {
    super(config);
    this.performSelfAnalysis();
  }

  /** Reads a file laid out in lines; or, with `statementSeen`, a part of one that stands after its first statement. */
  read(text: string, tokens: IToken[], statementSeen = false): Read {
    this.begin(text, tokens);
    this.statementSeen = statementSeen;
    this.scenarioSeen = statementSeen;
    const file = this.file();
    const { problems, independent } = this;
    // The tokens of a long file are many; nothing needs them any more.
    this.begin('', []);
    return { file, problems, independent };
  }

  private begin(text: string, tokens: IToken[]): void {
    this.input = tokens;
    this.text = text;
    this.problems = [];
    this.problemLine = NO_LINE;
    this.word = undefined;
    this.headers = [];
    this.scenario = undefined;
    this.scenarioSeen = false;
    this.statementSeen = false;
    this.depth = 0;
    this.blocksOwed = 0;
    this.unclosedReported = false;
    this.damagedBlock = undefined;
    this.independent = true;
  }

  private readonly file = this.RULE('file', (): Omit<File, 'description'> => {
    const statements: Stmt[] = [];
    this.lines(statements);
    const { headers, scenario } = this;
    const [header] = headers;
    if (header !== undefined && !this.scenarioSeen) {
      const end = header.start + header.kind.length;
      this.problem('CCS115', 'A file with header lines begins with `scenario "what it shows"`.', {
        start: header.start,
        end,
      });
    }
    return { kind: 'file', start: 0, end: this.text.length, scenario, headers, statements };
  });

  /** Reads lines up to the `}` of the block they stand in, or up to the end of the file. */
  private lines(into: Stmt[]): void {
    do {
      const next = this.LA(1);
      if (!this.RECORDING_PHASE) {
        if (next.tokenTypeIdx === END_OF_FILE) return;
        if (next.tokenTypeIdx === BLOCK_CLOSE) {
          if (this.depth > 0) return;
          this.strayClose(next);
          continue;
        }
        if (this.problems.length >= MAX_PROBLEMS) {
          this.skipToEnd();
          return;
        }
      }
      const statement = this.SUBRULE(this.line);
      if (statement !== undefined) into.push(statement);
      const block = this.damagedBlock;
      if (block !== undefined) {
        // A complete statement was followed by `{`: what stands in the block still binds names.
        into.push({ kind: 'when', start: block.start, end: block.end, condition: missing(block.start), block });
        this.damagedBlock = undefined;
      }
    } while (!this.RECORDING_PHASE);
  }

  private skipToEnd(): void {
    this.independent = false;
    while (this.LA(1).tokenTypeIdx !== END_OF_FILE) this.SKIP_TOKEN();
  }

  private strayClose(close: IToken): void {
    this.independent = false;
    this.SKIP_TOKEN();
    if (this.blocksOwed > 0) this.blocksOwed--;
    else this.problem('CCS127', 'This `}` closes nothing.', { start: close.startOffset, end: endOf(close) });
    this.word = undefined;
    this.finishLine();
    if (this.LA(1).tokenTypeIdx === NEWLINE) this.SKIP_TOKEN();
  }

  private readonly line = this.RULE('line', (): Stmt | undefined => {
    const first = this.LA(1);
    this.operators = 0;
    this.lists.length = 0;
    this.word = first.tokenTypeIdx === first.tokenType.tokenTypeIdx ? undefined : first.image;
    let statement: Stmt | undefined;
    try {
      statement = this.SUBRULE(this.statement);
      this.finishLine();
    } catch (error) {
      this.report(error, first);
      statement = this.recover(first);
    }
    if (statement !== undefined) this.statementSeen = true;
    if (first.tokenTypeIdx === SCENARIO) {
      this.scenarioSeen = true;
      if (this.statementSeen) this.independent = false;
    }
    if (this.LA(1).tokenTypeIdx === NEWLINE && !this.RECORDING_PHASE) this.SKIP_TOKEN();
    return statement;
  });

  private readonly statement = this.RULE('statement', (): Stmt | undefined => this.OR(this.statementAlternatives));

  private readonly statementAlternatives: { ALT: () => Stmt | undefined }[] = [
    { ALT: () => this.SUBRULE(this.op) },
    { ALT: () => this.SUBRULE(this.expect) },
    { ALT: () => this.SUBRULE(this.let) },
    { ALT: () => this.SUBRULE(this.for) },
    { ALT: () => this.SUBRULE(this.when) },
    { ALT: () => this.SUBRULE(this.def) },
    { ALT: () => this.SUBRULE(this.actor) },
    { ALT: () => this.SUBRULE(this.include) },
    { ALT: () => this.SUBRULE(this.inject) },
    { ALT: () => this.SUBRULE(this.verdict) },
    { ALT: () => this.SUBRULE(this.schedule) },
    { ALT: () => this.SUBRULE(this.scenarioLine) },
    { ALT: () => this.SUBRULE(this.stringsHeader) },
    { ALT: () => this.SUBRULE(this.namesHeader) },
    { ALT: () => this.SUBRULE(this.sizeHeader) },
    { ALT: () => this.SUBRULE(this.memoryHeader) },
    { ALT: () => this.SUBRULE(this.allowHeader) },
    { ALT: () => this.SUBRULE(this.matrixHeader) },
  ];

  private readonly def = this.RULE('def', (): DefStmt => {
    const { startOffset: start } = this.CONSUME(t.Def);
    const name = nameOf(this.CONSUME1(t.Name));
    const params: Name[] = [];
    this.CONSUME(t.LParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => params.push(nameOf(this.CONSUME2(t.Name))) });
    this.CONSUME(t.RParen);
    const block = this.SUBRULE(this.block);
    return { kind: 'def', start, end: block.end, name, params, block };
  });

  private readonly actor = this.RULE('actor', (): ActorStmt => {
    const { startOffset: start } = this.CONSUME(t.Actor);
    const name = nameOf(this.CONSUME(t.Name));
    const block = this.SUBRULE(this.block);
    return { kind: 'actor', start, end: block.end, name, block };
  });

  private readonly for = this.RULE('for', (): ForStmt => {
    const { startOffset: start } = this.CONSUME(t.For);
    const name = nameOf(this.CONSUME(t.Name));
    this.CONSUME(t.In);
    const range = this.SUBRULE1(this.expr);
    const step = this.OPTION((): Expr => {
      this.CONSUME(t.Step);
      return this.plain(this.SUBRULE2(this.expr));
    });
    const block = this.SUBRULE(this.block);
    const head = { start, end: block.start };
    return { kind: 'for', start, end: block.end, head, name, range, step, block };
  });

  private readonly when = this.RULE('when', (): WhenStmt => {
    const { startOffset: start } = this.CONSUME(t.When);
    const condition = this.plain(this.SUBRULE(this.expr));
    const block = this.SUBRULE(this.block);
    return { kind: 'when', start, end: block.end, condition, block };
  });

  private readonly block: ParserMethod<[], Block> = this.RULE('block', (): Block => {
    const open = this.CONSUME(t.BlockOpen);
    const body: Stmt[] = [];
    this.statementSeen = true;
    this.depth++;
    if (this.depth > MAX_BLOCKS && !this.RECORDING_PHASE) {
      this.problem('CCS128', `More than ${MAX_BLOCKS} blocks stand inside one another here.`, {
        start: open.startOffset,
        end: endOf(open),
      });
      this.skipBlock();
    } else {
      if (this.LA(1).tokenTypeIdx === NEWLINE) this.SKIP_TOKEN();
      this.lines(body);
    }
    this.depth--;
    this.word = undefined;
    this.closeBlock(open);
    return { start: open.startOffset, end: this.lastEnd(), body };
  });

  private closeBlock(open: IToken): void {
    if (this.RECORDING_PHASE) return;
    if (this.LA(1).tokenTypeIdx === BLOCK_CLOSE) this.SKIP_TOKEN();
    else this.reportUnclosed(open);
  }

  private reportUnclosed(open: IToken): void {
    this.independent = false;
    if (!this.unclosedReported) {
      // One missing `}` leaves every block around it open too; the innermost is named.
      this.unclosedReported = true;
      this.problem('CCS126', 'This block is never closed with `}`.', { start: open.startOffset, end: endOf(open) });
    }
  }

  /** Skips to the `}` of the block that has just been opened. */
  private skipBlock(): void {
    for (let inside = 1; ; this.SKIP_TOKEN()) {
      const { tokenTypeIdx } = this.LA(1);
      if (tokenTypeIdx === BLOCK_OPEN) inside++;
      else if (tokenTypeIdx === BLOCK_CLOSE) inside--;
      if (inside === 0 || tokenTypeIdx === END_OF_FILE) return;
    }
  }

  /** Skips what is left of a damaged line, with the block and the conversation below it, and keeps what it still says. */
  private recover(first: IToken): Stmt | undefined {
    if (this.LA(1) === first) this.SKIP_TOKEN();
    this.damagedBlock = undefined;
    this.skipLine();
    const block = this.damagedBlock;
    this.damagedBlock = undefined;
    if (block === undefined && BEFORE_BLOCK.has(first.tokenTypeIdx)) {
      this.blocksOwed++;
      this.independent = false;
    }
    const talk: Talk[] = this.atTalk() ? this.talkLines() : [];
    return salvage(lineOf(this.input, first), block, talk);
  }

  protected override readDamagedBlock(): void {
    this.damagedBlock = this.SUBRULE(this.block);
  }
}
