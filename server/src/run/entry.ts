// Calls during which others act: how they begin, whether they are over, and what came of them.
import { type Conversation, HOST_CRASH, type MachineOperation } from '../emulator/index.ts';
import type { CallInstruction } from '../scenario/index.ts';
import type { CallOutcome, Run } from './run.ts';

type Pending = NonNullable<ReturnType<Conversation['pending']>>;

export class Entry {
  private readonly run: Run;
  /** Within one moment: the call is over, with this outcome. Between moments only cells know. */
  private over: CallOutcome | undefined;

  constructor(run: Run) {
    this.run = run;
  }

  /** After the call itself, at `pc`: what an exit before interrupted is done again first, unless the first line says it. */
  begin(outcome: CallOutcome, pc: number): 'goes on' | 'refused' | 'over' {
    const { machine } = this.run;
    const { registers, instruction } = outcome;
    const { conversation } = instruction.operation;
    this.over = outcome;
    if (outcome.injected || !conversation?.isRunning(machine, registers)) return 'refused';
    const pending = conversation.pending(machine, registers);
    if (pending && !this.repeats(pc + 1, pending)) pending.operation.call(machine, pending.registers);
    return this.isOver(instruction);
  }

  /**
   * Makes a call. One that others would act in but that is a line itself goes through at once: what is pending, then
   * an interrupt. So the REC that the lines are about stays the one that was entered last.
   */
  whole(operation: MachineOperation, registers: readonly number[], within: boolean): number {
    const { machine } = this.run;
    const code = operation.call(machine, registers);
    const { conversation } = operation;
    if (!within || !conversation || !operation.form.succeeded(code)) return code;
    const pending = conversation.isRunning(machine, registers) && conversation.pending(machine, registers);
    if (pending) pending.operation.call(machine, pending.registers);
    if (conversation.isRunning(machine, registers)) conversation.interrupt(machine, registers);
    return conversation.code(machine);
  }

  /** After a line below the call: whether it goes on. */
  isOver(instruction: CallInstruction): 'goes on' | 'over' {
    const { machine } = this.run;
    const { conversation } = instruction.operation;
    const registers = this.registers(instruction);
    this.over = undefined;
    if (!conversation || conversation.isRunning(machine, registers)) return 'goes on';
    this.over = { instruction, registers, code: conversation.code(machine), injected: undefined };
    return 'over';
  }

  /** Ends the call, by an interrupt if nothing else did. */
  end(instruction: CallInstruction): { readonly outcome: CallOutcome; readonly outputs: readonly number[] } {
    const { machine } = this.run;
    const { operation } = instruction;
    const registers = this.registers(instruction);
    // A line below it may have been the end of the host: the call does not return.
    const { isDead } = machine.linux;
    if (!this.over && !isDead) operation.conversation?.interrupt(machine, registers);
    const code = isDead ? HOST_CRASH : (operation.conversation?.code(machine) ?? 0);
    const outcome = (isDead ? undefined : this.over) ?? { instruction, registers, code, injected: undefined };
    this.over = undefined;
    return {
      outcome,
      outputs: operation.form.succeeded(outcome.code) ? operation.readOutputs(machine, registers) : [],
    };
  }

  /** Whether the line at `pc` says itself what is done again, or that nothing is. */
  private repeats(pc: number, { operation, registers }: Pending): boolean {
    const line = this.run.program.instructions[pc];
    if (line?.kind !== 'call' || !line.within?.guest) return false;
    if ('leavesUndone' in line.operation) return true;
    if (line.operation.name !== operation.name) return false;
    return this.registers(line).every((register, i) => register === registers[i]);
  }

  /** The arguments of a call whose values were there when it was made. */
  private registers(instruction: CallInstruction): readonly number[] {
    const arranged = this.run.arrange(instruction, 0);
    return 'registers' in arranged ? arranged.registers : [];
  }
}
