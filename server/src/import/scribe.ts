// Writes a scenario statement by statement, and carries each one out on a machine of its own: so it knows in which state
// the next statement will meet the machine.
import { Machine, type MachineOptions } from '../emulator/machine.ts';
import type { MachineOperation } from '../emulator/operation.ts';
import { toRegister } from '../emulator/registers.ts';
import { writeStructure } from '../emulator/rmm/structures.ts';
import { argumentText, type Given } from './value-text.ts';

const GRANULE = 4096;

/** Column where results stand, unless the call is longer. */
const RESULT_COLUMN = 56;

const COMMENT_WIDTH = 120;

/** What leads a line: a statement, a command of another PE during an entry, an action of the realm. */
export type Lead = '' | '  > ' | '  < ';

export class Scribe {
  readonly machine: Machine;
  private readonly lines: string[] = [];

  constructor(options: MachineOptions) {
    this.machine = new Machine(options);
  }

  get text(): string {
    return `${this.lines.join('\n')}\n`;
  }

  line(text: string): void {
    this.lines.push(text);
  }

  /** A comment, whatever characters it is made of, on as many lines as it needs. */
  comment(text: string, indent = ''): void {
    let line = `${indent}//`;
    for (const word of text.split(/[\s\p{Cc}]+/u)) {
      if (line.length + word.length >= COMMENT_WIDTH) {
        this.lines.push(line);
        line = `${indent}//`;
      }
      line += ` ${word}`;
    }
    this.lines.push(line);
  }

  /** A call that is written when its result is known: see `settle`. */
  reserve(): number {
    return this.lines.push('') - 1;
  }

  settle(place: number, call: string, result: string | undefined, lead: Lead = ''): void {
    const text = lead + call;
    this.lines[place] = result === undefined ? text : `${text.padEnd(RESULT_COLUMN)} = ${result}`;
  }

  /** A call with its expected result; none means that it must succeed. */
  say(call: string, result?: string, lead: Lead = ''): void {
    this.settle(this.reserve(), call, result, lead);
  }

  /** Carries a call out. Returns its result code. */
  perform(operation: MachineOperation, given: readonly Given[]): number {
    const code = operation.call(this.machine, this.registers(operation, given));
    this.machine.store.commit();
    return code;
  }

  /** Arguments as registers; a structure is written to the page that the language passes it in. */
  registers({ params }: MachineOperation, given: readonly Given[]): number[] {
    const { pages } = this.machine;
    return params.map(({ type, structure }, i) => {
      const value = given[i] ?? 0n;
      if (typeof value === 'bigint') return toRegister(value, type, pages.words);
      const page = this.structurePage;
      if (structure && this.isHostPage(page)) {
        pages.setBytes(page, writeStructure(structure, pages.contents, value));
      }
      return page;
    });
  }

  /** The page in which a scenario passes the structures that it writes as records. */
  get structurePage(): number {
    const { base, size } = this.machine.pages.dram;
    return base + size - GRANULE;
  }

  /** Whether the host can write to the page at an address. */
  isHostPage(page: number): boolean {
    const { rmm, pages } = this.machine;
    return page % GRANULE === 0 && pages.has(page) && rmm.granules.gpt(page) === 'NS';
  }
}

/** `RMI_DATA_DESTROY(0x8800_0000, 0x0)`. */
export function callText({ name, params }: MachineOperation, given: readonly Given[]): string {
  const args = params.slice(0, given.length).map((param, i) => argumentText(given[i] ?? 0n, param));
  return `${name}(${args.join(', ')})`;
}
