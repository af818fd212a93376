// `>` lines: the commands that the kernel must send down, held against those that it does send, in order.

import type { FlowEvent } from '../emulator/index.ts';
import { hex } from '../emulator/index.ts';
import {
  type CallInstruction,
  isInteger,
  isPages,
  type Pattern,
  type Problem,
  type TalkLine,
} from '../scenario/index.ts';
import type { Table } from '../store/index.ts';
import { demands } from './explain.ts';
import { problemAt } from './problem-at.ts';
import type { Run } from './run.ts';

type Command = NonNullable<FlowEvent['command']>;
type SendLine = Extract<TalkLine, { kind: 'sends' }>;
type Line = SendLine | Extract<TalkLine, { kind: 'skip' }>;

/** The position after a line that was not met: the rest is not looked at. */
const GIVEN_UP = 1_000_000;

const linesOf = ({ talk }: CallInstruction): Line[] => talk.filter((line) => line.kind !== 'guest');

export class Sends {
  private readonly run: Run;
  /** The line that the next command is held against. */
  private readonly cells: Table<'line'>;

  constructor(run: Run) {
    this.run = run;
    this.cells = run.cells.sent;
  }

  begin(): void {
    this.cells.set(0, 0, 0);
  }

  /** A command went down: problems where the lines say something else. */
  sent(instruction: CallInstruction, command: Command): readonly Problem[] {
    const lines = linesOf(instruction);
    const at = this.cells.get(0, 0);
    const line = lines[at];
    if (lines.length === 0 || at === GIVEN_UP) return [];
    if (line?.kind === 'skip') {
      const wanted = lines[at + 1];
      const met = wanted?.kind === 'sends' && this.names(wanted, command) && this.returns(wanted, command);
      if (met) this.cells.set(0, 0, at + 2);
      return [];
    }
    // A realm that is entered is what the call is for; only a line that names the entry is about it.
    if (command.operation.conversation && line?.operation.name !== command.operation.name) return [];
    const text = this.text(command);
    if (line === undefined) {
      this.cells.set(0, 0, GIVEN_UP);
      return [problemAt('CCS304', instruction.site, `${text} was sent down, but no line says so`, { actual: text })];
    }
    if (!this.names(line, command)) {
      this.cells.set(0, 0, GIVEN_UP);
      const expected = line.site.file.slice(line.site.span).replace(/^>\s*/, '');
      return [problemAt('CCS304', line.site, `${text} was sent down instead`, { expected, actual: text })];
    }
    this.cells.set(0, 0, at + 1);
    return this.returns(line, command) ? [] : [this.wrongResult(line, command)];
  }

  /** The call is over: a line that was not met yet never will be. */
  end(instruction: CallInstruction): readonly Problem[] {
    const at = this.cells.get(0, 0);
    if (at === GIVEN_UP) return [];
    const left = linesOf(instruction)
      .slice(at)
      .find((line) => line.kind === 'sends');
    return left ? [problemAt('CCS304', left.site, `${left.operation.name} was never sent down like this`)] : [];
  }

  /** Whether a line names this command with these arguments; arguments that it leaves out at the end may be anything. */
  private names({ operation, args }: SendLine, command: Command): boolean {
    if (operation.name !== command.operation.name) return false;
    return args.every((pattern, i) => this.fits(pattern, command.registers[i] ?? 0));
  }

  private fits(pattern: Pattern, register: number): boolean {
    if (pattern === 'any') return true;
    const value = this.run.evaluate(pattern);
    if (isPages(value)) return value.pages.length === 1 && value.pages[0] === register;
    return isInteger(value) && Number(value) === register;
  }

  private returns({ expected }: SendLine, command: Command): boolean {
    return expected === undefined || this.satisfies(expected, command);
  }

  private satisfies(expected: NonNullable<SendLine['expected']>, { operation, registers, code }: Command): boolean {
    return demands(this.run, { instruction: { operation, expected }, registers, code, injected: undefined });
  }

  private wrongResult(line: SendLine, command: Command): Problem {
    const actual = this.run.resultText(command.operation, command.code);
    const message = `${command.operation.name} returned ${actual}`;
    return problemAt('CCS301', line.site, message, { expected: line.expected?.text ?? 'success', actual });
  }

  private text({ operation, registers, code }: Command): string {
    return `${operation.name}(${registers.map((register) => hex(register)).join(', ')}) = ${this.run.resultText(operation, code)}`;
  }
}
