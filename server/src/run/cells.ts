// The machine of a run and what the run itself keeps there: where it stands, variables, armed faults.
import { Machine } from '../emulator/index.ts';
import type { Program } from '../scenario/index.ts';
import type { Table } from '../store/index.ts';

/** The next power of two, so that most edits leave a table as it is. */
const room = (rows: number): number => 2 ** Math.ceil(Math.log2(Math.max(rows, 64)));

export class RunCells {
  readonly machine: Machine;
  readonly at: Table<'pc' | 'repeat' | 'step'>;
  readonly variables: Table<'value'>;
  /** Calls that an injected fault still waits for; 0 when it is spent or not armed. */
  readonly faults: Table<'waits for'>;
  /** For each invariant that the file allows to be broken, in their order, how often it was. */
  readonly breaks: Table<'times'>;
  /** Whether a call of the kernel is going on, and which `<` line the guest does next. */
  readonly kernel: Table<'active' | 'guest line'>;
  /** The `>` line that the next command is held against. */
  readonly sent: Table<'line'>;

  constructor(program: Program) {
    this.machine = new Machine(program.machine);
    const { store } = this.machine;
    this.at = store.table('run', ['pc', 'repeat', 'step'], 1);
    // An edit moves what is behind it: where a run stands is no difference to it.
    store.neverNote(this.at);
    this.variables = store.table('variable', ['value'], room(program.slots));
    this.faults = store.table('fault', ['waits for'], room(program.injections));
    this.breaks = store.table('broken invariant', ['times'], Math.max(1, program.allowed.size));
    this.kernel = store.table('kernel call', ['active', 'guest line'], 1);
    this.sent = store.table('sent down', ['line'], 1);
  }

  /** Whether they are as a program with the same head would have them. */
  fit({ slots, injections }: Program): boolean {
    return this.variables.rows === room(slots) && this.faults.rows === room(injections);
  }
}
