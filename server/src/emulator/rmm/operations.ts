// The RMI commands as operations of the machine.
import type { MachineOperation, ResultForm } from '../operation.ts';
import { blamedArgument } from './blame.ts';
import { type RmiCommand, statusName } from './command.ts';
import { RMI_COMMANDS } from './commands/index.ts';
import { recEnter } from './commands/rec-enter.ts';
import { recEnterOperation } from './rec-enter-operation.ts';
import { RMI_SUCCESS, rmiCode, rmiText, STATUSES, type StatusName } from './status.ts';

const rmiForm: ResultForm = {
  names: STATUSES,
  text: rmiText,
  code: (name, arg) => (STATUSES.includes(name as StatusName) ? rmiCode(name as StatusName, arg) : undefined),
  matches: (code, name, arg) =>
    statusName(code) === name && (arg === undefined || code === rmiCode(name as StatusName, arg)),
  succeeded: (code) => code === RMI_SUCCESS,
};

const operation = (command: RmiCommand): MachineOperation => ({
  ...command,
  form: rmiForm,
  call: ({ rmm }, registers) => command.call(rmm, registers),
  readOutputs: ({ rmm }) => rmm.out.slice(0, command.outputs.length),
  refusal({ rmm }, registers) {
    const check = command.refusal(rmm, registers);
    if (check === undefined) return undefined;
    const cells = command.blame(check, rmm, registers);
    return { check, cells, argument: blamedArgument(check.id, command.params) };
  },
});

export const RMI_OPERATIONS: readonly MachineOperation[] = RMI_COMMANDS.map((command) =>
  command === recEnter ? recEnterOperation(operation(command)) : operation(command),
);
